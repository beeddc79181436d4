import { latestCheckRuns, select, type CheckRun, type PullRequest } from "../sandbox/world/index.ts";
import { GATE, type Stage } from "./set-stage.ts";

/** `waiting`: for people or for time, by Drydock's own word. */
export type ChecksState = "none" | "pending" | "waiting" | "success" | "failure";

/** The newest check runs of a pull request's head: the gate first, then by name. */
export function listChecks({ sandbox, repository }: Stage, { headSha }: PullRequest): CheckRun[] {
  const rank = ({ name }: CheckRun): string => (name === GATE ? "" : name);
  return latestCheckRuns(sandbox.world, repository, headSha).toSorted((one, other) =>
    rank(one) < rank(other) ? -1 : 1,
  );
}

/** What all checks of a head come to. */
export function combineChecks(runs: readonly CheckRun[]): ChecksState {
  if (runs.length === 0) return "none";
  const states = new Set(runs.map(stateOf));
  return (["pending", "failure", "waiting"] as const).find((state) => states.has(state)) ?? "success";
}

export function stateOf(run: Pick<CheckRun, "status" | "conclusion" | "title">): Exclude<ChecksState, "none"> {
  if (run.status !== "completed") return run.title?.startsWith("Waiting: ") === true ? "waiting" : "pending";
  return isGood(run.conclusion) ? "success" : "failure";
}

function isGood(conclusion: string | undefined): boolean {
  return ["success", "neutral", "skipped"].includes(conclusion ?? "");
}

/** The gate of a pull request, once every check on its head is completed or waits. */
export function findFinishedGate(stage: Stage, pull: PullRequest): CheckRun | undefined {
  const runs = listChecks(stage, pull);
  if (combineChecks(runs) === "pending") return undefined;
  return runs.find(({ name }) => name === GATE);
}

/** Newest first. */
export function listPulls({ sandbox, repository }: Stage): PullRequest[] {
  return select(sandbox.world, "pullRequests", (one) => one.repositoryId === repository.id).toReversed();
}
