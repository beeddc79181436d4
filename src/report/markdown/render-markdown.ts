import type { JudgedFinding, Report } from "../../model/index.ts";
import { describeCounts } from "../counts.ts";
import { describeLocation } from "../describe.ts";
import { describeRules } from "../describe-rule.ts";
import type { RepeatedFinding } from "../group-findings.ts";
import { groupFindings } from "../group-findings.ts";
import type { ReportOutline } from "../outline.ts";
import { groupFailures } from "../group-failures.ts";
import { outlineReport } from "../outline.ts";
import { count, formatCount, listPhrase } from "../phrase.ts";
import { countCodePoints } from "../visible-text.ts";
import { foldCluster, foldImages, foldRisks, writeImage, writeRisk } from "./changes.ts";
import { foldExceptions, foldFailures, foldFindings, writeFailedApps, writePlace } from "./findings.ts";
import type { LeftOut, MarkdownFold } from "./fold.ts";
import { fitFolds, listLeftOut } from "./fold.ts";
import { code, prose } from "./inline.ts";
import { foldAgents, foldNotes, writeFooter } from "./quiet.ts";

export interface MarkdownReportOptions {
  /** Longest text, in Unicode code points. GitHub takes 65,536 in a comment and 65,535 in a check's summary. */
  readonly maxCodePoints?: number;
}

const MAX_CODE_POINTS = 60_000;
/** Entries before the first fold; with the title, the counts and their gaps the fold begins at line 15 at the latest. */
const HEAD_ENTRIES = 6;
/** Room for the sentence that says what was left out. */
const LEFT_OUT_ROOM = 300;

/**
 * The report as it stands on GitHub: the outcome, the counts and what matters most before the first fold, everything
 * else in folds. Nothing that comes from a repository is active in it. Never longer than the bound, which is at least
 * 2,000; what had to be left out is said at the top.
 */
export function renderMarkdown(report: Report, options: MarkdownReportOptions = {}): string {
  const outline = outlineReport(report);
  const footer = writeFooter(report, outline);
  const room = (options.maxCodePoints ?? MAX_CODE_POINTS) - LEFT_OUT_ROOM;
  const whole = writeHead(report, outline);
  const isRoomy = countCodePoints(whole.join("") + footer) <= room;
  const head = isRoomy ? whole : whole.slice(0, 2);
  const fitted = fitFolds(
    listFolds(report, outline),
    room - countCodePoints(head.join("")) - countCodePoints(footer) - 8,
  );
  const [title = "", ...rest] = head;
  return [title, ...describeLeftOut(fitted.leftOut), ...rest, fitted.text + footer].join("\n\n");
}

/** The folds in the order of their weight. Exported so that a long report can be spread over several comments. */
export function listFolds(report: Report, outline: ReportOutline): MarkdownFold[] {
  const apps = new Map(report.apps.map((app) => [app.id, app]));
  const describe = describeRules(report.policies);
  return [
    ...foldFailures("Broken by this change", outline.broken),
    ...foldFailures("Could not be looked at", outline.notChecked),
    ...foldFindings("Errors", outline.errors, true, describe),
    ...foldRisks(outline.risks),
    ...foldFindings("Warnings", outline.warnings, true, describe),
    ...foldFailures("Could not be rendered, does not count", outline.tolerated),
    ...foldImages(outline.images),
    ...outline.clusters.map((cluster) => foldCluster(cluster, apps)),
    ...foldFindings("Notices", outline.notices, false, describe),
    ...foldExceptions(outline.excepted),
    ...foldFindings("Known: these stand on the base as well", outline.known, false, describe),
    ...foldFailures("Known: these did not render on the base either", outline.knownFailures),
    ...foldAgents(report.agents),
    ...foldNotes(report),
  ];
}

/** The blocks before the first fold: title, counts, and the few entries that matter most. */
export function writeHead(report: Report, outline: ReportOutline): string[] {
  const entries = listEntries(report, outline);
  const more = entries.length - HEAD_ENTRIES;
  const shown = entries.slice(0, HEAD_ENTRIES).map((entry) => `- ${entry()}`);
  const list = [...shown, ...(more > 0 ? [`- and ${formatCount(more)} more below`] : [])].join("\n");
  const counts = describeCounts(report, outline).join(" · ");
  return [`### ${prose(report.outcome.title)}`, counts, ...(list === "" ? [] : [list])];
}

/** Failures, then errors, risks and images; written only when shown. */
function listEntries({ policies }: Report, outline: ReportOutline): (() => string)[] {
  const failures = groupFailures([...outline.broken, ...outline.notChecked]).map(
    ({ first: { failure }, apps }) =>
      () => {
        const place = failure.location === undefined ? "" : ` (${code(describeLocation(failure.location))})`;
        const fails = apps.length === 1 ? "Does not render" : "Do not render";
        const verdict = failure.effect === "fails" ? fails : "Could not be looked at";
        return `**${verdict}**: ${writeFailedApps(apps, 3)}: ${prose(failure.message.trimStart().split("\n")[0] ?? "", 200)}${place}`;
      },
  );
  const errors = groupFindings(outline.errors, describeRules(policies)).flatMap((group) =>
    group.isTitled ? [() => writeTitled(group)] : group.all.map((finding) => () => writeError(finding)),
  );
  const risks = outline.risks.map((entry) => () => `Risk, ${writeRisk(entry)}`);
  const images = outline.images.map((image) => () => `**Image** ${writeImage(image)}`);
  return [...failures, ...errors, ...risks, ...images];
}

function writeError(finding: JudgedFinding): string {
  return `**Error**: ${writePlace(finding)} ${prose(finding.message, 200)}`;
}

/** What a rule of policy says in many places, in one line. */
function writeTitled({ finding, all, rule }: RepeatedFinding): string {
  return `**${count(all.length, "error")}**: ${prose(rule.title, 120)} (${code(finding.rule)})`;
}

function describeLeftOut(leftOut: LeftOut): string[] {
  const parts = listLeftOut(leftOut);
  if (parts.length === 0) return [];
  return [
    `Shortened to fit: ${listPhrase(parts)} left out; the counts include them. \`drydock check\` shows everything.`,
  ];
}
