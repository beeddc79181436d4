import type { Comment, PullRequest, Reaction, Review, ReviewComment } from "../world/entities.ts";
import { findIssue, read, select, type World } from "../world/index.ts";
import { shapeAccountOrNull, shapeApp } from "./accounts.ts";
import { nodeId, type Shape } from "./node-id.ts";
import { shapeAssociation, shapeNoReactions } from "./pull-requests.ts";
import { repositoryPage, repositoryUrl } from "./repositories.ts";

export function shapeComment(world: World, comment: Comment): Shape {
  const repository = { id: comment.repositoryId };
  const url = `${repositoryUrl(world, repository)}/issues/comments/${comment.id}`;
  const issue = findIssue(world, repository, comment.number);
  const kind = issue !== undefined && "headSha" in issue ? "pull" : "issues";
  const app = comment.appId === undefined ? undefined : world.apps.get(comment.appId);
  return {
    url,
    html_url: `${repositoryPage(world, repository)}/${kind}/${comment.number}#issuecomment-${comment.id}`,
    issue_url: `${repositoryUrl(world, repository)}/issues/${comment.number}`,
    id: comment.id,
    node_id: nodeId("IC", comment.id),
    user: shapeAccountOrNull(world, comment.authorId),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    body: comment.body,
    author_association: shapeAssociation(world, repository, { id: comment.authorId }),
    reactions: shapeReactions(world, comment, `${url}/reactions`),
    performed_via_github_app: app === undefined ? null : shapeApp(world, app),
  };
}

function shapeReactions(world: World, comment: Comment, url: string): Shape {
  const counts: Record<string, unknown> = { ...shapeNoReactions(url) };
  const reactions = select(world, "reactions", (one) => one.commentId === comment.id);
  for (const { content } of reactions) counts[content] = Number(counts[content]) + 1;
  return { ...counts, total_count: reactions.length };
}

export function shapeReaction(world: World, reaction: Reaction): Shape {
  return {
    id: reaction.id,
    node_id: nodeId("REA", reaction.id),
    user: shapeAccountOrNull(world, reaction.userId),
    content: reaction.content,
    created_at: reaction.createdAt,
  };
}

export function shapeReview(world: World, review: Review): Shape {
  const pullRequest = read(world, "pullRequests", { id: review.pullRequestId });
  const { url, page } = addressesOf(world, pullRequest);
  const html = `${page}#pullrequestreview-${review.id}`;
  return {
    id: review.id,
    node_id: nodeId("PRR", review.id),
    user: shapeAccountOrNull(world, review.authorId),
    body: review.body,
    state: review.state,
    html_url: html,
    pull_request_url: url,
    author_association: shapeAssociation(world, { id: pullRequest.repositoryId }, { id: review.authorId }),
    _links: { html: { href: html }, pull_request: { href: url } },
    submitted_at: review.submittedAt,
    commit_id: review.commitSha,
  };
}

export function shapeReviewComment(world: World, comment: ReviewComment): Shape {
  const pullRequest = read(world, "pullRequests", { id: comment.pullRequestId });
  const { url, page } = addressesOf(world, pullRequest);
  const own = `${repositoryUrl(world, { id: pullRequest.repositoryId })}/pulls/comments/${comment.id}`;
  const html = `${page}#discussion_r${comment.id}`;
  const isOutdated = comment.subject === "line" && comment.commitSha !== pullRequest.headSha;
  return {
    url: own,
    pull_request_review_id: comment.reviewId,
    id: comment.id,
    node_id: nodeId("PRRC", comment.id),
    diff_hunk: comment.diffHunk,
    path: comment.path,
    commit_id: comment.commitSha,
    original_commit_id: comment.commitSha,
    user: shapeAccountOrNull(world, comment.authorId),
    body: comment.body,
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    html_url: html,
    pull_request_url: url,
    author_association: shapeAssociation(world, { id: pullRequest.repositoryId }, { id: comment.authorId }),
    _links: { self: { href: own }, html: { href: html }, pull_request: { href: url } },
    reactions: shapeNoReactions(`${own}/reactions`),
    subject_type: comment.subject,
    ...(comment.inReplyToId === undefined ? {} : { in_reply_to_id: comment.inReplyToId }),
    ...shapePlace(comment, isOutdated),
  };
}

/** A line that moved on with a newer head is gone, and `original_*` keeps where it was. */
function shapePlace(comment: ReviewComment, isOutdated: boolean): Shape {
  const { line } = comment;
  const start = comment.startLine ?? null;
  return {
    ...(isOutdated || line === undefined ? {} : { line }),
    start_line: isOutdated ? null : start,
    original_line: line ?? 1,
    original_start_line: start,
    side: comment.side,
    start_side: start === null ? null : comment.side,
    ...(isOutdated ? {} : { position: 1 }),
    original_position: 1,
  };
}

function addressesOf(world: World, { repositoryId, number }: PullRequest): { url: string; page: string } {
  return {
    url: `${repositoryUrl(world, { id: repositoryId })}/pulls/${number}`,
    page: `${repositoryPage(world, { id: repositoryId })}/pull/${number}`,
  };
}
