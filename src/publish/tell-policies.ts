import type { JudgedFinding, Level, Report } from "../model/index.ts";
import { nameLevels } from "../report/counts.ts";
import type { DescribeRule, RuleDescription } from "../report/describe-rule.ts";
import { describeRules } from "../report/describe-rule.ts";
import { describeExceptionPlace, describeTerms, groupExceptions } from "../report/exceptions.ts";
import { foldExceptions, listPlaces, writePlace } from "../report/markdown/findings.ts";
import type { FoldItem, MarkdownFold } from "../report/markdown/fold.ts";
import { code, htmlCode, htmlProse, prose } from "../report/markdown/inline.ts";
import type { ReportOutline } from "../report/outline.ts";
import { outlineReport } from "../report/outline.ts";
import { count, formatCount, listPhrase } from "../report/phrase.ts";
import { linkPage } from "./page-link.ts";
import type { ToldReport } from "./spread-report.ts";

/** Rules that block and are named before the first fold. */
const HEAD_ENTRIES = 6;
/** Longest message of the one place that a rule speaks of, there. */
const MESSAGE_LIMIT = 200;

/** What one rule says of a change, under its title. */
interface RuleGroup {
  readonly id: string;
  readonly rule: RuleDescription;
  /** Errors first. */
  readonly findings: readonly JudgedFinding[];
}

/**
 * What policies say, for the summary of their own check: what blocks, then rule by rule why it matters, what to do and
 * the places; what is known as a number for each rule; the exceptions that wait, and those that were used.
 */
export function tellPolicies(report: Report): ToldReport {
  const outline = outlineReport(report);
  const describe = describeRules(report.policies);
  const fresh = groupByRule([...outline.errors, ...outline.warnings, ...outline.notices], describe);
  const waiting = outline.errors.filter(isWaiting);
  return {
    head: [`### ${prose(report.outcome.title)}`, describeCounts(report, outline), ...listBlocking(fresh)],
    folds: [
      ...foldWaiting(waiting),
      ...fresh.map(foldRule),
      ...foldExceptions(outline.excepted),
      ...foldKnown(groupByRule(outline.known, describe)),
    ],
    quiet: describeUnjudged(report),
  };
}

/** Whether all that keeps a check from passing are exceptions that wait for somebody's word. */
export function waitsForApproval(report: Report): boolean {
  const { errors } = outlineReport(report);
  return report.outcome.status === "failed" && errors.length > 0 && errors.every(isWaiting);
}

function isWaiting({ exception }: JudgedFinding): boolean {
  return exception?.state === "waiting";
}

function describeCounts({ totals, apps }: Report, { known, excepted }: ReportOutline): string {
  const unjudged = listUnjudged(apps).length;
  // Of an app that does not render nobody knows that there are none.
  const none = unjudged === 0 ? ["no violations"] : unjudged < apps.length ? ["no violations in what was judged"] : [];
  const found = nameLevels(totals);
  return [
    ...(found === undefined ? none : [found]),
    ...(unjudged > 0 ? [`${count(unjudged, "app")} not judged`] : []),
    ...(known.length > 0 ? [`${formatCount(known.length)} known`] : []),
    ...(excepted.length > 0 ? [count(excepted.length, "exception")] : []),
  ].join(" · ");
}

const LEVELS: readonly Level[] = ["error", "warning", "notice"];

/** In the order of the first of each, which is that of their levels. */
function groupByRule(findings: readonly JudgedFinding[], describe: DescribeRule): RuleGroup[] {
  return [...Map.groupBy(findings, ({ rule }) => rule)].map(([id, group]) => ({
    id,
    rule: describe(id),
    findings: group,
  }));
}

/** The rules that keep the check from passing, a line each. */
function listBlocking(groups: readonly RuleGroup[]): string[] {
  const blocking = groups.flatMap(({ findings, ...group }) => {
    const errors = findings.filter((finding) => finding.level === "error" && !isWaiting(finding));
    return errors.length === 0 ? [] : [{ ...group, findings: errors }];
  });
  const lines = blocking.slice(0, HEAD_ENTRIES).map(writeBlocking);
  const more = blocking.length - lines.length;
  if (lines.length === 0) return [];
  return [[...lines, ...(more > 0 ? [`- and ${count(more, "more rule")} below`] : [])].join("\n")];
}

function writeBlocking({ id, rule, findings }: RuleGroup): string {
  const [first] = findings;
  const opening = `- **${count(findings.length, "error")}**: ${prose(rule.title, 120)} (${code(id)})`;
  if (first === undefined || findings.length > 1) return opening;
  return `${opening}: ${writePlace(first)} ${prose(first.message, MESSAGE_LIMIT)}`;
}

function foldRule({ id, rule, findings }: RuleGroup): MarkdownFold {
  const amounts = LEVELS.flatMap((level) => {
    const amount = findings.filter((finding) => finding.level === level).length;
    return amount === 0 ? [] : [count(amount, level)];
  });
  const isVaried = findings.some(({ message }) => message !== findings[0]?.message);
  const advice = writeAdvice(rule, isVaried ? undefined : findings[0]?.message);
  const places = listPlaces({ all: findings, isVaried }, "");
  const items = [
    ...(advice === "" ? [] : [{ full: `${advice}\n`, brief: undefined }]),
    ...places.map((full): FoldItem => ({ full, brief: undefined })),
  ];
  const summary = `<b>${htmlProse(rule.title, 120)}</b> ${htmlCode(id)}: ${amounts.join(", ")}`;
  return { summary, items, isList: true, noun: "place", apps: 0 };
}

/** The message that all places have, why it matters, what to do, and where to read more. */
function writeAdvice({ why, fix, link, place }: RuleDescription, message: string | undefined): string {
  const more = linkPage("More about this rule", link);
  return [
    ...(message === undefined ? [] : [prose(message)]),
    ...(why === undefined ? [] : [prose(why)]),
    ...(fix === undefined ? [] : [`**What to do:** ${prose(fix)}`]),
    ...(more === undefined ? [] : [`${more}.`]),
    ...(place === undefined ? [] : [`The policy: ${code(place)}.`]),
  ].join("\n\n");
}

/** What an approval would take, by exception, with who can give it. */
function foldWaiting(waiting: readonly JudgedFinding[]): MarkdownFold[] {
  if (waiting.length === 0) return [];
  const items = groupExceptions(waiting).map(({ rule, exception, findings }): FoldItem => {
    const who =
      exception.approvers === undefined
        ? "somebody with the role maintain or admin"
        : `team ${code(exception.approvers, 80)}`;
    const terms = describeTerms({ ...exception, approvers: undefined });
    const until = terms === "" ? "" : ` (${prose(terms)})`;
    const reason = exception.reason === "" ? "no reason given" : prose(exception.reason, 300);
    const opening = `- ${code(rule)} waits for ${who}: ${reason}${until}, ${code(describeExceptionPlace(exception))}`;
    const places = listPlaces({ all: findings.map(withoutException), isVaried: false }, "  ");
    return { full: [opening, ...places].join("\n"), brief: opening };
  });
  const summary = `<b>Waiting for an approval</b> (${formatCount(waiting.length)})`;
  return [{ summary, items, isList: true, noun: "exception", apps: 0 }];
}

/** Under its exception nothing has to be said of it again. */
function withoutException(finding: JudgedFinding): JudgedFinding {
  return { ...finding, exception: undefined };
}

function foldKnown(groups: readonly RuleGroup[]): MarkdownFold[] {
  if (groups.length === 0) return [];
  const items = groups.map(({ id, rule, findings }): FoldItem => {
    return { full: `- ${prose(rule.title, 120)} (${code(id)}): ${formatCount(findings.length)}`, brief: undefined };
  });
  const amount = groups.reduce((sum, { findings }) => sum + findings.length, 0);
  const summary = `<b>Known: these stand on the base as well</b> (${formatCount(amount)})`;
  return [{ summary, items, isList: true, noun: "rule", apps: 0 }];
}

/** Apps that the change touches and that no policy has judged, also where the manifests' check lets them pass. */
function listUnjudged(apps: Report["apps"]): Report["apps"] {
  return apps.filter(({ failure }) => failure !== undefined && (failure.isTouched || failure.effect !== "passes"));
}

function describeUnjudged({ apps }: Report): string[] {
  const unjudged = listUnjudged(apps);
  if (unjudged.length === 0) return [];
  const names = listPhrase(
    unjudged.map(({ id }) => code(id)),
    3,
  );
  return [
    `Not judged by policies, because of what \`drydock/manifests\` says of ${unjudged.length === 1 ? "it" : "them"}: ${names}.`,
  ];
}
