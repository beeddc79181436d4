import { findMergeBase, writeRef } from "../git/index.ts";
import type { PullRequest, Ref } from "./entities.ts";
import type { DequeueReason, PullRequestEvent } from "./events.ts";
import { change, emit, insert, now, read, select, type World } from "./store.ts";

/**
 * Opens a pull request from a branch, of a fork where `headRepository` says so. Throws when a branch is missing or the
 * two have nothing in common.
 */
export async function openPullRequest(
  world: World,
  actor: Ref,
  repository: Ref,
  options: {
    readonly head: string;
    readonly headRepository?: Ref;
    /** The default branch unless told otherwise. */
    readonly base?: string;
    readonly title?: string;
    readonly body?: string;
    readonly isDraft?: boolean;
  },
): Promise<PullRequest> {
  const facts = read(world, "repositories", repository);
  const headRepository = read(world, "repositories", options.headRepository ?? repository);
  const baseRef = options.base ?? facts.defaultBranch;
  const headSha = headRepository.branches.get(options.head);
  const baseSha = facts.branches.get(baseRef);
  if (headSha === undefined || baseSha === undefined) throw new Error("head or base of the pull request is missing");
  if ((await findMergeBase(facts, baseSha, headSha)) === undefined) throw new Error("the branches share no commit");
  const number = takeNumber(world, repository);
  await writeRef(facts, `refs/pull/${number}/head`, headSha);
  const at = now(world);
  const pullRequest = insert(world, "pullRequests", {
    repositoryId: facts.id,
    number,
    title: options.title ?? `Change ${options.head}`,
    body: options.body,
    authorId: actor.id,
    state: "open",
    isLocked: false,
    labelIds: [],
    createdAt: at,
    updatedAt: at,
    closedAt: undefined,
    isDraft: options.isDraft ?? false,
    headRepositoryId: headRepository.id,
    headRef: options.head,
    headSha,
    baseRef,
    baseSha,
    mergedAt: undefined,
    mergedById: undefined,
    mergeCommitSha: undefined,
    isQueued: false,
  });
  tell(world, actor, pullRequest, { action: "opened" });
  return pullRequest;
}

/** The next number of a repository: issues and pull requests share one sequence. */
export function takeNumber(world: World, repository: Ref): number {
  const lastNumber = read(world, "repositories", repository).lastNumber + 1;
  change(world, "repositories", repository, { lastNumber });
  return lastNumber;
}

export function closePullRequest(world: World, actor: Ref, pullRequest: Ref): PullRequest {
  const at = now(world);
  const closed = change(world, "pullRequests", pullRequest, { state: "closed", closedAt: at, updatedAt: at });
  tell(world, actor, closed, { action: "closed" });
  return closed;
}

export function reopenPullRequest(world: World, actor: Ref, pullRequest: Ref): PullRequest {
  const { headRepositoryId, headRef, headSha } = read(world, "pullRequests", pullRequest);
  const head = world.repositories.get(headRepositoryId ?? 0)?.branches.get(headRef) ?? headSha;
  const changes = { state: "open", closedAt: undefined, headSha: head, updatedAt: now(world) } as const;
  const reopened = change(world, "pullRequests", pullRequest, changes);
  tell(world, actor, reopened, { action: "reopened" });
  return reopened;
}

/** Title, text, or the branch it goes into: a retarget brings no new head. */
export function editPullRequest(
  world: World,
  actor: Ref,
  pullRequest: Ref,
  to: { readonly title?: string; readonly body?: string; readonly base?: string },
): PullRequest {
  const before = read(world, "pullRequests", pullRequest);
  const { branches } = read(world, "repositories", { id: before.repositoryId });
  const base = to.base === undefined || to.base === before.baseRef ? undefined : to.base;
  const baseSha = base === undefined ? before.baseSha : branches.get(base);
  if (baseSha === undefined) throw new Error("the new base is missing");
  const edited = change(world, "pullRequests", pullRequest, {
    title: to.title ?? before.title,
    body: to.body ?? before.body,
    baseRef: base ?? before.baseRef,
    baseSha,
    updatedAt: now(world),
  });
  const from = {
    ...(edited.title === before.title ? {} : { title: before.title }),
    ...(edited.body === before.body ? {} : { body: before.body }),
    ...(base === undefined ? {} : { base: { ref: before.baseRef, sha: before.baseSha } }),
  };
  tell(world, actor, edited, { action: "edited", from });
  return edited;
}

export function setDraft(world: World, actor: Ref, pullRequest: Ref, isDraft: boolean): PullRequest {
  const changed = change(world, "pullRequests", pullRequest, { isDraft, updatedAt: now(world) });
  tell(world, actor, changed, { action: isDraft ? "converted_to_draft" : "ready_for_review" });
  return changed;
}

export function setLocked(world: World, actor: Ref, pullRequest: Ref, isLocked: boolean): PullRequest {
  const changed = change(world, "pullRequests", pullRequest, { isLocked, updatedAt: now(world) });
  tell(world, actor, changed, { action: isLocked ? "locked" : "unlocked" });
  return changed;
}

/** Puts a pull request in the merge queue, or takes it out. What the queue does with it is the queue's. */
export function setQueued(
  world: World,
  actor: Ref,
  pullRequest: Ref,
  isQueued: boolean,
  reason: DequeueReason = "MANUAL",
): PullRequest {
  const changed = change(world, "pullRequests", pullRequest, { isQueued, updatedAt: now(world) });
  tell(world, actor, changed, isQueued ? { action: "enqueued" } : { action: "dequeued", reason });
  return changed;
}

/** Notes that a pull request's changes stand on its base as `mergeCommitSha`; the branch has moved already. */
export function markMerged(world: World, actor: Ref, pullRequest: Ref, mergeCommitSha: string): PullRequest {
  const at = now(world);
  const changes = { state: "closed", closedAt: at, mergedAt: at, updatedAt: at, isQueued: false } as const;
  const merged = change(world, "pullRequests", pullRequest, { ...changes, mergedById: actor.id, mergeCommitSha });
  tell(world, actor, merged, { action: "closed" });
  return merged;
}

export function findPullRequest(world: World, repository: Ref, number: number): PullRequest | undefined {
  return select(world, "pullRequests", (one) => one.repositoryId === repository.id && one.number === number)[0];
}

type Told<T = PullRequestEvent> = T extends PullRequestEvent ? Omit<T, "kind" | "pullRequestId"> : never;

function tell(world: World, actor: Ref, pullRequest: Ref, what: Told): void {
  emit(world, actor, { kind: "pull_request", pullRequestId: pullRequest.id, ...what });
}
