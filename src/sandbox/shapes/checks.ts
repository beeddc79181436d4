import type { Annotation, CheckRun, CheckSuite, PullRequest } from "../world/entities.ts";
import { read, select, type World } from "../world/index.ts";
import { shapeApp } from "./accounts.ts";
import { nodeId, type Shape } from "./node-id.ts";
import { repositoryPage, repositoryUrl, shapeMinimalRepository } from "./repositories.ts";

export function shapeCheckRun(world: World, run: CheckRun): Shape {
  const url = `${repositoryUrl(world, { id: run.repositoryId })}/check-runs/${run.id}`;
  const page = `${repositoryPage(world, { id: run.repositoryId })}/runs/${run.id}`;
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId("CR", run.id),
    head_sha: run.headSha,
    external_id: run.externalId,
    url,
    html_url: page,
    details_url: run.detailsUrl ?? page,
    status: run.status,
    conclusion: run.conclusion ?? null,
    started_at: run.startedAt ?? null,
    completed_at: run.completedAt ?? null,
    output: {
      title: run.title ?? null,
      summary: run.summary ?? null,
      text: run.text ?? null,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suiteId },
    app: shapeApp(world, read(world, "apps", { id: run.appId })),
    pull_requests: pullsOf(world, run).map((pullRequest) => shapeMinimalPull(world, pullRequest)),
  };
}

/** Open pull requests with this head inside the repository: of those from forks GitHub says nothing here. */
function pullsOf(world: World, { repositoryId, headSha }: Pick<CheckRun, "repositoryId" | "headSha">): PullRequest[] {
  return select(
    world,
    "pullRequests",
    (one) =>
      one.headSha === headSha &&
      one.state === "open" &&
      one.repositoryId === repositoryId &&
      one.headRepositoryId === repositoryId,
  );
}

function shapeMinimalPull(world: World, pullRequest: PullRequest): Shape {
  const { id, name } = read(world, "repositories", { id: pullRequest.repositoryId });
  const url = repositoryUrl(world, { id });
  const repo = { id, url, name };
  return {
    url: `${url}/pulls/${pullRequest.number}`,
    id: pullRequest.id,
    number: pullRequest.number,
    head: { ref: pullRequest.headRef, sha: pullRequest.headSha, repo },
    base: { ref: pullRequest.baseRef, sha: pullRequest.baseSha, repo },
  };
}

export function shapeAnnotation(world: World, run: CheckRun, annotation: Annotation): Shape {
  const page = repositoryPage(world, { id: run.repositoryId });
  return {
    path: annotation.path,
    blob_href: `${page}/blob/${run.headSha}/${annotation.path}`,
    start_line: annotation.startLine,
    end_line: annotation.endLine,
    start_column: annotation.startColumn ?? null,
    end_column: annotation.endColumn ?? null,
    annotation_level: annotation.level,
    title: annotation.title ?? null,
    message: annotation.message,
    raw_details: annotation.rawDetails ?? null,
  };
}

/** What a suite says follows from its runs: the newest of each name, and queued again once somebody asked for it. */
export function summarizeSuite(
  world: World,
  suite: CheckSuite,
): { readonly status: string; readonly conclusion: string | null; readonly runs: readonly CheckRun[] } {
  const newest = new Map(select(world, "checkRuns", (one) => one.suiteId === suite.id).map((run) => [run.name, run]));
  const runs = [...newest.values()];
  if (suite.isRequeued || runs.length === 0) return { status: "queued", conclusion: null, runs };
  if (runs.some(({ status }) => status !== "completed")) return { status: "in_progress", conclusion: null, runs };
  const conclusions = runs.map(({ conclusion }) => conclusion ?? "neutral");
  const worst = ["failure", "timed_out", "action_required", "cancelled", "success", "neutral", "skipped"];
  return { status: "completed", conclusion: worst.find((one) => conclusions.includes(one)) ?? "neutral", runs };
}

export function shapeCheckSuite(world: World, suite: CheckSuite): Shape {
  const url = `${repositoryUrl(world, { id: suite.repositoryId })}/check-suites/${suite.id}`;
  const { status, conclusion, runs } = summarizeSuite(world, suite);
  return {
    id: suite.id,
    node_id: nodeId("CS", suite.id),
    head_branch: suite.headBranch ?? null,
    head_sha: suite.headSha,
    status,
    conclusion,
    url,
    before: null,
    after: suite.headSha,
    pull_requests: pullsOf(world, suite).map((pullRequest) => shapeMinimalPull(world, pullRequest)),
    app: shapeApp(world, read(world, "apps", { id: suite.appId })),
    repository: shapeMinimalRepository(world, { id: suite.repositoryId }),
    created_at: suite.createdAt,
    updated_at: suite.updatedAt,
    head_commit: shapeHeadCommit(suite),
    latest_check_runs_count: runs.length,
    check_runs_url: `${url}/check-runs`,
  };
}

/** Only what is known without asking git. */
function shapeHeadCommit({ headSha, createdAt }: CheckSuite): Shape {
  const person = { name: "Somebody", email: "somebody@example.com" };
  return {
    id: headSha,
    tree_id: headSha,
    message: "",
    timestamp: createdAt,
    author: person,
    committer: person,
  };
}
