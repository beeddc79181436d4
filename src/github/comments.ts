import { z } from "zod";
import type { CommandKey } from "../model/index.ts";
import type { OwnThing, PostedComment } from "../jobs/ports.ts";
import { anything, type RepositoryCaller } from "./call-repository.ts";
import { commentSchema, createdSchema, lineCommentSchema, reviewCommentSchema } from "./schemas.ts";

const ONE = "/repos/{owner}/{repo}/issues/comments/{comment_id}";
const ONE_ON_A_LINE = "/repos/{owner}/{repo}/pulls/comments/{comment_id}";

export async function readComment(
  caller: RepositoryCaller,
  appId: number,
  commentId: number,
): Promise<PostedComment | undefined> {
  return await caller.find(`GET ${ONE}`, commentSchema(appId), { comment_id: commentId });
}

export async function listCommentsSince(
  caller: RepositoryCaller,
  appId: number,
  since: string,
): Promise<readonly PostedComment[]> {
  const parameters = { since, sort: "updated", direction: "asc" };
  const ofIssues = "GET /repos/{owner}/{repo}/issues/comments";
  const onLines = "GET /repos/{owner}/{repo}/pulls/comments";
  return [
    ...(await caller.list(ofIssues, { entry: commentSchema(appId) }, parameters)),
    ...(await caller.list(onLines, { entry: lineCommentSchema }, parameters)),
  ];
}

export async function findOwnComments(
  caller: RepositoryCaller,
  appId: number,
  number: number,
): Promise<readonly OwnThing[]> {
  const route = "GET /repos/{owner}/{repo}/issues/{issue_number}/comments";
  const comments = await caller.list(route, { entry: commentSchema(appId) }, { issue_number: number });
  return comments.filter((comment) => comment.isByApp).map(({ id, body }) => ({ id, text: body }));
}

/** GitHub names no App on review comments; `botId` is the user id of the App's own bot, which nobody else can be. */
export async function findOwnReviewComments(
  caller: RepositoryCaller,
  botId: number,
  number: number,
): Promise<readonly OwnThing[]> {
  const route = "GET /repos/{owner}/{repo}/pulls/{pull_number}/comments";
  const comments = await caller.list(route, { entry: reviewCommentSchema }, { pull_number: number });
  return comments
    .filter(({ user }) => user?.id === botId && user.type === "Bot")
    .map(({ id, body }) => ({ id, text: body }));
}

export async function createComment(caller: RepositoryCaller, number: number, body: string): Promise<number> {
  const route = "POST /repos/{owner}/{repo}/issues/{issue_number}/comments";
  return (await caller.call(route, createdSchema, { issue_number: number, body })).id;
}

export async function updateComment(caller: RepositoryCaller, commentId: number, body: string): Promise<boolean> {
  return (await caller.find(`PATCH ${ONE}`, createdSchema, { comment_id: commentId, body })) !== undefined;
}

/** Does nothing when the comment is gone. */
export async function deleteComment(caller: RepositoryCaller, commentId: number): Promise<void> {
  await caller.find(`DELETE ${ONE}`, anything, { comment_id: commentId });
}

/** Does nothing when the comment is gone. GitHub takes no reaction to the text of a review here. */
export async function react(
  caller: RepositoryCaller,
  { source, commentId }: CommandKey,
  content: string,
): Promise<void> {
  if (source === "review") return;
  const route = source === "comment" ? ONE : ONE_ON_A_LINE;
  await caller.find(`POST ${route}/reactions`, anything, { comment_id: commentId, content });
}

/** Whether a comment on a line still stands. */
export async function hasReviewComment(caller: RepositoryCaller, commentId: number): Promise<boolean> {
  return (await caller.find(`GET ${ONE_ON_A_LINE}`, reviewCommentSchema, { comment_id: commentId })) !== undefined;
}

/** The user id of the App's bot, by its name: `<slug>[bot]`. */
export async function readBotId(caller: RepositoryCaller, slug: string): Promise<number> {
  const schema = z.object({ id: z.number().int(), type: z.literal("Bot") });
  return (await caller.call("GET /users/{username}", schema, { username: `${slug}[bot]` })).id;
}
