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
  const late = recorded.flatMap(({ source, sourceId: id, state, actor, place, givenAt }): SubmittedReview[] => {
    const isBack = state === "changes-requested" || state === "dismissed";
    return source === "review" && isBack && !known.has(id)
      ? [{ id, author: actor, state, headSha: place?.headSha, submittedAt: givenAt }]
      : [];
  });
  return [...listed, ...late];
}

/**
 * Whether somebody's last review takes back what they approved by a command. One that asks for changes does until they
 * approve by a review. One that was dismissed takes back what came before it, whatever it had said: that it is gone makes
 * no older word the last one again (T03). What they approved after it is a word of its own.
 */
export function isTakenBack(last: SubmittedReview | undefined, { givenAt }: { readonly givenAt: number }): boolean {
  if (last === undefined) return false;
  const { state, submittedAt } = last;
  switch (state) {
    case "changes-requested":
      return true;
    case "dismissed":
      return submittedAt === undefined || submittedAt >= givenAt;
    case "approved":
    case "commented":
      return false;
    default:
      return state satisfies never;
  }
}
