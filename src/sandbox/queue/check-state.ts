import type { RequiredCheck } from "../world/entities.ts";
import { latestCheckRuns } from "../world/check-runs.ts";
import { latestStatuses } from "../world/statuses.ts";
import type { World } from "../world/store.ts";

/** What the required checks on a commit say together. */
export type ChecksState = "passed" | "failed" | "waiting";

const GOOD: ReadonlySet<string | undefined> = new Set(["success", "neutral", "skipped"]);

/** Looks at the newest run or status of each required check; one that is bad decides, then one that is missing. */
export function readChecks(
  world: World,
  repositoryId: number,
  sha: string,
  required: readonly RequiredCheck[],
): ChecksState {
  const states = required.map((check) => readCheck(world, repositoryId, sha, check));
  if (states.includes("failed")) return "failed";
  return states.includes("waiting") ? "waiting" : "passed";
}

function readCheck(world: World, id: number, sha: string, { context, appId }: RequiredCheck): ChecksState {
  const botId = world.apps.get(appId ?? 0)?.botId;
  const runs = latestCheckRuns(world, { id }, sha)
    .filter((run) => run.name === context && (appId === undefined || run.appId === appId))
    .map((run) => (run.status !== "completed" ? "waiting" : GOOD.has(run.conclusion) ? "passed" : "failed"));
  const statuses = latestStatuses(world, { id }, sha)
    .filter((status) => status.context === context && (appId === undefined || status.creatorId === botId))
    .map(({ state }) => (state === "pending" ? "waiting" : state === "success" ? "passed" : "failed"));
  const all = [...runs, ...statuses];
  if (all.includes("failed")) return "failed";
  return all.length === 0 || all.includes("waiting") ? "waiting" : "passed";
}
