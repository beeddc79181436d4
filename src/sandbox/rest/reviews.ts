import { readRef } from "../git/index.ts";
import { forbidden, invalid, notFound, Refusal, type Answer } from "../http/answer.ts";
import {
  actorOf,
  listOf,
  numberOf,
  pullRequestOf,
  repositoryOf,
  textOf,
  type Call,
  type Handlers,
} from "../http/call.ts";
import { listAnswer } from "../http/pages.ts";
import { shapeReaction, shapeReview, shapeReviewComment } from "../shapes/index.ts";
import type { PullRequest, Review, ReviewComment } from "../world/entities.ts";
import {
  addReaction,
  addReviewComment,
  commentsOfReview,
  deleteReviewComment,
  editReviewComment,
  listReviewComments,
  read,
  replyToReviewComment,
  select,
  submitReview,
  type NewReviewComment,
} from "../world/index.ts";
import { bodyOf, sinceAsked } from "./conversations.ts";
import { readHunks } from "./hunks.ts";
import { changedFiles } from "./pulls.ts";

export const reviewHandlers: Handlers = {
  "pulls/create-review": createReview,
  "pulls/list-reviews": (call) => {
    const { id } = pullRequestOf(call, repositoryOf(call));
    const reviews = select(call.world, "reviews", (one) => one.pullRequestId === id);
    return listAnswer(call, reviews, (one) => shapeReview(call.world, one));
  },
  "pulls/get-review": (call) => ({ status: 200, body: shapeReview(call.world, reviewOf(call)) }),
  "pulls/list-comments-for-review": (call) => {
    const comments = commentsOfReview(call.world, reviewOf(call));
    // This list alone has to say that there is no position any more.
    return listAnswer(call, comments, (one) => ({ position: null, ...shapeReviewComment(call.world, one) }));
  },
  "pulls/list-review-comments": (call) => {
    const comments = listReviewComments(call.world, pullRequestOf(call, repositoryOf(call)));
    return listAnswer(call, comments, (one) => shapeReviewComment(call.world, one));
  },
  "pulls/list-review-comments-for-repo": (call) => {
    const { id } = repositoryOf(call);
    const found = select(call.world, "reviewComments", ({ pullRequestId }) => {
      return read(call.world, "pullRequests", { id: pullRequestId }).repositoryId === id;
    });
    return listAnswer(call, sinceAsked(call, found), (one) => shapeReviewComment(call.world, one));
  },
  "pulls/create-review-comment": async (call) => {
    const pullRequest = pullRequestOf(call, repositoryOf(call));
    const isFile = textOf(call.body, "subject_type") === "file";
    const [comment] = await placeComments(call, pullRequest, [call.body], isFile).catch(explainPlace);
    if (comment === undefined) throw invalid("PullRequestReviewComment", "line", "missing_field");
    const commitSha = await commitOf(call, pullRequest);
    const kept = addReviewComment(call.world, actorOf(call), pullRequest, { ...comment, commitSha });
    return { status: 201, body: shapeReviewComment(call.world, kept) };
  },
  "pulls/get-review-comment": (call) => ({ status: 200, body: shapeReviewComment(call.world, commentOf(call)) }),
  "pulls/update-review-comment": (call) => {
    const comment = ownCommentOf(call);
    const edited = editReviewComment(call.world, actorOf(call), comment, bodyOf(call));
    return { status: 200, body: shapeReviewComment(call.world, edited) };
  },
  "pulls/delete-review-comment": (call) => {
    deleteReviewComment(call.world, actorOf(call), ownCommentOf(call));
    return { status: 204 };
  },
  "reactions/create-for-pull-request-review-comment": (call) => {
    const content = textOf(call.body, "content") ?? "";
    const { reaction, isNew } = addReaction(call.world, actorOf(call), commentOf(call), content);
    return { status: isNew ? 201 : 200, body: shapeReaction(call.world, reaction) };
  },
  "pulls/create-reply-for-review-comment": (call) => {
    const reply = replyToReviewComment(call.world, actorOf(call), commentOf(call), bodyOf(call));
    return { status: 201, body: shapeReviewComment(call.world, reply) };
  },
};

const STATES = { APPROVE: "APPROVED", REQUEST_CHANGES: "CHANGES_REQUESTED", COMMENT: "COMMENTED" } as const;

async function createReview(call: Call): Promise<Answer> {
  const pullRequest = pullRequestOf(call, repositoryOf(call));
  const actor = actorOf(call);
  const event = textOf(call.body, "event");
  if (event === undefined || !Object.hasOwn(STATES, event)) throw new Refusal(422, "Unprocessable Entity");
  const state = STATES[event as keyof typeof STATES];
  if (state !== "COMMENTED" && actor.id === pullRequest.authorId) {
    throw new Refusal(422, "Unprocessable Entity", { errors: ["Can not approve your own pull request"] });
  }
  const comments = await placeComments(call, pullRequest, listOf(call.body, "comments"), false);
  const body = textOf(call.body, "body") ?? "";
  if (body === "" && (comments.length === 0 || state === "CHANGES_REQUESTED") && state !== "APPROVED") {
    throw new Refusal(422, "Unprocessable Entity", { errors: ["Body can't be blank"] });
  }
  const commitSha = await commitOf(call, pullRequest);
  const review = submitReview(call.world, actor, pullRequest, { state, body, commitSha, comments });
  return { status: 200, body: shapeReview(call.world, review) };
}

/** The commit that a review is about, by default the head; a commit that is not there is refused. */
async function commitOf(call: Call, pullRequest: PullRequest): Promise<string> {
  const wanted = textOf(call.body, "commit_id") ?? pullRequest.headSha;
  const repository = read(call.world, "repositories", { id: pullRequest.repositoryId });
  if ((await readRef(repository, wanted)) === undefined) throw new Refusal(422, "Unprocessable Entity");
  return wanted;
}

/**
 * Finds the lines that comments are meant for in the pull request's diff. One that is not there refuses all of them,
 * and as on GitHub nothing says which.
 */
async function placeComments(
  call: Call,
  pullRequest: PullRequest,
  comments: readonly Readonly<Record<string, unknown>>[],
  isFile: boolean,
): Promise<NewReviewComment[]> {
  if (comments.length === 0) return [];
  const files = await changedFiles(call.world, pullRequest);
  const patches = new Map(files.map(({ path, patch }) => [path, patch]));
  return comments.map((comment) => {
    const path = textOf(comment, "path") ?? "";
    const body = textOf(comment, "body") ?? "";
    if (!patches.has(path)) throw unresolved("Path could not be resolved");
    if (body.trim() === "") throw unresolved("Body can't be blank");
    if (isFile) return { path, body, diffHunk: patches.get(path)?.split("\n")[0] };
    const side = textOf(comment, "side") === "LEFT" ? "LEFT" : "RIGHT";
    const line = numberOf(comment, "line") ?? 0;
    const startLine = numberOf(comment, "start_line");
    const lines = readHunks(patches.get(path) ?? "")[side];
    const diffHunk = lines.get(line);
    const hasStart = startLine === undefined || (lines.has(startLine) && startLine < line);
    if (diffHunk === undefined || !hasStart) throw unresolved("Line could not be resolved");
    return { path, body, line, startLine, side, diffHunk };
  });
}

/** A single comment is told where it went wrong. */
function explainPlace(error: unknown): never {
  if (!(error instanceof Refusal)) throw error;
  const field = "pull_request_review_thread.line";
  throw invalid("PullRequestReviewComment", field, "custom", `${field} must be part of the diff`);
}

function unresolved(message: string): Refusal {
  return new Refusal(422, "Unprocessable Entity", { errors: [message] });
}

function reviewOf(call: Call): Review {
  const pullRequest = pullRequestOf(call, repositoryOf(call));
  const review = call.world.reviews.get(Number(call.parameters["review_id"]));
  if (review?.pullRequestId !== pullRequest.id) throw notFound();
  return review;
}

function commentOf(call: Call): ReviewComment {
  const repository = repositoryOf(call);
  const comment = call.world.reviewComments.get(Number(call.parameters["comment_id"]));
  if (comment === undefined) throw notFound();
  const pullRequest = read(call.world, "pullRequests", { id: comment.pullRequestId });
  if (pullRequest.repositoryId !== repository.id) throw notFound();
  return comment;
}

function ownCommentOf(call: Call): ReviewComment {
  const comment = commentOf(call);
  if (comment.authorId !== actorOf(call).id) throw forbidden();
  return comment;
}
