import { AccessLostFault, type Outgoing } from "../model/index.ts";
import { writeMergeRefusal } from "../publish/index.ts";
import type { MergeWish, OutgoingItem } from "./ports.ts";
import type { JobServices } from "./services.ts";
import type { Spend } from "./spend.ts";

type MergeOutgoing = Extract<Outgoing, { kind: "merge" }>;

/** Milliseconds that facts stand for what is so now; older ones are read again before anything is merged. */
const FRESH = 20_000;
/** Milliseconds until GitHub knows whether it can merge. */
const COMPUTES = 1_500;
/** Milliseconds between two looks at what GitHub waits for: it tells nobody when that is there. */
const SOONEST = 10_000;
const LATEST = 600_000;

/**
 * Merges a pull request whose judgement, made moments ago, let it: with the head that was judged, or not at all. Anything
 * that was heard of it since has it judged again first. What GitHub refuses is told and not tried again.
 */
export async function publishMerge(
  item: OutgoingItem,
  outgoing: MergeOutgoing,
  spend: Spend,
  services: JobServices,
): Promise<void> {
  const { records, github, now } = services;
  const { number, headSha, method } = outgoing;
  const key = { repositoryId: item.repository.repositoryId, number };
  const api = github.repository(item.repository);
  const next = await lookBefore(item, outgoing, services);
  if (next.kind === "wait") {
    await records.holdBack(item, next.until);
    return;
  }
  if (next.kind === "drop") {
    await records.markPublished(item, {}, true);
    if (next.judgeAt !== undefined) await records.deferMerge(key, next.judgeAt);
    return;
  }
  if (next.kind === "arrived") {
    await finishMerge(item, outgoing, undefined, services);
    return;
  }
  await spend(false);
  const wish = await records.readMergeWish(key);
  // From here on the next turn looks before it asks again.
  if (!(await records.beginMerge(key, item, outgoing, now()))) {
    await records.markPublished(item, {}, true);
    return;
  }
  const said = await ask(() => api.mergePullRequest(number, headSha, method));
  if (said === undefined) {
    await finishMerge(item, outgoing, wish, services);
    return;
  }
  const tell = wish === undefined ? undefined : writeMergeRefusal(wish.actor, said);
  await records.endMergeWish(key, { what: "merge-refused", reason: said, tell });
  await records.markPublished(item, {}, true);
}

async function finishMerge(
  item: OutgoingItem,
  { number, headSha }: MergeOutgoing,
  wish: MergeWish | undefined,
  { records }: JobServices,
): Promise<void> {
  const key = { repositoryId: item.repository.repositoryId, number };
  await records.endMergeWish(key, { what: "merged", headSha, by: wish?.actor });
  await records.applyIntents([{ kind: "close", repository: item.repository, number, isMerged: true }]);
  await records.markPublished(item, {}, true);
}

type Look =
  | { readonly kind: "go" }
  /** A request whose answer never came, and that did merge. */
  | { readonly kind: "arrived" }
  | { readonly kind: "wait"; readonly until: number }
  /** `judgeAt`: when it is judged again although nothing moves. */
  | { readonly kind: "drop"; readonly judgeAt: number | undefined };

async function lookBefore(
  item: OutgoingItem,
  outgoing: MergeOutgoing,
  { records, github, now }: JobServices,
): Promise<Look> {
  const { number, headSha, baseRef, baseSha, judgedAt } = outgoing;
  const api = github.repository(item.repository);
  const state = await api.readMergeability(number);
  const key = { repositoryId: item.repository.repositoryId, number };
  if (item.isUncertain && state?.isMerged === true && state.headSha === headSha) return { kind: "arrived" };
  if (state === undefined || !state.isOpen) return { kind: "drop", judgeAt: undefined };
  // A request whose answer never came: it did not merge. Whether to ask again is another judgement.
  const isStale = item.isUncertain || now() - judgedAt > FRESH;
  if (isStale || state.headSha !== headSha || state.baseRef !== baseRef) return { kind: "drop", judgeAt: now() };
  if (state.is === "ready") {
    // A push to the base that nobody told yet: what would land was not judged.
    const isSame = (await api.readBranch(baseRef)) === baseSha;
    return isSame ? { kind: "go" } : { kind: "drop", judgeAt: now() };
  }
  if (state.is === "computing") return { kind: "wait", until: now() + COMPUTES };
  const wish = await records.readMergeWish(key);
  const age = now() - (wish?.givenAt ?? now());
  return { kind: "drop", judgeAt: now() + Math.min(Math.max(age / 10, SOONEST), LATEST) };
}

/** Undefined when it was merged, else what GitHub said. */
async function ask(merge: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await merge();
  } catch (error) {
    if (error instanceof AccessLostFault && error.loss === "permission") return error.message;
    throw error;
  }
}
