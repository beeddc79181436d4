import { shapeCheckRun } from "../../shapes/checks.ts";
import type { CheckRun, CheckSuite } from "../../world/entities.ts";
import { fullName } from "../../world/repositories.ts";
import { read, select, type World } from "../../world/store.ts";
import { describeApp } from "./account.ts";
import { nodeId, type Json } from "./json.ts";
import { describeBriefSide } from "./pull-request.ts";

export function describeCheckRun(world: World, run: CheckRun): Json {
  const suite = read(world, "checkSuites", { id: run.suiteId });
  const pullRequests = listPullRequests(world, suite);
  return {
    ...shapeCheckRun(world, run),
    started_at: run.startedAt ?? suite.createdAt,
    check_suite: { ...describeSuite(world, suite), pull_requests: pullRequests },
    pull_requests: pullRequests,
  };
}

/** A suite as its own events have it; its head commit is added by who reads git. */
export function describeCheckSuite(world: World, suite: CheckSuite): Json {
  const runs = select(world, "checkRuns", (one) => one.suiteId === suite.id);
  return {
    ...describeSuite(world, suite),
    pull_requests: listPullRequests(world, suite),
    latest_check_runs_count: runs.length,
    check_runs_url: `${suiteUrl(world, suite)}/check-runs`,
    rerequestable: true,
    runs_rerequestable: true,
  };
}

function describeSuite(world: World, suite: CheckSuite): Json {
  return {
    id: suite.id,
    node_id: nodeId("CS", suite.id),
    head_branch: suite.headBranch ?? null,
    head_sha: suite.headSha,
    ...describeState(world, suite),
    url: suiteUrl(world, suite),
    before: null,
    after: suite.headSha,
    app: describeApp(world, read(world, "apps", { id: suite.appId })),
    created_at: suite.createdAt,
    updated_at: suite.updatedAt,
  };
}

function describeState(world: World, suite: CheckSuite): Json {
  const runs = select(world, "checkRuns", (one) => one.suiteId === suite.id);
  if (suite.isRequeued || runs.length === 0) return { status: "queued", conclusion: null };
  if (runs.some(({ status }) => status !== "completed")) return { status: "in_progress", conclusion: null };
  const conclusions = new Set(runs.map(({ conclusion }) => conclusion));
  const worst = ["failure", "timed_out", "action_required", "cancelled", "stale"].find((one) => conclusions.has(one));
  return { status: "completed", conclusion: worst ?? (conclusions.has("success") ? "success" : "neutral") };
}

function suiteUrl(world: World, suite: CheckSuite): string {
  return `${world.addresses.api}/repos/${fullName(world, { id: suite.repositoryId })}/check-suites/${suite.id}`;
}

/** Open pull requests from this commit of this repository. Those of forks are not listed, as on GitHub. */
function listPullRequests(world: World, suite: CheckSuite): Json[] {
  return select(
    world,
    "pullRequests",
    (one) => one.headSha === suite.headSha && one.headRepositoryId === suite.repositoryId && one.state === "open",
  ).map((one) => ({
    url: `${world.addresses.api}/repos/${fullName(world, { id: one.repositoryId })}/pulls/${one.number}`,
    id: one.id,
    number: one.number,
    head: describeBriefSide(world, suite.repositoryId, one.headRef, one.headSha),
    base: describeBriefSide(world, one.repositoryId, one.baseRef, one.baseSha),
  }));
}
