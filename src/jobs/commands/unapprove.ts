import { judgeAgain, type CommandPlace, type PlanCommand } from "./command.ts";
import type { JobServices } from "../services.ts";

/** Somebody takes back what they approved here, by a review too: a new word of theirs counts again. */
export const planUnapprove: PlanCommand<"unapprove"> = (_none, place, services) => {
  const carryOut = async () => {
    await withdrawApproval(place, services);
    return { intents: [judgeAgain(place, "edited")] };
  };
  return Promise.resolve({ kind: "planned", carryOut });
};

export async function withdrawApproval(
  { pullRequest, actor }: Pick<CommandPlace, "pullRequest" | "actor">,
  { records }: Pick<JobServices, "records">,
): Promise<void> {
  await records.withdrawApprovals(pullRequest, actor);
}
