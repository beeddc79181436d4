import { forbidden, invalid, notFound, type Answer } from "../http/answer.ts";
import {
  actorOf,
  installedAppOf,
  listOf,
  numberOf,
  objectOf,
  repositoryOf,
  textOf,
  type Call,
  type Handlers,
} from "../http/call.ts";
import { listAnswer, pageOf } from "../http/pages.ts";
import { shapeAnnotation, shapeCheckRun, shapeCheckSuite } from "../shapes/index.ts";
import type { Annotation, CheckAction, CheckRun, CheckStatus, CheckSuite, Repository } from "../world/entities.ts";
import {
  createCheckRun,
  listCheckRuns,
  listSuites,
  rerequestSuite,
  rerunCheck,
  select,
  updateCheckRun,
  type CheckRunChanges,
} from "../world/index.ts";
import { resolveCommit } from "./commits.ts";

/** GitHub's bounds on one request about a check run. */
const MOST_ANNOTATIONS = 50;
const MOST_ACTIONS = 3;
const LONGEST_TEXT = 65_535;
const LONGEST_TITLE = 255;
const LONGEST_MESSAGE = 65_536;

export const checkHandlers: Handlers = {
  "checks/create": async (call) => {
    const repository = repositoryOf(call);
    const app = installedAppOf(call);
    const headSha = textOf(call.body, "head_sha") ?? "";
    if ((await resolveCommit(repository, headSha)) !== headSha) {
      throw invalid("CheckRun", "head_sha", "invalid", `No commit found for SHA: ${headSha}`);
    }
    const name = textOf(call.body, "name") ?? "";
    const changes = readChanges(call);
    const run = { ...changes, name, headSha, annotations: readAnnotations(call) };
    const created = createCheckRun(call.world, actorOf(call), repository, app, run);
    return { status: 201, body: shapeCheckRun(call.world, created) };
  },
  "checks/update": (call) => {
    const run = runOf(call, repositoryOf(call));
    if (run.appId !== installedAppOf(call).id) throw forbidden("Invalid app_id `check_run` was not created by it.");
    const updated = updateCheckRun(call.world, actorOf(call), run, readChanges(call), readAnnotations(call));
    return { status: 200, body: shapeCheckRun(call.world, updated) };
  },
  "checks/get": (call) => ({ status: 200, body: shapeCheckRun(call.world, runOf(call, repositoryOf(call))) }),
  "checks/list-for-ref": async (call) => {
    const repository = repositoryOf(call);
    const sha = await resolveCommit(repository, call.parameters["ref"] ?? "");
    if (sha === undefined) throw invalid("CheckRun", "ref", "invalid", "No commit found for SHA");
    return listRuns(call, listCheckRuns(call.world, repository, sha));
  },
  "checks/list-for-suite": (call) => {
    const suite = suiteOf(call, repositoryOf(call));
    return listRuns(call, select(call.world, "checkRuns", (run) => run.suiteId === suite.id).toReversed());
  },
  "checks/list-annotations": (call) => {
    const run = runOf(call, repositoryOf(call));
    return listAnswer(call, run.annotations, (annotation) => shapeAnnotation(call.world, run, annotation));
  },
  "checks/rerequest-run": (call) => {
    rerunCheck(call.world, actorOf(call), runOf(call, repositoryOf(call)));
    return { status: 201, body: {} };
  },
  "checks/list-suites-for-ref": async (call) => {
    const repository = repositoryOf(call);
    const sha = (await resolveCommit(repository, call.parameters["ref"] ?? "")) ?? "";
    const appId = call.query.get("app_id");
    const name = call.query.get("check_name");
    const suites = listSuites(call.world, repository, sha).filter(
      (suite) =>
        (appId === null || suite.appId === Number(appId)) &&
        (name === null ||
          select(call.world, "checkRuns", (run) => run.suiteId === suite.id && run.name === name).length > 0),
    );
    const { items, headers } = pageOf(call, suites);
    const shown = items.map((suite) => shapeCheckSuite(call.world, suite));
    return { status: 200, body: { total_count: suites.length, check_suites: shown }, headers };
  },
  "checks/get-suite": (call) => ({ status: 200, body: shapeCheckSuite(call.world, suiteOf(call, repositoryOf(call))) }),
  "checks/rerequest-suite": (call) => {
    rerequestSuite(call.world, actorOf(call), suiteOf(call, repositoryOf(call)));
    return { status: 201, body: {} };
  },
};

function runOf(call: Call, repository: Repository): CheckRun {
  const run = call.world.checkRuns.get(Number(call.parameters["check_run_id"]));
  if (run?.repositoryId !== repository.id) throw notFound();
  return run;
}

function suiteOf(call: Call, repository: Repository): CheckSuite {
  const suite = call.world.checkSuites.get(Number(call.parameters["check_suite_id"]));
  if (suite?.repositoryId !== repository.id) throw notFound();
  return suite;
}

/** `filter` is `latest` unless told otherwise: of each App the newest run of a name. */
function listRuns(call: Call, runs: readonly CheckRun[]): Answer {
  const { query } = call;
  const name = query.get("check_name");
  const appId = query.get("app_id");
  const status = query.get("status");
  const isLatest = (query.get("filter") ?? "latest") === "latest";
  const seen = new Set<string>();
  const found = runs.filter((run) => {
    const key = `${run.appId} ${run.name}`;
    const isOld = isLatest && seen.has(key);
    seen.add(key);
    const isWanted = (name === null || run.name === name) && (appId === null || run.appId === Number(appId));
    return !isOld && isWanted && (status === null || run.status === status);
  });
  const { items, headers } = pageOf(call, found);
  const shown = items.map((run) => shapeCheckRun(call.world, run));
  return { status: 200, body: { total_count: found.length, check_runs: shown }, headers };
}

/** What a body says, and only that: what is absent from it stays as it is. */
function readChanges(call: Call): CheckRunChanges {
  const { body } = call;
  const output = objectOf(body, "output");
  checkLengths(output);
  const said = {
    name: textOf(body, "name"),
    detailsUrl: textOf(body, "details_url"),
    externalId: textOf(body, "external_id"),
    status: textOf(body, "status") as CheckStatus | undefined,
    conclusion: textOf(body, "conclusion"),
    startedAt: textOf(body, "started_at"),
    completedAt: textOf(body, "completed_at"),
    title: textOf(output, "title"),
    summary: textOf(output, "summary"),
    text: textOf(output, "text"),
    actions: body["actions"] === undefined ? undefined : readActions(body),
  };
  if (said.status === "completed" && said.conclusion === undefined) {
    throw invalid("CheckRun", "conclusion", "missing_field", "A completed check run needs a conclusion");
  }
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

function checkLengths(output: Readonly<Record<string, unknown>>): void {
  for (const [name, most] of [
    ["title", LONGEST_TITLE],
    ["summary", LONGEST_TEXT],
    ["text", LONGEST_TEXT],
  ] as const) {
    const text = textOf(output, name) ?? "";
    // Bytes, not characters: what GitHub stores is bounded.
    if (Buffer.byteLength(text) > most) {
      throw invalid("CheckRun", name, "invalid", `Only ${most} characters are allowed; ${text.length} were supplied.`);
    }
  }
}

function readActions(body: Call["body"]): CheckAction[] {
  const actions = listOf(body, "actions");
  if (actions.length > MOST_ACTIONS) throw invalid("CheckRun", "actions", "invalid");
  return actions.map((action) => {
    const [label, description, identifier] = [
      textOf(action, "label") ?? "",
      textOf(action, "description") ?? "",
      textOf(action, "identifier") ?? "",
    ];
    if (label.length > 20 || description.length > 40 || identifier.length > 20) {
      throw invalid("CheckRun", "actions", "invalid");
    }
    return { label, description, identifier };
  });
}

function readAnnotations({ body }: Call): Annotation[] {
  const annotations = listOf(objectOf(body, "output"), "annotations");
  if (annotations.length > MOST_ANNOTATIONS) {
    throw invalid("CheckRun", "annotations", "invalid", `No more than ${MOST_ANNOTATIONS} annotations are allowed.`);
  }
  return annotations.map(readAnnotation);
}

function readAnnotation(one: Readonly<Record<string, unknown>>): Annotation {
  const annotation = {
    path: textOf(one, "path") ?? "",
    startLine: numberOf(one, "start_line") ?? 1,
    endLine: numberOf(one, "end_line") ?? 1,
    startColumn: numberOf(one, "start_column"),
    endColumn: numberOf(one, "end_column"),
    level: (textOf(one, "annotation_level") ?? "notice") as Annotation["level"],
    message: textOf(one, "message") ?? "",
    title: textOf(one, "title"),
    rawDetails: textOf(one, "raw_details"),
  };
  const hasColumns = annotation.startColumn !== undefined || annotation.endColumn !== undefined;
  const isWrong =
    Buffer.byteLength(annotation.message) > LONGEST_MESSAGE ||
    (annotation.title ?? "").length > LONGEST_TITLE ||
    annotation.endLine < annotation.startLine ||
    (hasColumns && annotation.startLine !== annotation.endLine);
  if (isWrong) throw invalid("CheckRun", "annotations", "invalid");
  return annotation;
}
