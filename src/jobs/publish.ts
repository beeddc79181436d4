import { AccessLostFault, Fault, LimitedFault, RefusedFault, type InstallationId } from "../model/index.ts";
import { noteLoss } from "./note-loss.ts";
import { isPermitted, isUnread } from "./permissions.ts";
import type { OutgoingItem } from "./ports.ts";
import { publishAnswer } from "./publish-answer.ts";
import { publishCheck } from "./publish-check.ts";
import { publishComment } from "./publish-comment.ts";
import { publishLabels } from "./publish-labels.ts";
import { publishMerge } from "./publish-merge.ts";
import { publishReview } from "./publish-review.ts";
import type { JobServices } from "./services.ts";
import { NotNow, createSpend } from "./spend.ts";

/** A turn ends after so many items or milliseconds: an installation with much to write keeps nobody else waiting. */
const ITEMS_A_TURN = 8;
const LONGEST_TURN = 3_000;
/** Turns that begin in one second of eight write what has waited longest first, whatever its rank: nothing starves. */
const OLDEST_EVERY = 8;

/**
 * Makes GitHub stand as is wanted, for one installation, for one turn; `more` says that something may be left. The
 * queue runs one of these for an installation at a time, over all replicas: nobody else writes what it writes, though
 * what is wanted may change at any moment.
 */
export async function publishOutgoing(installationId: InstallationId, services: JobServices): Promise<"done" | "more"> {
  const { records, now } = services;
  const endsAt = now() + LONGEST_TURN;
  let isOldestsTurn = Math.floor(now() / 1000) % OLDEST_EVERY === 0;
  for (let taken = 0; taken < ITEMS_A_TURN && now() < endsAt; taken++) {
    const item = await records.nextOutgoing(installationId, isOldestsTurn ? "oldest" : "most-important");
    if (item === undefined) return "done";
    isOldestsTurn = false;
    await publishItem(item, services);
  }
  return "more";
}

async function publishItem(item: OutgoingItem, services: JobServices): Promise<void> {
  const { records, log } = services;
  const { installationId, repositoryId } = item.repository;
  const fields = { repository: repositoryId, kind: item.outgoing.kind };
  const missing = missingPermission(item);
  if (missing !== undefined) {
    await records.markRefused(item, `the permission ${missing} is not granted`);
    return;
  }
  try {
    await write(item, services);
  } catch (error) {
    if (error instanceof NotNow) {
      if (error.heldUntil !== undefined) await records.holdBack(item, error.heldUntil);
      return;
    }
    if (error instanceof LimitedFault) {
      await records.pauseWrites(installationId, error.retryAt);
      throw error;
    }
    if (error instanceof AccessLostFault && error.loss !== "permission") {
      const isLost = await noteLoss(item.repository, error.loss, services);
      if (!isLost) await records.postpone(item, error.message);
    } else if (error instanceof AccessLostFault || error instanceof RefusedFault) {
      log.warn({ ...fields, reason: error.message }, "GitHub refuses what should stand");
      await records.markRefused(item, error.message);
    } else if (error instanceof Fault && error.isRetryable) {
      log.warn({ ...fields, reason: error.message }, "GitHub failed on a write");
      await records.postpone(item, error.message);
    } else throw error;
  }
}

/** Of an installation that was never read nothing is known, `metadata` included: GitHub itself says what it may. */
function missingPermission({ outgoing, permissions }: OutgoingItem): string | undefined {
  if (isUnread(permissions)) return undefined;
  const permission = outgoing.kind === "check" ? "checks" : "pull_requests";
  return isPermitted(permissions, permission, "write") ? undefined : `${permission}: write`;
}

async function write(item: OutgoingItem, services: JobServices): Promise<void> {
  const { outgoing } = item;
  const spend = createSpend(item, services);
  switch (outgoing.kind) {
    case "check":
      return publishCheck(item, outgoing, spend, services);
    case "comment":
      return publishComment(item, outgoing, spend, services);
    case "review":
      return publishReview(item, outgoing, spend, services);
    case "labels":
      return publishLabels(item, outgoing, spend, services);
    case "merge":
      return publishMerge(item, outgoing, spend, services);
    case "reaction":
    case "answer":
      return publishAnswer(item, outgoing, spend, services);
    default:
      return outgoing satisfies never;
  }
}
