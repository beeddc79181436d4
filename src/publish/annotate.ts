import type { AppFailure, CheckAnnotation, JudgedFinding, Level, Report, SourceLocation } from "../model/index.ts";
import { describePath, describeResource } from "../report/describe.ts";
import { describeException } from "../report/exceptions.ts";
import type { AlikeFailures } from "../report/group-failures.ts";
import { groupFailures } from "../report/group-failures.ts";
import { outlineReport } from "../report/outline.ts";
import { count, listPhrase } from "../report/phrase.ts";
import { shorten, toVisible, toVisibleLines } from "../report/visible-text.ts";

/** GitHub takes 255 characters of a title and 64 KB of a message; four bytes a code point stay below that. */
const TITLE_LIMIT = 255;
const MESSAGE_LIMIT = 8_000;
const APPS_NAMED = 5;

export interface Annotations {
  /** Errors first. */
  readonly shown: readonly CheckAnnotation[];
  /** How many more there would be. */
  readonly more: number;
}

/**
 * What is new, on the lines where it stands: broken renders and errors first, then warnings and notices, in the report's
 * order. Something without a line stands on the first one of its file; something without a file in the head has no
 * place here and is in the summary alone.
 */
export function annotateReport(report: Report, limit: number): Annotations {
  const { broken, notChecked, errors, warnings, notices } = outlineReport(report);
  const all = [
    ...groupFailures([...broken, ...notChecked]).flatMap(annotateFailure),
    ...[...errors, ...warnings, ...notices].flatMap(annotateFinding),
  ];
  return { shown: all.slice(0, limit), more: Math.max(0, all.length - limit) };
}

function annotateFailure({ first: { failure }, apps }: AlikeFailures): CheckAnnotation[] {
  const verb = describeEffect(failure, apps.length);
  const message = [failure.message, failure.help ?? "", `In ${nameApps(apps)}`].join("\n");
  return annotate(failure.location, "error", `${verb}: ${nameApps(apps)}`, message);
}

function describeEffect({ effect }: AppFailure, apps: number): string {
  if (effect !== "fails") return "Could not be looked at";
  return apps === 1 ? "Does not render" : "Do not render";
}

function annotateFinding(finding: JudgedFinding): CheckAnnotation[] {
  const { rule, resource, path, level, message, help, apps } = finding;
  const subject = resource === undefined ? "" : `: ${describeResource(resource)}`;
  const lines = [
    message,
    describeException(finding) ?? "",
    help ?? "",
    ...(path.length === 0 ? [] : [`Field: ${describePath(path)}`]),
    ...(apps.length === 0 ? [] : [`In ${nameApps(apps)}`]),
  ];
  return annotate(finding.location, level, rule + subject, lines.join("\n"));
}

function nameApps(apps: readonly string[]): string {
  return apps.length <= APPS_NAMED ? listPhrase(apps) : `${count(apps.length, "app")}: ${listPhrase(apps, APPS_NAMED)}`;
}

function annotate(
  location: SourceLocation | undefined,
  level: Level,
  title: string,
  message: string,
): CheckAnnotation[] {
  if (location === undefined || !isHeadPath(location.file)) return [];
  const startLine = location.line ?? 1;
  const lines = toVisibleLines(message).filter((line) => line !== "");
  return [
    {
      path: location.file,
      startLine,
      endLine: Math.max(startLine, location.endLine ?? startLine),
      level,
      title: shorten(toVisible(title), TITLE_LIMIT),
      message: shorten(lines.join("\n"), MESSAGE_LIMIT) || "(no message)",
    },
  ];
}

/** GitHub refuses a whole request for one path that no tree can hold. */
export function isHeadPath(path: string): boolean {
  return (
    path !== "" &&
    path.split("/").every((name) => name !== "" && name !== "." && name !== "..") &&
    !/[\0\n\r]/u.test(path)
  );
}
