import type { Ref, Review, ReviewComment, ReviewThread } from "./entities.ts";
import { change, emit, insert, now, read, remove, select, type World } from "./store.ts";

export interface NewReviewComment {
  readonly path: string;
  readonly body: string;
  /** Undefined for a comment on the whole file. */
  readonly line?: number | undefined;
  readonly startLine?: number | undefined;
  readonly side?: "LEFT" | "RIGHT" | undefined;
  readonly diffHunk?: string | undefined;
}

/** Submits a review with its comments, each of which begins a thread. Lines are not looked at here. */
export function submitReview(
  world: World,
  actor: Ref,
  pullRequest: Ref,
  review: {
    readonly state: Exclude<Review["state"], "DISMISSED">;
    readonly body?: string;
    /** The head unless told otherwise. */
    readonly commitSha?: string;
    readonly comments?: readonly NewReviewComment[];
  },
): Review {
  const submitted = insert(world, "reviews", {
    pullRequestId: pullRequest.id,
    authorId: actor.id,
    body: review.body ?? "",
    state: review.state,
    commitSha: review.commitSha ?? read(world, "pullRequests", pullRequest).headSha,
    submittedAt: now(world),
  });
  const comments = (review.comments ?? []).map((comment) => insertComment(world, submitted, comment));
  emit(world, actor, { kind: "pull_request_review", action: "submitted", reviewId: submitted.id });
  for (const comment of comments) tell(world, actor, "created", comment);
  return submitted;
}

/** A single comment is a review of its own on GitHub too. */
export function addReviewComment(
  world: World,
  actor: Ref,
  pullRequest: Ref,
  comment: NewReviewComment & { readonly commitSha?: string },
): ReviewComment {
  const { commitSha = read(world, "pullRequests", pullRequest).headSha } = comment;
  const review = submitReview(world, actor, pullRequest, { state: "COMMENTED", commitSha, comments: [comment] });
  const [kept] = commentsOfReview(world, review);
  if (kept === undefined) throw new Error("the review has no comment");
  return kept;
}

function insertComment(world: World, review: Review, comment: NewReviewComment): ReviewComment {
  const { pullRequestId } = review;
  const thread = insert(world, "reviewThreads", { pullRequestId, isResolved: false, resolvedById: undefined });
  const at = now(world);
  return insert(world, "reviewComments", {
    reviewId: review.id,
    pullRequestId,
    threadId: thread.id,
    authorId: review.authorId,
    path: comment.path,
    subject: comment.line === undefined ? "file" : "line",
    line: comment.line,
    startLine: comment.startLine,
    side: comment.side ?? "RIGHT",
    commitSha: review.commitSha,
    diffHunk: comment.diffHunk ?? "",
    body: comment.body,
    inReplyToId: undefined,
    createdAt: at,
    updatedAt: at,
  });
}

/** Answers in the thread that a comment began. */
export function replyToReviewComment(world: World, actor: Ref, to: Ref, body: string): ReviewComment {
  const first = read(world, "reviewComments", to);
  const review = submitReview(world, actor, { id: first.pullRequestId }, { state: "COMMENTED" });
  const at = now(world);
  const reply = insert(world, "reviewComments", {
    ...first,
    reviewId: review.id,
    authorId: actor.id,
    body,
    inReplyToId: first.inReplyToId ?? first.id,
    createdAt: at,
    updatedAt: at,
  });
  tell(world, actor, "created", reply);
  return reply;
}

export function editReviewComment(world: World, actor: Ref, comment: Ref, body: string): ReviewComment {
  const edited = change(world, "reviewComments", comment, { body, updatedAt: now(world) });
  tell(world, actor, "edited", edited);
  return edited;
}

export function deleteReviewComment(world: World, actor: Ref, comment: Ref): void {
  const gone = read(world, "reviewComments", comment);
  remove(world, "reviewComments", comment);
  tell(world, actor, "deleted", gone);
}

export function dismissReview(world: World, actor: Ref, review: Ref): Review {
  const dismissed = change(world, "reviews", review, { state: "DISMISSED" });
  emit(world, actor, { kind: "pull_request_review", action: "dismissed", reviewId: review.id });
  return dismissed;
}

/** "Resolve conversation" and its opposite. */
export function setResolved(world: World, actor: Ref, thread: Ref, isResolved: boolean): ReviewThread {
  const resolvedById = isResolved ? actor.id : undefined;
  const changed = change(world, "reviewThreads", thread, { isResolved, resolvedById });
  const action = isResolved ? "resolved" : "unresolved";
  emit(world, actor, { kind: "pull_request_review_thread", action, threadId: thread.id });
  return changed;
}

export function commentsOfReview(world: World, review: Ref): ReviewComment[] {
  return select(world, "reviewComments", (one) => one.reviewId === review.id);
}

/** Oldest first. */
export function listReviewComments(world: World, pullRequest: Ref): ReviewComment[] {
  return select(world, "reviewComments", (one) => one.pullRequestId === pullRequest.id);
}

export function listThreads(world: World, pullRequest: Ref): ReviewThread[] {
  return select(world, "reviewThreads", (one) => one.pullRequestId === pullRequest.id);
}

function tell(world: World, actor: Ref, action: "created" | "edited" | "deleted", comment: ReviewComment): void {
  emit(world, actor, { kind: "pull_request_review_comment", action, comment });
}
