import type { CheckPart, EnvironmentDecision, RuleResult } from "../model/index.ts";
import { code, prose } from "../report/markdown/inline.ts";
import { describeChanged, RULE_STATES, writeMoment } from "../report/describe-decision.ts";
import { CHECK_LIMIT, measureCheck } from "./bounds.ts";
import { writeTitle } from "./write-title.ts";

const LEFT_OUT = "Further rules have no room here.";

/** What the rules of environments say, as a list: how each stands, what is missing, who can do it and when it changes. */
export function judgeEnvironments(decision: EnvironmentDecision, isAdvice: boolean): CheckPart {
  return {
    name: "drydock/environments",
    state: decision.state,
    title: writeTitle(decision.title),
    summary: writeSummary(decision),
    details: "",
    annotations: [],
    isEnforced: !isAdvice,
  };
}

function writeSummary({ environments, results }: EnvironmentDecision): string {
  const changed = describeChanged(environments, results.length > 0, (name) => code(name, 80));
  const keeping = results.filter(({ state }) => state !== "passed");
  const holding = results.filter(({ state }) => state === "passed");
  const blocks = [
    changed,
    ...keeping.map(writeResult),
    ...(holding.length === 0 ? [] : [["**Rules that hold**", ...holding.map(writeHolding)].join("\n")]),
  ];
  return fit(blocks);
}

function nameRule({ rule, environment }: RuleResult): string {
  return environment === undefined ? code(rule) : `${code(rule)} of ${code(environment, 80)}`;
}

function writeResult(result: RuleResult): string {
  const { state, says, steps, notes, changesAt } = result;
  const when = changesAt === undefined ? [] : [`Changes by itself: ${writeMoment(changesAt)}.`];
  const lines = [...steps.map(writeStep), ...[...notes, ...when].map((line) => prose(line, 500))].map(
    (line) => `  - ${line}`,
  );
  return [`- **${RULE_STATES[state]}**: ${prose(says, 500)} (${nameRule(result)})`, ...lines].join("\n");
}

/** A command that a step names, with the one word that some take. */
const COMMAND =
  /(\/drydock (?:(?:approve|freeze|lock|unfreeze|unlock) [A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|[a-z]+)|drydock freeze --lift)/u;

/** As prose, but commands stand as they are given: nobody is read who only quotes them in code. */
function writeStep(step: string): string {
  const parts = step.split(COMMAND).map((part, index) => {
    if (index % 2 === 1) return `\`${part}\``;
    return part.trim() === "" || /^[.,;: ]*$/u.test(part) ? part : withMargins(part, prose(part, 500));
  });
  return parts.join("");
}

function withMargins(text: string, written: string): string {
  return `${text.startsWith(" ") ? " " : ""}${written}${text.endsWith(" ") ? " " : ""}`;
}

function writeHolding(result: RuleResult): string {
  const lines = result.notes.map((line) => `  - ${prose(line, 500)}`);
  return [`- ${nameRule(result)}: ${prose(result.says, 300)}`, ...lines].join("\n");
}

/** Whole blocks as long as they fit. */
function fit(blocks: readonly string[]): string {
  const shown: string[] = [];
  let room = CHECK_LIMIT - measureCheck(LEFT_OUT) - 2;
  for (const block of blocks) {
    room -= measureCheck(block) + 2;
    if (room < 0) return [...shown, LEFT_OUT].join("\n\n");
    shown.push(block);
  }
  return shown.join("\n\n");
}
