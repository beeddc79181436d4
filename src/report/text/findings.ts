import type { JudgedFinding } from "../../model/index.ts";
import { describeLocation, describePath, describeResource } from "../describe.ts";
import type { AlikeFailures } from "../group-failures.ts";
import { groupFailures } from "../group-failures.ts";
import type { DescribeRule, RuleDescription } from "../describe-rule.ts";
import { describeException, describeExceptionPlace, describeTerms, groupExceptions } from "../exceptions.ts";
import type { RepeatedFinding } from "../group-findings.ts";
import { groupFindings, helpOf } from "../group-findings.ts";
import type { FailedApp } from "../outline.ts";
import { count, formatCount } from "../phrase.ts";
import { toVisibleLines } from "../visible-text.ts";
import type { Paragraph, Span, Style } from "./layout.ts";
import { solid, span } from "./layout.ts";

/** A heading with its count; nothing at all for an empty section. */
export function writeHeading(title: string, amount: number, style: Style = "bold"): Paragraph {
  return { spans: [span(title, style === "dim" ? "dim" : "bold"), span(`(${formatCount(amount)})`, "dim")], indent: 0 };
}

/** Apps that could not be rendered, each with its place and what the engine said. */
export function writeFailures(title: string, failures: readonly FailedApp[], style: Style): Paragraph[] {
  if (failures.length === 0) return [];
  return [
    writeHeading(title, failures.length),
    ...groupFailures(failures).flatMap((group) => writeFailure(group, style)),
  ];
}

function writeFailure({ first: { app, failure }, apps }: AlikeFailures, style: Style): Paragraph[] {
  const place = failure.location === undefined ? [] : [solid(describeLocation(failure.location))];
  const standing = failure.isNew ? [] : ["before and after"];
  const accepted = failure.isAccepted ? ["accepted by the config"] : [];
  const guessed = app.guessed ? ["guessed app"] : [];
  const remark = [failure.kind, ...standing, ...accepted, ...guessed].join(", ");
  return [
    { spans: [solid("✗", style), ...writeFailedApps(apps), span(`(${remark})`, "dim")], indent: 2, hang: 4 },
    ...place.map((spans) => ({ spans: [spans], indent: 4 })),
    ...toVisibleLines(failure.message).map((line) => ({ spans: [span(line)], indent: 4 })),
    ...(failure.help === undefined ? [] : toVisibleLines(failure.help)).map((line) => ({
      spans: writeHelpLine(line),
      indent: line.startsWith(" ") ? 6 : 4,
    })),
  ];
}

/** How many apps are named that fail for one reason; the rest is counted. */
const APPS_NAMED = 5;

function writeFailedApps(apps: readonly string[]): Paragraph["spans"] {
  const names = apps.slice(0, APPS_NAMED);
  const more = apps.length - names.length;
  return [
    ...names.map((name, index) => solid(index < apps.length - 1 ? `${name},` : name, "bold")),
    ...(more > 0 ? [span(`and ${count(more, "more app")}`, "bold")] : []),
  ];
}

/** Indented lines are config to be pasted, and stay in one piece. */
function writeHelpLine(line: string): Paragraph["spans"] {
  return line.startsWith(" ") ? [solid(line.trimStart())] : [span(line, "dim")];
}

/**
 * Findings in the report's order, which is by file; each begins with the place in a form that terminals link. Where
 * one rule says the same in more than three places, it is said once with the places below it.
 */
export function writeFindings(
  title: string,
  findings: readonly JudgedFinding[],
  style: Style,
  describe: DescribeRule,
): Paragraph[] {
  if (findings.length === 0) return [];
  const paragraphs = groupFindings(findings, describe).flatMap((group) =>
    group.all.length === 1 ? writeFinding(group, style) : writeRepeated(group, style),
  );
  return [writeHeading(title, findings.length, style), ...paragraphs];
}

function writeFinding({ finding, rule }: RepeatedFinding, style: Style): Paragraph[] {
  return [
    { spans: [solid(describePlace(finding), style), ...writeRule(finding, rule)], indent: 2, hang: 4 },
    ...writeMessage(finding, 4),
    { spans: [span(describeReach(finding), "dim")], indent: 4 },
    ...writeException(finding, 4),
    ...writeHelp(finding.help),
  ];
}

/** The rule's id, with the place of the policy that it is. */
function writeRule({ rule: id }: JudgedFinding, { place }: RuleDescription): Span[] {
  return [span(id, "dim"), ...(place === undefined ? [] : [solid(`(${place})`, "dim")])];
}

function writeRepeated(group: RepeatedFinding, style: Style): Paragraph[] {
  const { finding, all, rule, isTitled, isVaried } = group;
  const title = isTitled ? [span(rule.title)] : [];
  const times = span(`${formatCount(all.length)} times`, style);
  return [
    { spans: [times, ...title, ...writeRule(finding, rule)], indent: 2, hang: 4 },
    ...(isVaried ? [] : writeMessage(finding, 4)),
    ...writeHelp(helpOf(group)),
    ...all.flatMap((each) => [
      { spans: [solid(describePlace(each)), span(describeSubject(each), "dim")], indent: 4 },
      ...(isVaried ? writeMessage(each, 6) : []),
      ...writeException(each, 6),
    ]),
  ];
}

function writeMessage(finding: JudgedFinding, indent: number): Paragraph[] {
  return toVisibleLines(finding.message).map((line) => ({ spans: [span(line)], indent }));
}

/** That an exception has expired or waits. */
function writeException(finding: JudgedFinding, indent: number): Paragraph[] {
  const said = describeException(finding);
  return said === undefined ? [] : [{ spans: [span(said, "yellow")], indent }];
}

function writeHelp(help: string | undefined): Paragraph[] {
  if (help === undefined) return [];
  return toVisibleLines(help).map((line) => ({ spans: [span("→", "dim"), span(line)], indent: 4, hang: 6 }));
}

/** Every use of an exception: where it is said, why, until when, and what it takes. */
export function writeExceptions(excepted: readonly JudgedFinding[]): Paragraph[] {
  if (excepted.length === 0) return [];
  const groups = groupExceptions(excepted).flatMap(({ rule, exception, findings }): Paragraph[] => [
    { spans: [solid(describeExceptionPlace(exception), "dim"), span(rule, "dim")], indent: 2, hang: 4 },
    { spans: [span(exception.reason === "" ? "(no reason given)" : exception.reason)], indent: 4 },
    ...[describeTerms(exception)].filter((terms) => terms !== "").map((terms) => ({ spans: [span(terms)], indent: 4 })),
    ...findings.map((each) => ({
      spans: [solid(describePlace(each)), span(describeSubject(each), "dim")],
      indent: 4,
    })),
  ]);
  return [writeHeading("Exceptions", excepted.length), ...groups];
}

function describePlace(finding: JudgedFinding): string {
  if (finding.location !== undefined) return describeLocation(finding.location);
  return finding.apps[0] ?? "the repository";
}

/** What the finding is about and through which apps it was reached: `Deployment web, spec.replicas, in 3 apps`. */
function describeReach(finding: JudgedFinding): string {
  const [first, ...others] = finding.apps;
  const isTold = finding.location === undefined && others.length === 0;
  const single = first === undefined || isTold ? "" : `in ${first}`;
  return [describeSubject(finding), others.length === 0 ? single : ""].filter((part) => part !== "").join(", ");
}

function describeSubject(finding: JudgedFinding): string {
  const parts = [
    finding.resource && describeResource(finding.resource),
    finding.path.length > 0 ? describePath(finding.path) : undefined,
    finding.isRendered ? "as rendered" : undefined,
    finding.apps.length > 1 ? `in ${count(finding.apps.length, "app")}` : undefined,
  ];
  return parts
    .filter((part) => part !== undefined)

    .join(", ");
}
