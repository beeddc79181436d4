import { suiteFor } from "./check-suites.ts";
import type { Annotation, CheckRun, Ref } from "./entities.ts";
import { change, emit, insert, now, read, select, type World } from "./store.ts";

export type CheckRunChanges = Partial<
  Omit<CheckRun, "id" | "suiteId" | "repositoryId" | "appId" | "headSha" | "annotations">
>;

/** Makes a check run of an App on a commit, in the App's suite there. */
export function createCheckRun(
  world: World,
  actor: Ref,
  repository: Ref,
  app: Ref,
  run: CheckRunChanges & {
    readonly name: string;
    readonly headSha: string;
    readonly annotations?: readonly Annotation[];
  },
): CheckRun {
  const suite = suiteFor(world, repository, app, run.headSha);
  const created = insert(world, "checkRuns", {
    externalId: "",
    detailsUrl: undefined,
    startedAt: now(world),
    title: undefined,
    summary: undefined,
    text: undefined,
    annotations: [],
    actions: [],
    ...run,
    ...conclude(world, run),
    suiteId: suite.id,
    repositoryId: repository.id,
    appId: app.id,
  });
  change(world, "checkSuites", suite, { isRequeued: false, updatedAt: now(world) });
  emit(world, actor, { kind: "check_run", action: "created", checkRunId: created.id });
  tellCompleted(world, actor, undefined, created);
  return created;
}

/** Annotations are added to those that are there. */
export function updateCheckRun(
  world: World,
  actor: Ref,
  run: Ref,
  changes: CheckRunChanges,
  annotations: readonly Annotation[] = [],
): CheckRun {
  const before = read(world, "checkRuns", run);
  const isSpoken = changes.status !== undefined || changes.conclusion !== undefined;
  const updated = change(world, "checkRuns", run, {
    ...changes,
    ...(isSpoken ? conclude(world, changes) : {}),
    annotations: [...before.annotations, ...annotations],
  });
  change(world, "checkSuites", { id: updated.suiteId }, { isRequeued: false, updatedAt: now(world) });
  tellCompleted(world, actor, before, updated);
  return updated;
}

/** A conclusion completes a run, whatever status was said; a status other than `completed` opens it again. */
function conclude(
  world: World,
  { status, conclusion, completedAt }: CheckRunChanges,
): Pick<CheckRun, "status" | "conclusion" | "completedAt"> {
  if (conclusion === undefined) return { status: status ?? "queued", conclusion: undefined, completedAt: undefined };
  return { status: "completed", conclusion, completedAt: completedAt ?? now(world) };
}

function tellCompleted(world: World, actor: Ref, before: CheckRun | undefined, after: CheckRun): void {
  if (after.status !== "completed" || before?.status === "completed") return;
  emit(world, actor, { kind: "check_run", action: "completed", checkRunId: after.id });
  const runs = select(world, "checkRuns", (one) => one.suiteId === after.suiteId);
  if (runs.some(({ status }) => status !== "completed")) return;
  emit(world, actor, { kind: "check_suite", action: "completed", checkSuiteId: after.suiteId });
}

/** "Re-run": told to the App alone; the run itself is left as it was, its suite is queued again. */
export function rerunCheck(world: World, actor: Ref, run: Ref): void {
  const { suiteId } = read(world, "checkRuns", run);
  change(world, "checkSuites", { id: suiteId }, { isRequeued: true, updatedAt: now(world) });
  emit(world, actor, { kind: "check_run", action: "rerequested", checkRunId: run.id });
}

/** Somebody pressed one of the buttons that the run offers; throws when it has none of this name. */
export function requestAction(world: World, actor: Ref, run: Ref, identifier: string): void {
  const { actions } = read(world, "checkRuns", run);
  if (!actions.some((action) => action.identifier === identifier)) throw new Error("the run has no such action");
  emit(world, actor, { kind: "check_run", action: "requested_action", checkRunId: run.id, identifier });
}

/** Every run on a commit, newest first. */
export function listCheckRuns(world: World, repository: Ref, headSha: string): CheckRun[] {
  return select(
    world,
    "checkRuns",
    (one) => one.headSha === headSha && one.repositoryId === repository.id,
  ).toReversed();
}

/** Of each App, the newest run of each name. */
export function latestCheckRuns(world: World, repository: Ref, headSha: string): CheckRun[] {
  const latest = new Map<string, CheckRun>();
  for (const run of listCheckRuns(world, repository, headSha)) {
    const key = `${run.appId} ${run.name}`;
    if (!latest.has(key)) latest.set(key, run);
  }
  return [...latest.values()];
}
