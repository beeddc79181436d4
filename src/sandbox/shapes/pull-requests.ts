import type { Issue, Label, PullRequest, Ref } from "../world/entities.ts";
import {
  knownMergeability,
  labelsOf,
  listComments,
  listReviewComments,
  read,
  roleOf,
  type World,
} from "../world/index.ts";
import { shapeAccount, shapeAccountOrNull } from "./accounts.ts";
import { nodeId, type Shape } from "./node-id.ts";
import { repositoryPage, repositoryUrl, shapeRepository } from "./repositories.ts";

/** What git has to be asked for; lists do not have it. */
export interface PullRequestCounts {
  readonly commits: number;
  readonly additions: number;
  readonly deletions: number;
  readonly changedFiles: number;
}

/** A pull request as lists have it. */
export function shapeSimplePullRequest(world: World, pullRequest: PullRequest): Shape {
  const repository = { id: pullRequest.repositoryId };
  return {
    ...shapeAddresses(world, pullRequest),
    id: pullRequest.id,
    node_id: nodeId("PR", pullRequest.id),
    number: pullRequest.number,
    state: pullRequest.state,
    locked: pullRequest.isLocked,
    title: pullRequest.title,
    user: shapeAccount(world, { id: pullRequest.authorId }),
    body: pullRequest.body ?? null,
    created_at: pullRequest.createdAt,
    updated_at: pullRequest.updatedAt,
    closed_at: pullRequest.closedAt ?? null,
    merged_at: pullRequest.mergedAt ?? null,
    merge_commit_sha: mergeCommitOf(world, pullRequest),
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: labelsOf(world, pullRequest).map((label) => shapeLabel(world, label)),
    milestone: null,
    draft: pullRequest.isDraft,
    head: shapeEnd(world, pullRequest.headRepositoryId, pullRequest.headRef, pullRequest.headSha),
    base: shapeEnd(world, pullRequest.repositoryId, pullRequest.baseRef, pullRequest.baseSha),
    author_association: shapeAssociation(world, repository, { id: pullRequest.authorId }),
    auto_merge: null,
    active_lock_reason: null,
  };
}

/** Null until it was computed; after the merge it is what stands on the base. */
function mergeCommitOf(world: World, pullRequest: PullRequest): string | null {
  return pullRequest.mergeCommitSha ?? knownMergeability(world, pullRequest)?.commit ?? null;
}

function shapeAddresses(world: World, { repositoryId, number, headSha }: PullRequest): Shape {
  const url = repositoryUrl(world, { id: repositoryId });
  const own = `${url}/pulls/${number}`;
  const issue = `${url}/issues/${number}`;
  const page = `${repositoryPage(world, { id: repositoryId })}/pull/${number}`;
  const links = {
    self: own,
    html: page,
    issue,
    comments: `${issue}/comments`,
    review_comments: `${own}/comments`,
    review_comment: `${url}/pulls/comments{/number}`,
    commits: `${own}/commits`,
    statuses: `${url}/statuses/${headSha}`,
  };
  return {
    url: own,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issue,
    commits_url: links.commits,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    comments_url: links.comments,
    statuses_url: links.statuses,
    _links: Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
  };
}

function shapeEnd(world: World, repositoryId: number | undefined, ref: string, sha: string): Shape {
  const repository = repositoryId === undefined ? undefined : world.repositories.get(repositoryId);
  if (repository === undefined) return { label: `unknown repository:${ref}`, ref, sha, user: null, repo: null };
  const owner = read(world, "accounts", { id: repository.ownerId });
  return {
    label: `${owner.login}:${ref}`,
    ref,
    sha,
    user: shapeAccount(world, owner),
    repo: shapeRepository(world, repository),
  };
}

/** A pull request as it is got alone, and as webhooks hold it. */
export function shapePullRequest(world: World, pullRequest: PullRequest, counts: PullRequestCounts): Shape {
  const repository = { id: pullRequest.repositoryId };
  const known = knownMergeability(world, pullRequest);
  const isOpen = pullRequest.state === "open";
  return {
    ...shapeSimplePullRequest(world, pullRequest),
    merged: pullRequest.mergedAt !== undefined,
    mergeable: isOpen ? (known?.isClean ?? null) : null,
    rebaseable: isOpen ? (known?.isClean ?? null) : null,
    mergeable_state: !isOpen || known === undefined ? "unknown" : known.isClean ? "clean" : "dirty",
    merged_by: shapeAccountOrNull(world, pullRequest.mergedById),
    comments: listComments(world, repository, pullRequest.number).length,
    review_comments: listReviewComments(world, pullRequest).length,
    maintainer_can_modify: false,
    commits: counts.commits,
    additions: counts.additions,
    deletions: counts.deletions,
    changed_files: counts.changedFiles,
  };
}

/** A pull request, or a plain issue, as the issues API shows it. */
export function shapeIssue(world: World, issue: Issue | PullRequest): Shape {
  const url = repositoryUrl(world, { id: issue.repositoryId });
  const page = repositoryPage(world, { id: issue.repositoryId });
  const own = `${url}/issues/${issue.number}`;
  const isPull = "headSha" in issue;
  return {
    url: own,
    repository_url: url,
    labels_url: `${own}/labels{/name}`,
    comments_url: `${own}/comments`,
    events_url: `${own}/events`,
    html_url: `${page}/${isPull ? "pull" : "issues"}/${issue.number}`,
    id: issue.id,
    node_id: nodeId(isPull ? "PR" : "I", issue.id),
    number: issue.number,
    title: issue.title,
    user: shapeAccount(world, { id: issue.authorId }),
    labels: labelsOf(world, issue).map((label) => shapeLabel(world, label)),
    state: issue.state,
    locked: issue.isLocked,
    active_lock_reason: null,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: listComments(world, { id: issue.repositoryId }, issue.number).length,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt ?? null,
    author_association: shapeAssociation(world, { id: issue.repositoryId }, { id: issue.authorId }),
    body: issue.body ?? null,
    reactions: shapeNoReactions(`${own}/reactions`),
    performed_via_github_app: null,
    ...(isPull ? shapePullLinks(world, issue) : {}),
  };
}

function shapePullLinks(world: World, pullRequest: PullRequest): Shape {
  const { url, html_url, diff_url, patch_url } = shapeAddresses(world, pullRequest);
  const merged_at = pullRequest.mergedAt ?? null;
  return { draft: pullRequest.isDraft, pull_request: { url, html_url, diff_url, patch_url, merged_at } };
}

export function shapeNoReactions(url: string): Shape {
  return {
    url,
    total_count: 0,
    "+1": 0,
    "-1": 0,
    laugh: 0,
    hooray: 0,
    confused: 0,
    heart: 0,
    rocket: 0,
    eyes: 0,
  };
}

export function shapeLabel(world: World, label: Label): Shape {
  return {
    id: label.id,
    node_id: nodeId("LA", label.id),
    url: `${repositoryUrl(world, { id: label.repositoryId })}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    description: label.description,
    color: label.color,
    default: false,
  };
}

/** How somebody stands to a repository. It says less than a role does. */
export function shapeAssociation(world: World, repository: Ref, user: Ref): string {
  const { ownerId, collaborators } = read(world, "repositories", repository);
  if (ownerId === user.id) return "OWNER";
  if (read(world, "accounts", { id: ownerId }).members.has(user.id)) return "MEMBER";
  if (collaborators.has(user.id)) return "COLLABORATOR";
  return roleOf(world, repository, user) === "none" ? "NONE" : "CONTRIBUTOR";
}
