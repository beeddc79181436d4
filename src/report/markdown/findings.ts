import type { JudgedFinding } from "../../model/index.ts";
import { describeLocation, describePath, describeResource } from "../describe.ts";
import type { AlikeFailures } from "../group-failures.ts";
import { groupFailures } from "../group-failures.ts";
import type { DescribeRule } from "../describe-rule.ts";
import { describeException, describeExceptionPlace, describeTerms, groupExceptions } from "../exceptions.ts";
import { groupFindings, helpOf } from "../group-findings.ts";
import type { RepeatedFinding } from "../group-findings.ts";
import type { FailedApp } from "../outline.ts";
import { count, formatCount, listPhrase } from "../phrase.ts";
import { shorten, toVisibleLines } from "../visible-text.ts";
import type { FoldItem, MarkdownFold } from "./fold.ts";
import { code, fenced, prose } from "./inline.ts";

/** How many places of one repeated finding are listed; the JSON report has them all. */
const PLACE_LIMIT = 20;
const MESSAGE_LIMIT = 600;
const MESSAGE_LINES = 30;
/** Apps named that fail for one reason. */
const APP_LIMIT = 50;
const LINE_LIMIT = 300;

/** Apps that could not be rendered, with all that the engine said. No fold for none. */
export function foldFailures(title: string, failures: readonly FailedApp[]): MarkdownFold[] {
  if (failures.length === 0) return [];
  const summary = `<b>${title}</b> (${formatCount(failures.length)})`;
  return [
    { summary, items: groupFailures(failures).map(toFailureItem), isList: false, noun: "app", apps: failures.length },
  ];
}

function toFailureItem({ first: { app, failure }, apps }: AlikeFailures): FoldItem {
  const place = failure.location === undefined ? "" : ` at ${code(describeLocation(failure.location))}`;
  const remarks = [
    ...(failure.isNew ? [] : ["before and after"]),
    ...(failure.isAccepted ? ["accepted by the config"] : []),
    ...(app.guessed ? ["guessed app"] : []),
  ];
  const line = `${writeFailedApps(apps)} (${[failure.kind, ...remarks].join(", ")})${place}`;
  const message = toVisibleLines([failure.message, failure.help ?? ""].join("\n").trimEnd()).slice(0, MESSAGE_LINES);
  const block = fenced(
    "text",
    message.map((each) => shorten(each, LINE_LIMIT)),
  );
  return { full: `${line}\n\n${block}`, brief: line };
}

/** The apps that fail for one reason: all that a reader may look for, the rest counted. */
export function writeFailedApps(apps: readonly string[], limit = APP_LIMIT): string {
  const more = apps.length - limit;
  return listPhrase([...apps.slice(0, limit).map((app) => code(app)), ...(more > 0 ? [count(more, "more app")] : [])]);
}

/** Findings of one level. `isLasting` ones keep a short line when room is short; others are only counted then. */
export function foldFindings(
  title: string,
  findings: readonly JudgedFinding[],
  isLasting: boolean,
  describe: DescribeRule,
): MarkdownFold[] {
  if (findings.length === 0) return [];
  const summary = `<b>${title}</b> (${formatCount(findings.length)})`;
  const items = groupFindings(findings, describe).map((group) => toFindingItem(group, isLasting));
  return [{ summary, items, isList: true, noun: "entry", plural: "entries", apps: 0 }];
}

function toFindingItem(group: RepeatedFinding, isLasting: boolean): FoldItem {
  const { finding, all } = group;
  const opening = `- ${writeOpening(group, MESSAGE_LIMIT)}`;
  const help = helpOf(group);
  const brief = isLasting ? `- ${writeOpening(group, 120)}` : undefined;
  const advice = help === undefined ? "" : ` → ${prose(help)}`;
  if (all.length === 1) {
    return { full: `${opening}${advice}${writeReach(finding, " — ")}${writeException(finding)}`, brief };
  }
  return { full: [`${opening}${advice}`, ...listPlaces(group, "  ")].join("\n"), brief };
}

/** `place rule message`, or how often a rule speaks, its title where it has one, and the message that all have. */
function writeOpening({ finding, all, rule, isTitled, isVaried }: RepeatedFinding, limit: number): string {
  const policy = rule.place === undefined ? [] : [`(${code(rule.place)})`];
  return [
    all.length > 1 ? `**${count(all.length, "time")}**` : writePlace(finding),
    ...(isTitled ? [`**${prose(rule.title, 120)}**`] : []),
    code(finding.rule),
    ...policy,
    ...(isVaried ? [] : [prose(finding.message, limit)]),
  ].join(" ");
}

/** The places of one rule, as entries of a list. */
export function listPlaces({ all, isVaried }: Pick<RepeatedFinding, "all" | "isVaried">, indent: string): string[] {
  const places = all.slice(0, PLACE_LIMIT).map((each) => {
    const said = isVaried ? ` ${prose(each.message)}` : "";
    return `${indent}- ${writePlace(each)}${said}${writeReach(each, isVaried ? " — " : " ")}${writeException(each)}`;
  });
  const more = all.length > PLACE_LIMIT ? [`${indent}- and ${formatCount(all.length - PLACE_LIMIT)} more places`] : [];
  return [...places, ...more];
}

/** That an exception has expired or waits. */
function writeException(finding: JudgedFinding): string {
  const said = describeException(finding);
  return said === undefined ? "" : ` **${prose(said)}**`;
}

/** Every use of an exception: its reason, until when, where it is said, and what it takes. */
export function foldExceptions(excepted: readonly JudgedFinding[]): MarkdownFold[] {
  if (excepted.length === 0) return [];
  const items = groupExceptions(excepted).map(({ rule, exception, findings }): FoldItem => {
    const terms = [describeTerms(exception)].filter((text) => text !== "").map((text) => ` (${prose(text, 120)})`);
    const reason = exception.reason === "" ? "no reason given" : prose(exception.reason, 300);
    const place =
      exception.place === undefined
        ? prose(describeExceptionPlace(exception))
        : code(describeExceptionPlace(exception));
    const opening = `- ${code(rule)}: ${reason}${terms.join("")}, ${place}`;
    return { full: [opening, ...listPlaces({ all: findings, isVaried: false }, "  ")].join("\n"), brief: opening };
  });
  const summary = `<b>Exceptions</b> (${formatCount(excepted.length)})`;
  return [{ summary, items, isList: true, noun: "exception", apps: 0 }];
}

/** Where the finding stands; the app where no place is known. */
export function writePlace(finding: JudgedFinding): string {
  if (finding.location !== undefined) return code(describeLocation(finding.location));
  return code(finding.apps[0] ?? "the repository");
}

function writeReach(finding: JudgedFinding, lead: string): string {
  const parts = [
    ...(finding.resource === undefined ? [] : [code(describeResource(finding.resource))]),
    ...(finding.path.length === 0 ? [] : [code(describePath(finding.path))]),
    ...(finding.isRendered ? ["as rendered"] : []),
    ...(finding.apps.length > 1 ? [`in ${count(finding.apps.length, "app")}`] : []),
  ];
  return parts.length === 0 ? "" : `${lead}${parts.join(", ")}`;
}
