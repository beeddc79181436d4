import { latestCheckRuns, select, type CheckRun, type PullRequest } from "../sandbox/world/index.ts";
import { GATE, type Stage } from "./set-stage.ts";

export type ChecksState = "none" | "pending" | "success" | "failure";

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
  if (runs.some(({ status }) => status !== "completed")) return "pending";
  return runs.every(({ conclusion }) => isGood(conclusion)) ? "success" : "failure";
}

export function stateOf(run: CheckRun): Exclude<ChecksState, "none"> {
  if (run.status !== "completed") return "pending";
  return isGood(run.conclusion) ? "success" : "failure";
}

function isGood(conclusion: string | undefined): boolean {
  return ["success", "neutral", "skipped"].includes(conclusion ?? "");
}

/** The gate of a pull request, once every check on its head is completed. */
export function findFinishedGate(stage: Stage, pull: PullRequest): CheckRun | undefined {
  const runs = listChecks(stage, pull);
  if (combineChecks(runs) === "pending") return undefined;
  return runs.find(({ name }) => name === GATE);
}

/** Newest first. */
export function listPulls({ sandbox, repository }: Stage): PullRequest[] {
  return select(sandbox.world, "pullRequests", (one) => one.repositoryId === repository.id).toReversed();
}
