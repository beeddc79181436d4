import { createHash } from "node:crypto";
import {
  RefusedFault,
  type CheckAnnotation,
  type DesiredCheck,
  type Outgoing,
  type PublishedRun,
} from "../model/index.ts";
import type { CheckWrite, OutgoingItem } from "./ports.ts";
import type { JobServices } from "./services.ts";
import type { Spend } from "./spend.ts";

/** GitHub takes this many annotations in one request and appends them to the run's. */
const ANNOTATIONS_A_REQUEST = 50;

const NO_RUN: PublishedRun = { count: 0, isCompleted: false, annotations: 0, annotationsDigest: "" };

type CheckOutgoing = Extract<Outgoing, { kind: "check" }>;

/**
 * Makes a check run stand on a commit. A completed run cannot go back to "in progress" and keeps the annotations it
 * has, so a verdict with others begins a run of the same name, which takes the older one's place.
 */
export async function publishCheck(
  item: OutgoingItem,
  { headSha, check }: CheckOutgoing,
  spend: Spend,
  services: JobServices,
): Promise<void> {
  const api = services.github.repository(item.repository);
  const known = await findRun(item, headSha, services);
  const digest = digestOf(check.annotations);
  const isKept = known.remoteId !== undefined && canBecome(known.run, check, digest);
  const sent = isKept && known.run.annotationsDigest === digest ? known.run.annotations : 0;
  const batch = check.state === "in_progress" ? [] : check.annotations.slice(sent, sent + ANNOTATIONS_A_REQUEST);
  const count = isKept ? known.run.count : known.run.count + 1;
  const run = {
    count,
    isCompleted: check.state !== "in_progress",
    annotations: sent + batch.length,
    annotationsDigest: digest,
  };
  const write = toWrite(item, check, batch, count, services);
  await spend(false);
  let remoteId = known.remoteId;
  if (isKept && remoteId !== undefined) {
    const id = remoteId;
    await withPlainFallback(write, (tried) => api.updateCheckRun(id, tried));
  } else {
    await services.records.markAttempt(item);
    remoteId = await withPlainFallback(write, (tried) => api.createCheckRun(headSha, tried));
  }
  const isDone = !run.isCompleted || run.annotations >= check.annotations.length;
  await services.records.markPublished(item, { remoteId, run }, isDone);
}

interface KnownRun {
  readonly remoteId: number | undefined;
  readonly run: PublishedRun;
}

/** A run that was begun without our hearing of it is found by the id it was given. */
async function findRun(item: OutgoingItem, headSha: string, { github }: JobServices): Promise<KnownRun> {
  const run = item.published?.run ?? NO_RUN;
  if (!item.isUncertain) return { remoteId: item.published?.remoteId, run };
  const external = externalId(item, run.count + 1);
  const runs = await github.repository(item.repository).findOwnCheckRuns(headSha);
  const found = runs.find(({ text }) => text === external);
  if (found === undefined) return { remoteId: item.published?.remoteId, run };
  // Nobody knows what it says: with a digest that fits no list, a completed wish begins another run.
  return { remoteId: found.id, run: { ...NO_RUN, count: run.count + 1 } };
}

function canBecome(run: PublishedRun, check: DesiredCheck, digest: string): boolean {
  return !run.isCompleted || (check.state !== "in_progress" && run.annotationsDigest === digest);
}

function externalId({ id }: OutgoingItem, count: number): string {
  return `${id}.${count}`;
}

function toWrite(
  item: OutgoingItem,
  { name, state, title, summary, text, page }: DesiredCheck,
  annotations: readonly CheckAnnotation[],
  count: number,
  { pageUrl }: JobServices,
): CheckWrite {
  return {
    check: { name, state, title, summary, text },
    annotations,
    detailsUrl: page === undefined ? undefined : pageUrl(page),
    externalId: externalId(item, count),
    startedAt: item.wantedAt,
  };
}

/** A required check that never comes is worse than a plain one: what GitHub refuses is sent once more without detail (T47). */
async function withPlainFallback<T>(write: CheckWrite, send: (write: CheckWrite) => Promise<T>): Promise<T> {
  try {
    return await send(write);
  } catch (error) {
    if (!(error instanceof RefusedFault)) throw error;
    const summary = "GitHub refused the report's details. The comment, or `drydock check`, shows them.";
    return send({ ...write, check: { ...write.check, summary, text: "" }, annotations: [] });
  }
}

function digestOf(annotations: readonly CheckAnnotation[]): string {
  return createHash("sha256").update(JSON.stringify(annotations)).digest("hex");
}
