import { isPermitted, isUnread } from "../permissions.ts";
import type { JobServices } from "../services.ts";
import { judgeAgain, refuseCommand, type CommandPlace, type PlanCommand, type PlannedCommand } from "./command.ts";
import { nameSource } from "./set-stop.ts";

/**
 * Records that somebody wants this pull request merged once everything holds, bound to what they had seen judged (T14);
 * or takes that back, whoever had said it. Whether it is merged is decided at each judgement.
 */
export const planMerge: PlanCommand<"merge"> = ({ wish }, place, services) =>
  wish === "cancel" ? Promise.resolve(planCancel(place, services)) : planWish(place, services);

function planCancel(place: CommandPlace, { records }: JobServices): PlannedCommand {
  const { pullRequest, actor } = place;
  const carryOut = async () => {
    const wasWanted = await records.endMergeWish(pullRequest, {
      what: "merge-cancelled",
      by: actor,
      source: nameSource(place),
    });
    return wasWanted ? { intents: [] } : { says: "Nobody has asked for this to be merged.", intents: [] };
  };
  return { kind: "planned", carryOut };
}

async function planWish(place: CommandPlace, services: JobServices): Promise<PlannedCommand> {
  const { pullRequest, headSha, actor, givenAt, config } = place;
  const { baseRef } = pullRequest;
  const why = await findObstacle(place, services);
  if (why !== undefined) return refuseCommand(why);
  if (headSha === undefined || headSha !== pullRequest.headSha) return refuseCommand(UNSEEN);
  const carryOut = async () => {
    const isKept = await services.records.keepMergeWish(pullRequest, {
      ...{ source: nameSource(place), actor, givenAt, headSha, baseRef },
    });
    const says = isKept
      ? `On record: commit \`${headSha.slice(0, 7)}\` is merged (${config.merge.method}) once every check of Drydock holds and GitHub lets it. A push ends that, and so does \`/drydock merge cancel\`.`
      : "Not done: nothing is known of what this commit changes. Comment `/drydock check` and ask again.";
    return { says, intents: isKept ? [judgeAgain(place, "edited")] : [] };
  };
  return { kind: "planned", carryOut };
}

const UNSEEN = "this commit had not been checked when you wrote. Look at what the check says and ask again.";

/** What keeps anybody's wish from being fulfilled here. */
async function findObstacle(
  { repository, pullRequest, config, permissions }: CommandPlace,
  { github }: JobServices,
): Promise<string | undefined> {
  if (!config.merge.whenReady) {
    return "Drydock merges nothing here. The config of the default branch lets it with `merge: { whenReady: true }`.";
  }
  if (pullRequest.isDraft) return "this pull request is a draft.";
  if (!isUnread(permissions) && !isPermitted(permissions, "contents", "write")) return UNPERMITTED;
  if (await github.repository(repository).hasMergeQueue(pullRequest.baseRef)) {
    return "its base branch has a merge queue, which merges by itself: GitHub's own button puts this in line, and Drydock's checks judge the group as a whole.";
  }
  return undefined;
}

export const UNPERMITTED =
  "the App has no permission `contents: write` here, without which GitHub lets nobody merge. Whoever owns the App can add it in its settings, and the account it is installed on has to accept it.";
