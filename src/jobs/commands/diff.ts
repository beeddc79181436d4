import { writeAppDiff } from "../../publish/index.ts";
import { refuseCommand, type PlanCommand } from "./command.ts";

/** Shows what the pull request changes in one app, from the report that stands. */
export const planDiff: PlanCommand<"diff"> = async ({ app }, { pullRequest }, { records }) => {
  const standing = await records.readStanding(pullRequest);
  if (standing?.json === undefined) return refuseCommand("there is no report of this pull request yet.");
  const diff = writeAppDiff(standing.json, app);
  if (diff.kind === "none") return refuseCommand(`${diff.why}.`);
  const { headSha } = standing.verdict;
  const stale = `This is of \`${headSha.slice(0, 10)}\`; what was pushed since is not checked yet.\n\n`;
  const says = `${headSha === pullRequest.headSha ? "" : stale}${diff.text}`;
  return { kind: "planned", carryOut: () => Promise.resolve({ says, intents: [] }) };
};
