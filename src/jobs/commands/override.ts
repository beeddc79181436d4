import { findOverrideProblem } from "../../publish/index.ts";
import { judgeAgain, refuseCommand, type PlanCommand } from "./command.ts";
import { nameSource } from "./set-stop.ts";

/**
 * Records that somebody lets this pull request pass a rule, bound to the commit that they had seen judged (T14). Whether
 * it counts is asked at each verdict: an author's does not alone.
 */
export const planOverride: PlanCommand<"override"> = async ({ rule, reason }, place, { records }) => {
  const { pullRequest, headSha, actor, givenAt } = place;
  if (headSha === undefined || headSha !== pullRequest.headSha) {
    const why = "this commit had not been checked when you wrote. Look at what the check says and override again.";
    return refuseCommand(why);
  }
  const standing = await records.readStanding(pullRequest);
  const problem = findOverrideProblem(rule, standing?.json);
  if (problem !== undefined) return refuseCommand(problem);
  const carryOut = async () => {
    const isKept = await records.keepOverride(pullRequest, {
      ...{ source: nameSource(place), actor, rule, reason, givenAt, headSha, baseRef: pullRequest.baseRef },
    });
    const says = isKept
      ? `On record: \`${rule}\` is overridden. It counts for commit \`${headSha.slice(0, 7)}\`, and for later ones until what is rendered changes.`
      : "Not done: nothing is known of what this commit changes. Comment `/drydock check` and override again.";
    return { says, intents: [judgeAgain(place, "edited")] };
  };
  return { kind: "planned", carryOut };
};
