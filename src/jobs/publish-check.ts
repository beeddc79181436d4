import { createHash } from "node:crypto";
import {
  RefusedFault,
  type CheckAnnotation,
  type Outgoing,
  type PublishedRun,
  type WrittenCheck,
} from "../model/index.ts";
import type { CheckWrite, OutgoingItem } from "./ports.ts";
import type { JobServices } from "./services.ts";
import { beginAttempt, type Spend } from "./spend.ts";

/** GitHub takes this many annotations in one request and appends them to the run's. */
const ANNOTATIONS_A_REQUEST = 50;

/** Milliseconds: GitHub calls a run stale that is in progress for 14 days, so a check that waits begins another one. */
export const RENEW_AFTER = 13 * 24 * 3600 * 1000;

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
  const isKept = known.remoteId !== undefined && canBecome(known.run, check, digest, services.now());
  const sent = isKept && known.run.annotationsDigest === digest ? known.run.annotations : 0;
  const batch = check.state === "in_progress" ? [] : check.annotations.slice(sent, sent + ANNOTATIONS_A_REQUEST);
  const count = isKept ? known.run.count : known.run.count + 1;
  const run = {
    count,
    isCompleted: check.state !== "in_progress",
    annotations: sent + batch.length,
    annotationsDigest: digest,
    begunAt: (isKept ? known.run.begunAt : undefined) ?? new Date(services.now()).toISOString(),
  };
  const write = toWrite(item, check, batch, run, services);
  const attempt = (): Promise<void> => beginAttempt(item, false, spend, services.records);
  let remoteId = known.remoteId;
  if (isKept && remoteId !== undefined) {
    const id = remoteId;
    await withPlainFallback(write, attempt, (tried) => api.updateCheckRun(id, tried));
  } else {
    remoteId = await withPlainFallback(write, attempt, (tried) => api.createCheckRun(headSha, tried));
  }
  const isDone = !run.isCompleted || run.annotations >= check.annotations.length;
  await services.records.markPublished(item, { remoteId, run }, isDone);
}

interface KnownRun {
  readonly remoteId: number | undefined;
  readonly run: PublishedRun;
}

/** What a write left behind whose answer we did not hear is read from the newest run's external id. */
async function findRun(item: OutgoingItem, headSha: string, { github }: JobServices): Promise<KnownRun> {
  const stored = { remoteId: item.published?.remoteId, run: item.published?.run ?? NO_RUN };
  if (!item.isUncertain) return stored;
  const runs = await github.repository(item.repository).findOwnCheckRuns(headSha);
  return runs.reduce<KnownRun>((newest, { id, text }) => {
    const run = readExternalId(item, text);
    if (run === undefined || run.count < Math.max(newest.run.count, 1)) return newest;
    const begunAt = run.count === stored.run.count ? stored.run.begunAt : undefined;
    return { remoteId: id, run: { ...run, begunAt } };
  }, stored);
}

function canBecome(run: PublishedRun, check: WrittenCheck, digest: string, now: number): boolean {
  if (!run.isCompleted) return run.begunAt === undefined || now - Date.parse(run.begunAt) < RENEW_AFTER;
  return check.state !== "in_progress" && run.annotationsDigest === digest;
}

/**
 * Stands on the run together with what it tells: a request that GitHub took and did not answer says here which
 * annotations it brought, for GitHub would add the same ones again.
 */
function externalId(
  { id }: OutgoingItem,
  { count, isCompleted, annotations, annotationsDigest }: PublishedRun,
): string {
  return isCompleted ? `${id}.${count}.${annotations}.${annotationsDigest}` : `${id}.${count}`;
}

function readExternalId({ id }: OutgoingItem, text: string): PublishedRun | undefined {
  const [own, count, annotations, annotationsDigest] = text.split(".");
  if (own !== id || count === undefined) return undefined;
  if (annotationsDigest === undefined) return { ...NO_RUN, count: Number(count) };
  return { count: Number(count), isCompleted: true, annotations: Number(annotations), annotationsDigest };
}

function toWrite(
  item: OutgoingItem,
  { name, state, title, summary, text, page }: WrittenCheck,
  annotations: readonly CheckAnnotation[],
  run: PublishedRun,
  { pageUrl }: JobServices,
): CheckWrite {
  return {
    check: { name, state, title, summary, text },
    annotations,
    detailsUrl: page === undefined ? undefined : pageUrl(page),
    externalId: externalId(item, run),
    startedAt: item.wantedAt,
  };
}

/** A required check that never comes is worse than a plain one: what GitHub refuses is sent once more without detail (T47). */
async function withPlainFallback<T>(
  write: CheckWrite,
  attempt: () => Promise<void>,
  send: (write: CheckWrite) => Promise<T>,
): Promise<T> {
  await attempt();
  try {
    return await send(write);
  } catch (error) {
    if (!(error instanceof RefusedFault)) throw error;
    await attempt();
    const summary = "GitHub refused the report's details. The comment, or `drydock check`, shows them.";
    return send({ ...write, check: { ...write.check, summary, text: "" }, annotations: [] });
  }
}

function digestOf(annotations: readonly CheckAnnotation[]): string {
  return createHash("sha256").update(JSON.stringify(annotations)).digest("hex").slice(0, 32);
}
