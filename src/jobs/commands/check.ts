import { isMaintainer } from "../../commands/index.ts";
import { judgeAgain, type PlanCommand } from "./command.ts";

/** Judges the pull request again. Of somebody who may write it also lets the commit of a fork be checked that they saw. */
export const planCheck: PlanCommand<"check"> = (_args, place, { records }) => {
  const { repository, pullRequest, role, headSha } = place;
  const carryOut = async () => {
    if (isMaintainer(role) && headSha !== undefined) {
      await records.release({ repositoryId: repository.repositoryId, number: pullRequest.number }, headSha);
    }
    return { intents: [judgeAgain(place, "asked")] };
  };
  return Promise.resolve({ kind: "planned", carryOut });
};
