import type { Issue, PullRequest, Repository } from "../../world/entities.ts";
import { knownMergeability } from "../../world/merges.ts";
import { fullName } from "../../world/repositories.ts";
import { read, type World } from "../../world/store.ts";
import { describeAccount } from "./account.ts";
import { nodeId, type Json } from "./json.ts";
import { describeLabels } from "./label.ts";
import { describeRepository } from "./repository.ts";

/** A pull request as all its events but reviews have it: with counts. They are not made from git for each event. */
export function describePullRequest(world: World, pullRequest: PullRequest): Json {
  const known = knownMergeability(world, pullRequest);
  const isMerged = pullRequest.mergedAt !== undefined;
  return {
    ...describeForReview(world, pullRequest),
    merged: isMerged,
    mergeable: isMerged ? null : (known?.isClean ?? null),
    rebaseable: isMerged ? null : (known?.isClean ?? null),
    mergeable_state: known === undefined || isMerged ? "unknown" : known.isClean ? "clean" : "dirty",
    merged_by: describeAccount(world, pullRequest.mergedById),
    comments: countComments(world, pullRequest),
    review_comments: [...world.reviewComments.values()].filter((one) => one.pullRequestId === pullRequest.id).length,
    maintainer_can_modify: false,
    commits: 1,
    additions: 0,
    deletions: 0,
    changed_files: 0,
  };
}

/** A pull request as events of its reviews have it. */
export function describeForReview(world: World, pullRequest: PullRequest): Json {
  const repository = read(world, "repositories", { id: pullRequest.repositoryId });
  const known = knownMergeability(world, pullRequest);
  return {
    ...describeAddresses(world, repository, pullRequest),
    id: pullRequest.id,
    node_id: nodeId("PR", pullRequest.id),
    number: pullRequest.number,
    state: pullRequest.state,
    locked: pullRequest.isLocked,
    title: pullRequest.title,
    user: describeAccount(world, pullRequest.authorId),
    body: pullRequest.body ?? null,
    created_at: pullRequest.createdAt,
    updated_at: pullRequest.updatedAt,
    closed_at: pullRequest.closedAt ?? null,
    merged_at: pullRequest.mergedAt ?? null,
    merge_commit_sha: pullRequest.mergeCommitSha ?? known?.commit ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: describeLabels(world, pullRequest),
    milestone: null,
    draft: pullRequest.isDraft,
    head: describeSide(world, pullRequest.headRepositoryId, pullRequest.headRef, pullRequest.headSha),
    base: describeSide(world, pullRequest.repositoryId, pullRequest.baseRef, pullRequest.baseSha),
    author_association: associationOf(world, repository, pullRequest.authorId),
    auto_merge: null,
    active_lock_reason: null,
  };
}

/** One side of a pull request, as checks name it. */
export function describeBriefSide(world: World, repositoryId: number, ref: string, sha: string): Json {
  const repository = read(world, "repositories", { id: repositoryId });
  const url = `${world.addresses.api}/repos/${fullName(world, repository)}`;
  return { ref, sha, repo: { id: repositoryId, url, name: repository.name } };
}

function describeSide(world: World, repositoryId: number | undefined, ref: string, sha: string): Json {
  const repository = world.repositories.get(repositoryId ?? 0);
  const owner = world.accounts.get(repository?.ownerId ?? 0);
  return {
    label: owner === undefined ? `unknown repository:${ref}` : `${owner.login}:${ref}`,
    ref,
    sha,
    user: describeAccount(world, owner?.id),
    repo: repository === undefined ? null : describeSideRepository(world, repository),
  };
}

function describeSideRepository(world: World, repository: Repository): Json {
  return {
    ...describeRepository(world, repository),
    allow_squash_merge: true,
    allow_merge_commit: true,
    allow_rebase_merge: true,
    allow_auto_merge: false,
    delete_branch_on_merge: false,
    allow_update_branch: false,
  };
}

function describeAddresses(world: World, repository: Repository, { number, headSha }: PullRequest): Json {
  const full = fullName(world, repository);
  const api = `${world.addresses.api}/repos/${full}`;
  const html = `${world.addresses.web}/${full}/pull/${number}`;
  const url = `${api}/pulls/${number}`;
  const issue = `${api}/issues/${number}`;
  const parts = {
    comments: `${issue}/comments`,
    commits: `${url}/commits`,
    statuses: `${api}/statuses/${headSha}`,
    review_comments: `${url}/comments`,
    review_comment: `${api}/pulls/comments{/number}`,
  };
  const links = { self: url, html, issue, ...parts };
  return {
    url,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    ...Object.fromEntries(Object.entries(parts).map(([name, address]) => [`${name}_url`, address])),
    _links: Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
  };
}

export function countComments(world: World, { repositoryId, number }: Issue): number {
  return [...world.comments.values()].filter((one) => one.repositoryId === repositoryId && one.number === number)
    .length;
}

/** What somebody is to a repository, as GitHub shows it; no measure of what they may do. */
export function associationOf(world: World, repository: Repository, userId: number): string {
  if (repository.ownerId === userId) return "OWNER";
  if (world.accounts.get(repository.ownerId)?.members.has(userId) === true) return "MEMBER";
  return repository.collaborators.has(userId) ? "COLLABORATOR" : "NONE";
}
