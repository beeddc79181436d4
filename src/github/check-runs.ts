import { z } from "zod";
import type { CheckWrite, OwnThing } from "../jobs/ports.ts";
import { RERUN_ACTION, type CheckAnnotation, type Level } from "../model/index.ts";
import { anything, type RepositoryCaller } from "./call-repository.ts";
import { checkRunSchema, createdSchema } from "./schemas.ts";

/** Labels at most 20 characters, descriptions 40; shown once the run is complete. */
const ACTIONS = [{ label: "Re-run", description: "Check this commit again", identifier: RERUN_ACTION }];

/** Annotations in one request; GitHub appends those of the next. */
export const MOST_ANNOTATIONS = 50;
/**
 * Code points. GitHub documents 65,535 for summary and text, 255 for a title and 64 KiB for a message, and refuses the
 * whole request beyond: what made the text keeps to its own bounds, this is the last guard.
 */
const LONGEST = { title: 255, text: 65_000, annotationTitle: 255, message: 16_000, externalId: 255 };
const LEVELS: Readonly<Record<Level, "failure" | "warning" | "notice">> = {
  error: "failure",
  warning: "warning",
  notice: "notice",
};

export async function createCheckRun(caller: RepositoryCaller, headSha: string, write: CheckWrite): Promise<number> {
  const parameters = { head_sha: headSha, ...describeRun(write) };
  return (await caller.call("POST /repos/{owner}/{repo}/check-runs", createdSchema, parameters)).id;
}

export async function updateCheckRun(caller: RepositoryCaller, checkRunId: number, write: CheckWrite): Promise<void> {
  const parameters = { check_run_id: checkRunId, ...describeRun(write) };
  await caller.call("PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}", anything, parameters);
}

/** Also superseded ones: what is looked for is whether a request arrived. */
export async function findOwnCheckRuns(
  caller: RepositoryCaller,
  appId: number,
  headSha: string,
): Promise<readonly OwnThing[]> {
  const runs = await caller.list(
    "GET /repos/{owner}/{repo}/commits/{ref}/check-runs",
    { entry: checkRunSchema, under: "check_runs" },
    { ref: headSha, app_id: appId, filter: "all" },
  );
  return runs.filter((run) => run.app?.id === appId).map((run) => ({ id: run.id, text: run.external_id }));
}

const checkSuiteSchema = z.object({
  status: z.string().max(64).nullable(),
  latest_check_runs_count: z.number().int(),
  app: z.object({ id: z.number().int() }).nullable(),
});

/**
 * Whether somebody asked for the App's runs on a commit again and nothing was written since: GitHub queues the suite anew
 * and leaves its runs as they are ("Rerequest a check run", docs.github.com). False where nothing has run.
 */
export async function isRerunAsked(caller: RepositoryCaller, appId: number, headSha: string): Promise<boolean> {
  const route = "GET /repos/{owner}/{repo}/commits/{ref}/check-suites";
  const list = { entry: checkSuiteSchema, under: "check_suites" };
  const suites = await caller.list(route, list, { ref: headSha, app_id: appId });
  return suites.some((suite) => {
    return suite.app?.id === appId && suite.status === "queued" && suite.latest_check_runs_count > 0;
  });
}

function describeRun({ check, annotations, detailsUrl, externalId, startedAt }: CheckWrite): Record<string, unknown> {
  if (annotations.length > MOST_ANNOTATIONS) throw new Error(`${annotations.length} annotations in one request`);
  const isComplete = check.state !== "in_progress";
  return {
    name: check.name,
    external_id: cutText(externalId, LONGEST.externalId),
    started_at: startedAt,
    ...(detailsUrl === undefined ? {} : { details_url: detailsUrl }),
    status: isComplete ? "completed" : "in_progress",
    ...(isComplete ? { conclusion: check.state, actions: ACTIONS } : {}),
    output: {
      title: cutText(check.title, LONGEST.title),
      summary: cutText(check.summary, LONGEST.text),
      ...(check.text === "" ? {} : { text: cutText(check.text, LONGEST.text) }),
      ...(annotations.length === 0 ? {} : { annotations: annotations.map(describeAnnotation) }),
    },
  };
}

function describeAnnotation(annotation: CheckAnnotation): Record<string, unknown> {
  return {
    path: annotation.path,
    start_line: annotation.startLine,
    end_line: Math.max(annotation.startLine, annotation.endLine),
    annotation_level: LEVELS[annotation.level],
    title: cutText(annotation.title, LONGEST.annotationTitle),
    message: cutText(annotation.message, LONGEST.message),
  };
}

/** The first code points of a text; an ellipsis says that there was more. */
export function cutText(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const points = Array.from(text);
  return points.length <= longest ? text : `${points.slice(0, longest - 1).join("")}…`;
}
