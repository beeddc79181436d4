import { nameExcepted, type PolicyException, type RuleConfig, type RuleLevel } from "../config/index.ts";
import type { RegoTest } from "../model/index.ts";
import { wrapLine } from "./wrap-line.ts";

/** A rule as it is listed, whoever brought it. */
export interface ListedRule {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly fix: string;
  readonly link: string;
  /** `built-in`, or the file and line of a policy. */
  readonly source: string;
  /** Where no environment says another one. */
  readonly level: RuleLevel;
  /** Of the environments for which the config or the organisation's floor says one. */
  readonly environments: ReadonlyMap<string, RuleLevel>;
  /** Where the level is said: a preset, or file and line. */
  readonly levelSource: string;
  /** What the config says of it. */
  readonly said: RuleConfig | undefined;
}

export interface ListLayout {
  readonly format: "text" | "json";
  readonly width: number;
  readonly isAdmissionJudged: boolean;
}

/**
 * All rules with their levels: those that are on first. What the API server would refuse is only mentioned, where it
 * `isAdmissionJudged`: finding it takes a render of everything.
 */
export function printPolicyRules(
  rules: readonly ListedRule[],
  { format, width, isAdmissionJudged }: ListLayout,
): string {
  const sorted = [...rules].sort((a, b) => Number(isOff(a)) - Number(isOff(b)) || (a.id < b.id ? -1 : 1));
  if (format === "json") return printJson(sorted);
  const on = sorted.filter((rule) => !isOff(rule));
  const off = sorted.filter(isOff);
  const lines = [
    `${on.length} on, ${off.length} off. \`drydock policy explain RULE\` says more.`,
    ...sorted.flatMap((rule) => [
      `${rule.level.padEnd(8)}${rule.id}`,
      ...(rule.title === "" ? [] : [`        ${rule.title}`]),
      ...printDifferences(rule),
      ...(rule.source === "built-in" ? [] : [`        ${rule.source}`]),
    ]),
    ...(isAdmissionJudged ? [UNLISTED] : []),
  ];
  return `${lines.map((line) => wrapLine(line, width)).join("\n")}\n`;
}

const UNLISTED =
  "Not listed, and on: ValidatingAdmissionPolicies (vap/NAME) and validation rules of CustomResourceDefinitions (crd-rule) that apps of the repository bring.";

function isOff(rule: ListedRule): boolean {
  return rule.level === "off" && [...rule.environments.values()].every((level) => level === "off");
}

function printDifferences({ environments }: ListedRule): string[] {
  return [...environments].map(([environment, level]) => `        ${level} in ${environment}`);
}

function printJson(rules: readonly ListedRule[]): string {
  const listed = rules.map(({ id, title, source, level, environments, why, fix, link }) => {
    return { id, title, source, level, environments: Object.fromEntries(environments), why, fix, link };
  });
  return `${JSON.stringify({ version: 1, rules: listed }, undefined, 2)}\n`;
}

export interface RuleSurroundings {
  readonly exceptions: readonly PolicyException[];
  readonly file: string;
}

/** One rule: what it is for, what to do, its level and where that is said, its exceptions. */
export function printRule(rule: ListedRule, { exceptions, file }: RuleSurroundings, width: number): string {
  const own = exceptions.filter((exception) => exception.rule === rule.id);
  const approvers = rule.said?.approvers;
  const lines = [
    rule.title === "" ? rule.id : `${rule.id}: ${rule.title}`,
    ...(rule.why === "" ? [] : ["", rule.why]),
    ...(rule.fix === "" ? [] : [`What to do: ${rule.fix}`]),
    ...(rule.link === "" ? [] : [rule.link]),
    "",
    `Level: ${rule.level} (${rule.levelSource})`,
    ...printDifferences(rule).map((line) => `  ${line.trim()}`),
    ...[...(rule.said?.options ?? [])].map(([name, values]) => `${name}: ${values.join(", ")}`),
    ...(approvers === undefined ? [] : [`Exceptions are approved by team ${approvers}.`]),
    ...(own.length === 0 ? [] : ["Exceptions:"]),
    ...own.map((exception) => {
      const { file: place = file, expires, reason, line } = exception;
      const until = expires === undefined ? "" : `, until ${expires}`;
      return `  ${nameExcepted(exception)}${until}: ${reason} (${place}:${line})`;
    }),
  ];
  return `${lines.map((line) => wrapLine(line, width)).join("\n")}\n`;
}

/** The tests that did not pass with their reasons, then the counts. */
export function printPolicyTests(tests: readonly RegoTest[], paths: readonly string[], width: number): string {
  if (tests.length === 0) {
    return `No tests found in ${paths.join(", ")}. A test is a rule whose name begins with test_.\n`;
  }
  const count = (result: RegoTest["result"]): number => tests.filter((test) => test.result === result).length;
  const bad = tests.filter(({ result }) => result === "failed" || result === "errored");
  const details = bad.flatMap(({ file, line, package: name, name: test, result, message }) => [
    `${result} ${name}.${test}`,
    `    ${file}:${line}`,
    ...(message ?? "")
      .split("\n")
      .filter((text) => text.trim() !== "")
      .map((text) => `    ${text}`),
  ]);
  const totals = [
    `${count("passed")} passed`,
    ...(count("failed") > 0 ? [`${count("failed")} failed`] : []),
    ...(count("errored") > 0 ? [`${count("errored")} errored`] : []),
    ...(count("skipped") > 0 ? [`${count("skipped")} skipped`] : []),
  ];
  return `${[...details, totals.join(", ")].map((line) => wrapLine(line, width)).join("\n")}\n`;
}
