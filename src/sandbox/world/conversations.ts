import type { Comment, Issue, PullRequest, Reaction, Ref } from "./entities.ts";
import { change, emit, insert, now, read, remove, select, type World } from "./store.ts";
import { takeNumber } from "./pull-requests.ts";

/** Opens a plain issue, which shares the sequence of numbers with pull requests. */
export function openIssue(world: World, actor: Ref, repository: Ref, title: string, body?: string): Issue {
  const at = now(world);
  const issue = insert(world, "issues", {
    repositoryId: repository.id,
    number: takeNumber(world, repository),
    title,
    body,
    authorId: actor.id,
    state: "open",
    isLocked: false,
    labelIds: [],
    createdAt: at,
    updatedAt: at,
    closedAt: undefined,
  });
  emit(world, actor, { kind: "issues", action: "opened", issueId: issue.id });
  return issue;
}

/** An issue or a pull request by its number. */
export function findIssue(world: World, repository: Ref, number: number): Issue | PullRequest | undefined {
  const isIt = (one: Issue): boolean => one.repositoryId === repository.id && one.number === number;
  return select(world, "pullRequests", isIt)[0] ?? select(world, "issues", isIt)[0];
}

/** Comments on an issue or a pull request; `app` is the App that does it with its installation's token. */
export function addComment(world: World, actor: Ref, issue: Ref, body: string, app?: Ref): Comment {
  const { repositoryId, number } = issueOf(world, issue);
  const at = now(world);
  const comment = insert(world, "comments", {
    repositoryId,
    number,
    authorId: actor.id,
    appId: app?.id,
    body,
    createdAt: at,
    updatedAt: at,
  });
  emit(world, actor, { kind: "issue_comment", action: "created", comment });
  return comment;
}

function issueOf(world: World, { id }: Ref): Issue {
  const issue = world.pullRequests.get(id) ?? world.issues.get(id);
  if (issue === undefined) throw new Error(`there is no issue or pull request ${id}`);
  return issue;
}

export function editComment(world: World, actor: Ref, comment: Ref, body: string): Comment {
  const fromBody = read(world, "comments", comment).body;
  const edited = change(world, "comments", comment, { body, updatedAt: now(world) });
  emit(world, actor, { kind: "issue_comment", action: "edited", comment: edited, fromBody });
  return edited;
}

export function deleteComment(world: World, actor: Ref, comment: Ref): void {
  const gone = read(world, "comments", comment);
  remove(world, "comments", comment);
  emit(world, actor, { kind: "issue_comment", action: "deleted", comment: gone });
}

/** The comments on one issue or pull request, oldest first. */
export function listComments(world: World, repository: Ref, number: number): Comment[] {
  return select(world, "comments", (one) => one.number === number && one.repositoryId === repository.id);
}

/** The same reaction by the same account stays one; `isNew` tells. GitHub sends no webhook for it. */
export function addReaction(
  world: World,
  actor: Ref,
  comment: Ref,
  content: string,
): { readonly reaction: Reaction; readonly isNew: boolean } {
  const isIt = (one: Reaction): boolean =>
    one.commentId === comment.id && one.userId === actor.id && one.content === content;
  const [reaction] = select(world, "reactions", isIt);
  if (reaction !== undefined) return { reaction, isNew: false };
  const record = { commentId: comment.id, userId: actor.id, content, createdAt: now(world) };
  return { reaction: insert(world, "reactions", record), isNew: true };
}
