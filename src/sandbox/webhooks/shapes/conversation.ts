import type {
  Comment,
  Issue,
  PullRequest,
  Repository,
  Review,
  ReviewComment,
  ReviewThread,
} from "../../world/entities.ts";
import { fullName } from "../../world/repositories.ts";
import { read, select, type World } from "../../world/store.ts";
import { describeAccount, describeApp } from "./account.ts";
import { nodeId, type Json } from "./json.ts";
import { describeLabels } from "./label.ts";
import { associationOf, countComments } from "./pull-request.ts";

/** An issue; a pull request is one too, with a link to itself. */
export function describeIssue(world: World, issue: Issue | PullRequest): Json {
  const repository = read(world, "repositories", { id: issue.repositoryId });
  const full = fullName(world, repository);
  const api = `${world.addresses.api}/repos/${full}`;
  const url = `${api}/issues/${issue.number}`;
  const html = `${world.addresses.web}/${full}/${"headSha" in issue ? "pull" : "issues"}/${issue.number}`;
  return {
    url,
    repository_url: api,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    timeline_url: `${url}/timeline`,
    html_url: html,
    id: issue.id,
    node_id: nodeId("headSha" in issue ? "PR" : "I", issue.id),
    number: issue.number,
    title: issue.title,
    user: describeAccount(world, issue.authorId),
    labels: describeLabels(world, issue),
    state: issue.state,
    state_reason: null,
    locked: issue.isLocked,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: countComments(world, issue),
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt ?? null,
    author_association: associationOf(world, repository, issue.authorId),
    active_lock_reason: null,
    body: issue.body ?? null,
    reactions: describeReactions(world, [], url),
    performed_via_github_app: null,
    ...("headSha" in issue ? { draft: issue.isDraft, pull_request: describeLinks(issue, api, html) } : {}),
  };
}

function describeLinks(pullRequest: PullRequest, api: string, html: string): Json {
  return {
    url: `${api}/pulls/${pullRequest.number}`,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    merged_at: pullRequest.mergedAt ?? null,
  };
}

export function describeComment(world: World, comment: Comment, issue: Issue): Json {
  const repository = read(world, "repositories", { id: comment.repositoryId });
  const full = fullName(world, repository);
  const api = `${world.addresses.api}/repos/${full}/issues`;
  const app = world.apps.get(comment.appId ?? 0);
  const page = "headSha" in issue ? "pull" : "issues";
  const url = `${api}/comments/${comment.id}`;
  return {
    url,
    html_url: `${world.addresses.web}/${full}/${page}/${comment.number}#issuecomment-${comment.id}`,
    issue_url: `${api}/${comment.number}`,
    id: comment.id,
    node_id: nodeId("IC", comment.id),
    user: describeAccount(world, comment.authorId),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: associationOf(world, repository, comment.authorId),
    body: comment.body,
    reactions: describeReactions(
      world,
      select(world, "reactions", (one) => one.commentId === comment.id).map(({ content }) => content),
      url,
    ),
    performed_via_github_app: app === undefined ? null : describeApp(world, app),
  };
}

const REACTIONS = ["+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"] as const;

function describeReactions(_world: World, contents: readonly string[], url: string): Json {
  const counts = REACTIONS.map((name) => [name, contents.filter((content) => content === name).length] as const);
  return { url: `${url}/reactions`, total_count: contents.length, ...Object.fromEntries(counts) };
}

export function describeReview(world: World, review: Review, pullRequest: PullRequest): Json {
  const { api, html, repository } = pullRequestAddresses(world, pullRequest);
  const url = `${html}#pullrequestreview-${review.id}`;
  return {
    id: review.id,
    node_id: nodeId("PRR", review.id),
    user: describeAccount(world, review.authorId),
    body: review.body === "" ? null : review.body,
    commit_id: review.commitSha,
    submitted_at: review.submittedAt,
    updated_at: review.submittedAt,
    state: review.state.toLowerCase(),
    html_url: url,
    pull_request_url: api,
    author_association: associationOf(world, repository, review.authorId),
    _links: { html: { href: url }, pull_request: { href: api } },
  };
}

export function describeThread(world: World, thread: ReviewThread, pullRequest: PullRequest): Json {
  const comments = select(world, "reviewComments", (one) => one.threadId === thread.id);
  return {
    node_id: nodeId("PRRT", thread.id),
    comments: comments.map((comment) => describeReviewComment(world, comment, pullRequest)),
  };
}

export function describeReviewComment(world: World, comment: ReviewComment, pullRequest: PullRequest): Json {
  const { api, html, repository } = pullRequestAddresses(world, pullRequest);
  const url = `${api.slice(0, api.lastIndexOf("/"))}/comments/${comment.id}`;
  const page = `${html}#discussion_r${comment.id}`;
  return {
    url,
    pull_request_review_id: comment.reviewId,
    id: comment.id,
    node_id: nodeId("PRRC", comment.id),
    diff_hunk: comment.diffHunk,
    path: comment.path,
    commit_id: comment.commitSha,
    original_commit_id: comment.commitSha,
    user: describeAccount(world, comment.authorId),
    body: comment.body,
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    html_url: page,
    pull_request_url: api,
    author_association: associationOf(world, repository, comment.authorId),
    _links: { self: { href: url }, html: { href: page }, pull_request: { href: api } },
    reactions: describeReactions(world, [], url),
    ...describeLines(comment),
    ...(comment.inReplyToId === undefined ? {} : { in_reply_to_id: comment.inReplyToId }),
  };
}

function describeLines({ startLine, line, side, subject }: ReviewComment): Json {
  const start = startLine ?? null;
  return {
    start_line: start,
    original_start_line: start,
    start_side: start === null ? null : side,
    line: line ?? null,
    original_line: line ?? 1,
    side,
    position: line ?? null,
    original_position: line ?? 1,
    subject_type: subject,
  };
}

function pullRequestAddresses(
  world: World,
  { repositoryId, number }: PullRequest,
): { readonly api: string; readonly html: string; readonly repository: Repository } {
  const repository = read(world, "repositories", { id: repositoryId });
  const full = fullName(world, repository);
  const { web, api } = world.addresses;
  return { repository, api: `${api}/repos/${full}/pulls/${number}`, html: `${web}/${full}/pull/${number}` };
}
