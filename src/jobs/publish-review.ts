import { createHash } from "node:crypto";
import type { DesiredReview, Outgoing, PublishedThread, ReviewThread } from "../model/index.ts";
import type { GitHubRepository, OutgoingItem } from "./ports.ts";
import type { JobServices } from "./services.ts";
import type { Spend } from "./spend.ts";

type ReviewOutgoing = Extract<Outgoing, { kind: "review" }>;

/**
 * Sends new findings as one review of type comment and resolves the App's own threads whose findings are gone. A
 * thread that stands is left alone: people may have answered it.
 */
export async function publishReview(
  item: OutgoingItem,
  { number, headSha, review }: ReviewOutgoing,
  spend: Spend,
  services: JobServices,
): Promise<void> {
  const { records, github } = services;
  const api = github.repository(item.repository);
  let standing = await findThreads(item, number, review, api);
  const added = review.threads.filter(({ key }) => !standing.some((thread) => thread.key === key));
  if (added.length > 0) {
    let isBegun = false;
    const ids = await api.createReview(
      number,
      headSha,
      { body: describeReview(added, review.overflow), threads: added.map(withMark) },
      async () => {
        // Once begun it is carried through: what it has posted would be known to nobody.
        await spend(true, isBegun);
        isBegun = true;
        await records.markAttempt(item);
      },
    );
    standing = [
      ...standing,
      ...added.map(({ key }, index) => ({ key, commentId: ids[index] === 0 ? undefined : ids[index] })),
    ];
    await records.markPublished(item, { threads: standing }, false);
  }
  const stands = new Set(review.standing);
  for (const { key, commentId } of standing.filter((thread) => !stands.has(thread.key))) {
    if (commentId !== undefined) {
      await spend(false);
      await api.resolveThread(number, commentId);
    }
    standing = standing.filter((thread) => thread.key !== key);
    await records.markPublished(item, { threads: standing }, false);
  }
  await records.markPublished(item, { threads: standing }, true);
}

async function findThreads(
  item: OutgoingItem,
  number: number,
  review: DesiredReview,
  api: GitHubRepository,
): Promise<readonly PublishedThread[]> {
  const known = item.published?.threads ?? [];
  if (!item.isUncertain) return known;
  const own = await api.findOwnReviewComments(number);
  const found = review.threads.flatMap((thread) => {
    const comment = own.find(({ text }) => text.trimEnd().endsWith(markOf(thread)));
    const isKnown = known.some(({ key }) => key === thread.key);
    return comment === undefined || isKnown ? [] : [{ key: thread.key, commentId: comment.id }];
  });
  return [...known, ...found];
}

function withMark(thread: ReviewThread): ReviewThread {
  return { ...thread, body: `${thread.body}\n\n${markOf(thread)}` };
}

/** A digest, because a key holds names from the repository. */
function markOf({ key }: ReviewThread): string {
  return `<!-- drydock ${createHash("sha256").update(key).digest("hex").slice(0, 32)} -->`;
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
