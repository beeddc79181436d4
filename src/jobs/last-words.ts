import { AccessLostFault, type PullRequestKey, type RecordedWord, type SubmittedReview } from "../model/index.ts";
import type { GitHubRepository } from "./ports.ts";

/** Whoever may not read reviews knows of none. */
export async function readReviews(
  api: GitHubRepository,
  { number }: Pick<PullRequestKey, "number">,
): Promise<readonly SubmittedReview[]> {
  try {
    return await api.listReviews(number);
  } catch (error) {
    if (error instanceof AccessLostFault && error.loss === "permission") return [];
    throw error;
  }
}

/** The last word of each person: one that only comments takes nothing back. */
export function listLastWords(reviews: readonly SubmittedReview[]): ReadonlyMap<number, SubmittedReview> {
  const last = new Map<number, SubmittedReview>();
  for (const review of reviews) {
    if (review.author !== undefined && review.state !== "commented") last.set(review.author.id, review);
  }
  return last;
}

/**
 * Reviews as GitHub lists them, and those that it does not list yet although their webhooks came: words that take
 * something back count at once.
 */
export function withRecorded(
  listed: readonly SubmittedReview[],
  recorded: readonly RecordedWord[],
): readonly SubmittedReview[] {
  const known = new Set(listed.map(({ id }) => id));
  const late = recorded.flatMap(({ source, sourceId: id, state, actor, place }): SubmittedReview[] => {
    const isBack = state === "changes-requested" || state === "dismissed";
    return source === "review" && isBack && !known.has(id)
      ? [{ id, author: actor, state, headSha: place?.headSha }]
      : [];
  });
  return [...listed, ...late];
}

/** Whether somebody's last review takes back what they approved by a command: until they approve by a review. */
export function isTakenBack(last: SubmittedReview | undefined): boolean {
  return last?.state === "changes-requested";
}
