import { createHash } from "node:crypto";
import type { Outgoing, PublishedThread, ReviewThread } from "../model/index.ts";
import type { GitHubRepository, OutgoingItem } from "./ports.ts";
import type { JobServices } from "./services.ts";
import { beginAttempt, type Spend } from "./spend.ts";

type ReviewOutgoing = Extract<Outgoing, { kind: "review" }>;

/** Ended conversations that are remembered; a comment that is looked for after a crash is newer than all of them. */
const MOST_ENDED = 200;

/** Where reviews are written, and where that is noted. */
interface ReviewPlaces extends Pick<JobServices, "records"> {
  readonly api: GitHubRepository;
}

interface Threads {
  readonly threads: readonly PublishedThread[];
  readonly ended: readonly number[];
}

/**
 * Sends new findings as one review of type comment and ends the App's own threads whose findings are gone. A thread
 * that stands is left alone: people may have answered it.
 */
export async function publishReview(
  item: OutgoingItem,
  wish: ReviewOutgoing,
  spend: Spend,
  services: JobServices,
): Promise<void> {
  const { records } = services;
  const api = services.github.repository(item.repository);
  const known = await findThreads(item, wish, api);
  const posted = await postThreads(item, wish, known, spend, { api, records });
  const left = await endThreads(item, wish, posted, spend, { api, records });
  await records.markPublished(item, left, true);
}

async function postThreads(
  item: OutgoingItem,
  { number, headSha, review }: ReviewOutgoing,
  known: Threads,
  spend: Spend,
  { api, records }: ReviewPlaces,
): Promise<Threads> {
  const standing = new Set(known.threads.filter(({ isEnding }) => isEnding !== true).map(({ key }) => key));
  const added = review.threads.filter(({ key }) => !standing.has(key));
  if (added.length === 0) return known;
  let isBegun = false;
  const ids = await api.createReview(
    number,
    headSha,
    { body: describeReview(added, review.overflow), threads: added.map(withMark) },
    async () => {
      // Once begun it is carried through: what it has posted would be known to nobody.
      await beginAttempt(item, true, spend, records, isBegun);
      isBegun = true;
    },
  );
  const placed = added.map(({ key }, index) => ({ key, commentId: ids[index] === 0 ? undefined : ids[index] }));
  const all = { ...known, threads: [...known.threads, ...placed] };
  await records.markPublished(item, all, false);
  return all;
}

/** An end is noted before it is made: a comment that may be gone must not pass for one that stands. */
async function endThreads(
  item: OutgoingItem,
  { number, review }: ReviewOutgoing,
  posted: Threads,
  spend: Spend,
  { api, records }: ReviewPlaces,
): Promise<Threads> {
  const wanted = new Set(review.standing);
  let { threads, ended } = posted;
  for (const thread of threads.filter(({ key, isEnding }) => isEnding === true || !wanted.has(key))) {
    const { key, commentId } = thread;
    const others = threads.filter((one) => one !== thread);
    if (commentId !== undefined) {
      await spend(false);
      await records.markPublished(item, { threads: [...others, { key, commentId, isEnding: true }], ended }, false);
      const end = await api.resolveThread(number, commentId);
      if (end === "resolved" || end === "left") ended = [...ended, commentId].slice(-MOST_ENDED);
    }
    threads = others;
    await records.markPublished(item, { threads, ended }, false);
  }
  return { threads, ended };
}

/**
 * What stands as far as is known. When nobody knows whether a review arrived, GitHub is asked for comments of the App
 * that were never noted: also those that are wanted no more, which would else stay for good.
 */
async function findThreads(
  item: OutgoingItem,
  { number, review }: ReviewOutgoing,
  api: GitHubRepository,
): Promise<Threads> {
  const { threads = [], ended = [] } = item.published ?? {};
  if (!item.isUncertain) return { threads, ended };
  const noted = new Set([...ended, ...threads.flatMap(({ commentId }) => commentId ?? [])]);
  const keys = new Map(review.standing.map((key) => [digestOf(key), key]));
  const own = await api.findOwnReviewComments(number);
  const found = own.flatMap(({ id, text }) => {
    const digest = MARK.exec(text)?.[1];
    return digest === undefined || noted.has(id) ? [] : [{ key: keys.get(digest) ?? digest, commentId: id }];
  });
  return { threads: [...threads, ...found], ended };
}

const MARK = /<!-- drydock ([\da-f]{32}) -->\s*$/u;

function withMark(thread: ReviewThread): ReviewThread {
  return { ...thread, body: `${thread.body}\n\n${markOf(thread)}` };
}

function markOf({ key }: ReviewThread): string {
  return `<!-- drydock ${digestOf(key)} -->`;
}

/** A digest, because a key holds names from the repository. */
function digestOf(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 32);
}

/** GitHub shows comments on whole files apart from the review: it counts those on lines, and is empty without any. */
function describeReview(added: readonly ReviewThread[], overflow: number): string {
  const onLines = added.filter(({ line }) => line !== undefined).length;
  if (onLines === 0) return overflow === 0 ? "" : `${countComments(overflow, "more ")} in the checks.`;
  const placed = `${countComments(onLines)} on this change`;
  return overflow === 0 ? `${placed}.` : `${placed}; ${overflow} more in the checks.`;
}

function countComments(count: number, more = ""): string {
  return count === 1 ? `1 ${more}comment` : `${count} ${more}comments`;
}
