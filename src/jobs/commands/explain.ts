import { explainVerdict } from "../../publish/index.ts";
import { refuseCommand, type PlanCommand } from "./command.ts";

/** Tells how checks stand, from the verdict that stands. */
export const planExplain: PlanCommand<"explain"> = async ({ check }, { pullRequest }, { records }) => {
  const standing = await records.readStanding(pullRequest);
  if (standing === undefined) return refuseCommand("this pull request has not been checked yet.");
  const says = explainVerdict(standing.verdict, check);
  return { kind: "planned", carryOut: () => Promise.resolve({ says, intents: [] }) };
};
