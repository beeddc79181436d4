import { z } from "zod";
import type { SubmittedReview } from "../model/index.ts";
import type { RepositoryCaller } from "./call-repository.ts";
import { userSchema } from "./schemas.ts";

const reviewSchema: z.ZodType<SubmittedReview> = z
  .object({
    id: z.number().int().positive(),
    user: userSchema.nullish().catch(undefined),
    state: z.string().max(100),
    commit_id: z.string().max(64).nullish(),
    submitted_at: z.iso.datetime({ offset: true }).nullish().catch(undefined),
  })
  .transform(({ id, user, state, commit_id: headSha, submitted_at: submittedAt }) => ({
    id,
    author: user ?? undefined,
    state: STATES.get(state) ?? "commented",
    headSha: headSha ?? undefined,
    submittedAt: typeof submittedAt === "string" ? Date.parse(submittedAt) : undefined,
  }));

const STATES: ReadonlyMap<string, SubmittedReview["state"]> = new Map([
  ["APPROVED", "approved"],
  ["CHANGES_REQUESTED", "changes-requested"],
  ["DISMISSED", "dismissed"],
]);

/** The reviews of a pull request, the oldest first. */
export async function listReviews(caller: RepositoryCaller, number: number): Promise<readonly SubmittedReview[]> {
  const route = "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews";
  return await caller.list(route, { entry: reviewSchema }, { pull_number: number });
}
