import { forbidden, invalid, notFound, type Answer } from "../http/answer.ts";
import { actorOf, issueOf, repositoryOf, requirePermission, textOf, type Call, type Handlers } from "../http/call.ts";
import { listAnswer } from "../http/pages.ts";
import { shapeComment, shapeIssue, shapeReaction } from "../shapes/index.ts";
import type { Comment, Repository } from "../world/entities.ts";
import {
  addComment,
  addReaction,
  deleteComment,
  editComment,
  findIssue,
  hasRole,
  listComments,
  select,
  type Level,
} from "../world/index.ts";
import { countCharacters } from "./count-characters.ts";

const LONGEST_BODY = 65_536;

export const conversationHandlers: Handlers = {
  "issues/get": (call) => {
    const issue = issueOf(call, repositoryOf(call), "read");
    return { status: 200, body: shapeIssue(call.world, issue) };
  },
  "issues/get-comment": (call) => {
    const { comment } = commentOf(call, "read");
    return { status: 200, body: shapeComment(call.world, comment) };
  },
  "issues/list-comments": (call) => {
    const repository = repositoryOf(call);
    const { number } = issueOf(call, repository, "read");
    const comments = listComments(call.world, repository, number).filter(isSince(call.query));
    return listAnswer(call, comments, (one) => shapeComment(call.world, one));
  },
  "issues/list-comments-for-repo": listForRepository,
  "issues/create-comment": (call) => {
    const issue = issueOf(call, repositoryOf(call), "write");
    const { caller, world } = call;
    const app = caller.kind === "installation" ? caller.app : undefined;
    const actor = actorOf(call);
    if (issue.isLocked && !hasRole(world, { id: issue.repositoryId }, actor, "write") && app === undefined) {
      throw forbidden("Unable to create comment because issue is locked.");
    }
    const comment = addComment(world, actor, issue, bodyOf(call), app);
    return { status: 201, body: shapeComment(world, comment) };
  },
  "issues/update-comment": (call) => {
    const { comment } = commentOf(call, "write");
    requireOwn(call, comment);
    return {
      status: 200,
      body: shapeComment(call.world, editComment(call.world, actorOf(call), comment, bodyOf(call))),
    };
  },
  "issues/delete-comment": (call) => {
    const { comment } = commentOf(call, "write");
    requireOwn(call, comment);
    deleteComment(call.world, actorOf(call), comment);
    return { status: 204 };
  },
  "reactions/create-for-issue-comment": (call) => {
    const { comment } = commentOf(call, "write");
    const content = textOf(call.body, "content") ?? "";
    const { reaction, isNew } = addReaction(call.world, actorOf(call), comment, content);
    return { status: isNew ? 201 : 200, body: shapeReaction(call.world, reaction) };
  },
  "reactions/list-for-issue-comment": (call) => {
    const { comment } = commentOf(call, "read");
    const reactions = select(call.world, "reactions", (one) => one.commentId === comment.id);
    return listAnswer(call, reactions, (one) => shapeReaction(call.world, one));
  },
};

function listForRepository(call: Call): Answer {
  const repository = repositoryOf(call);
  requirePermission(call, repository, [
    ["issues", "read"],
    ["pull_requests", "read"],
  ]);
  const found = select(call.world, "comments", (one) => one.repositoryId === repository.id);
  return listAnswer(call, sinceAsked(call, found), (one) => shapeComment(call.world, one));
}

/** What was changed since the moment that is asked for, in the order that is asked for. */
export function sinceAsked<T extends { readonly updatedAt: string }>({ query }: Call, all: readonly T[]): readonly T[] {
  const found = all.filter(isSince(query));
  const byUpdate = (one: T, other: T): number => (one.updatedAt < other.updatedAt ? -1 : 1);
  const sorted = query.get("sort") === "updated" ? found.toSorted(byUpdate) : found;
  const isNewestFirst = query.get("sort") !== null && query.get("direction") !== "asc";
  return isNewestFirst ? sorted.toReversed() : sorted;
}

function isSince(query: URLSearchParams): (one: { readonly updatedAt: string }) => boolean {
  const since = Date.parse(query.get("since") ?? "");
  return ({ updatedAt }) => Number.isNaN(since) || Date.parse(updatedAt) >= since;
}

/** A comment of the repository, on something that the caller has the permission for. */
function commentOf(call: Call, level: Level): { readonly comment: Comment; readonly repository: Repository } {
  const repository = repositoryOf(call);
  const comment = call.world.comments.get(Number(call.parameters["comment_id"]));
  if (comment?.repositoryId !== repository.id) throw notFound();
  if (findIssue(call.world, repository, comment.number) !== undefined) {
    issueOf(call, repository, level, comment.number);
  }
  return { comment, repository };
}

/** An App changes what it posted itself; so does everybody without write access. */
function requireOwn(call: Call, comment: Comment): void {
  const actor = actorOf(call);
  const isAllowed = call.caller.kind === "user" && hasRole(call.world, { id: comment.repositoryId }, actor, "write");
  if (comment.authorId !== actor.id && !isAllowed) throw forbidden();
}

/** The text that is posted: not empty, and not longer than GitHub takes. */
export function bodyOf(call: Call): string {
  const body = textOf(call.body, "body") ?? "";
  if (body.trim() === "") throw invalid("IssueComment", "body", "missing_field", "body can't be blank");
  if (countCharacters(body) > LONGEST_BODY) {
    throw invalid("IssueComment", "body", "unprocessable", `body is too long (maximum is ${LONGEST_BODY} characters)`);
  }
  return body;
}
