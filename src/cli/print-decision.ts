import type { EnvironmentDecision, RuleResult } from "../model/index.ts";
import { describeChanged, RULE_STATES } from "../report/index.ts";
import { quoteText } from "./quote-text.ts";
import { wrapLine } from "./wrap-line.ts";

/** What is said beside the decision itself. */
export interface DecisionLayout {
  readonly format: "text" | "json";
  readonly width: number;
  /** Facts that were not known. */
  readonly unknown: readonly string[];
  /** Sentences on what was looked at. */
  readonly notes: readonly string[];
}

/** The rules of environments as the check's summary lists them: how each stands, what is missing, who can do it, when. */
export function printDecision(decision: EnvironmentDecision, layout: DecisionLayout): string {
  const { unknown, notes } = layout;
  if (layout.format === "json") {
    return `${JSON.stringify({ version: 1, ...decision, unknown, notes }, undefined, 2)}\n`;
  }
  const { title, environments, results } = decision;
  const lines = [
    title,
    describeChanged(environments, results.length > 0, (name) => name),
    ...notes,
    ...results.flatMap((result) => ["", ...writeRule(result)]),
  ];
  return `${lines.map((line) => wrapLine(quoteText(line), layout.width)).join("\n")}\n`;
}

function writeRule({ rule, environment, state, says, steps, notes }: RuleResult): readonly string[] {
  const place = environment === undefined ? "" : ` of ${environment}`;
  // A rule that holds asks for nothing.
  const below = state === "passed" ? notes : [...steps, ...notes];
  return [`${RULE_STATES[state]}: ${says} (${rule}${place})`, ...below.map((line) => `  ${line}`)];
}
