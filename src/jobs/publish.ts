import { AccessLostFault, Fault, LimitedFault, RefusedFault, type InstallationId } from "../model/index.ts";
import { isPermitted } from "./permissions.ts";
import type { OutgoingItem } from "./ports.ts";
import { publishAnswer } from "./publish-answer.ts";
import { publishCheck } from "./publish-check.ts";
import { publishComment } from "./publish-comment.ts";
import { publishLabels } from "./publish-labels.ts";
import { publishReview } from "./publish-review.ts";
import type { JobServices } from "./services.ts";

/** Waits for the next write are slept through up to this long; beyond it the job comes back later. Milliseconds. */
const LONGEST_WAIT = 20_000;

/** Takes the right to one write to GitHub; waits for it, and rejects with a LimitedFault when that would take long. */
export type Spend = (isContent: boolean) => Promise<void>;

/**
 * Makes GitHub stand as is wanted, for one installation, until nothing is left to do. The queue runs one of these for
 * an installation at a time, over all replicas, so what it reads of its own rows cannot change under it.
 */
export async function publishOutgoing(installationId: InstallationId, services: JobServices): Promise<void> {
  const { records } = services;
  for (;;) {
    const item = await records.nextOutgoing(installationId);
    if (item === undefined) return;
    await publishItem(item, services);
  }
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
    if (error instanceof LimitedFault) {
      await records.pauseWrites(installationId, error.retryAt);
      throw error;
    }
    if (error instanceof AccessLostFault && error.loss !== "permission") {
      await records.noteAccessLost(repositoryId, error.loss);
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
  if (Object.keys(permissions).length === 0) return undefined;
  const permission = outgoing.kind === "check" ? "checks" : "pull_requests";
  return isPermitted(permissions, permission, "write") ? undefined : `${permission}: write`;
}

async function write(item: OutgoingItem, services: JobServices): Promise<void> {
  const { outgoing } = item;
  const spend = createSpend(item.repository.installationId, services);
  switch (outgoing.kind) {
    case "check":
      return publishCheck(item, outgoing, spend, services);
    case "comment":
      return publishComment(item, outgoing, spend, services);
    case "review":
      return publishReview(item, outgoing, spend, services);
    case "labels":
      return publishLabels(item, outgoing, spend, services);
    case "reaction":
    case "answer":
      return publishAnswer(item, outgoing, spend, services);
    default:
      return outgoing satisfies never;
  }
}

function createSpend(installationId: InstallationId, { records, now, sleep }: JobServices): Spend {
  return async (isContent) => {
    for (;;) {
      const granted = await records.takeWrite(installationId, isContent);
      if (granted === "granted") return;
      const wait = granted - now();
      if (wait > LONGEST_WAIT) throw new LimitedFault("the installation's writes are used up for now", granted);
      await sleep(Math.max(wait, 50));
    }
  };
}
