import type { CheckPart, EnvironmentDecision, RuleResult } from "../model/index.ts";
import { code, prose } from "../report/markdown/inline.ts";
import { describeChanged } from "../report/describe-decision.ts";
import { count } from "../report/phrase.ts";
import { CHECK_LIMIT, measureCheck } from "./bounds.ts";
import { writeTitle } from "./write-title.ts";

/** What keeps a change out, in the order in which it is told, and what each state asks of people. */
const HEADINGS = [
  ["refused", "**Refused**: the change has to be another one."],
  ["unknown", "**Not known**, and so not passed."],
  ["waiting", "**Waiting** for people or for time: nothing has to be pushed."],
  ["overridden", "**Overridden**, on record."],
] as const satisfies readonly (readonly [RuleResult["state"], string])[];
/** Above what the rules that a change brings would mean for other pull requests. */
const PREVIEW = "**The rules that this brings, for other pull requests**";
const LEFT_OUT = "Further rules have no room here.";

/**
 * What the rules of environments say, as a list: how each stands, what is missing, who can do it and when it changes.
 * `preview` is what the rules that the change brings would mean for others.
 */
export function judgeEnvironments(
  decision: EnvironmentDecision,
  isAdvice: boolean,
  preview: readonly string[] = [],
): CheckPart {
  return {
    name: "drydock/environments",
    state: decision.state,
    title: writeTitle(decision.title),
    summary: writeSummary(decision, preview),
    details: "",
    annotations: [],
    isEnforced: !isAdvice,
  };
}

function writeSummary({ environments, results }: EnvironmentDecision, preview: readonly string[]): string {
  const changed = describeChanged(environments, results.length > 0, (name) => code(name, 80));
  const keeping = HEADINGS.flatMap(([state, heading]) => {
    const items = results.filter((result) => result.state === state).map(writeResult);
    return items.length === 0 ? [] : [heading, ...items];
  });
  const foreseen = preview.length === 0 ? [] : [PREVIEW, ...preview.map((line) => `- ${prose(line, 1000)}`)];
  return fit([changed, ...keeping, ...foreseen, ...writeHolding(results, keeping.length + foreseen.length > 0)]);
}

/** Folded where something else is to be read first. */
function writeHolding(results: readonly RuleResult[], isFolded: boolean): readonly string[] {
  const items = results.filter(({ state }) => state === "passed").map(writeResult);
  if (items.length === 0) return [];
  const told = `${count(items.length, "rule")} ${items.length === 1 ? "holds" : "hold"}`;
  if (!isFolded) return [`**${told}**`, ...items];
  return [`<details><summary>${told}</summary>\n\n${items.join("\n")}\n\n</details>`];
}

function writeResult({ rule, environment, says, steps, notes }: RuleResult): string {
  const name = environment === undefined ? code(rule) : `${code(rule)} of ${code(environment, 80)}`;
  const lines = [...steps.map(writeStep), ...notes.map((line) => prose(line, 500))].map((line) => `  - ${line}`);
  return [`- ${name}: ${prose(says, 500)}`, ...lines].join("\n");
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

/** Whole blocks as long as they fit; points of one list follow each other. */
function fit(blocks: readonly string[]): string {
  let text = "";
  const most = CHECK_LIMIT - measureCheck(LEFT_OUT) - 2;
  for (const block of blocks) {
    const isPoint = block.startsWith("- ") && (text.split("\n").at(-1) ?? "").trimStart().startsWith("- ");
    const longer = text === "" ? block : `${text}${isPoint ? "\n" : "\n\n"}${block}`;
    if (measureCheck(longer) > most) return `${text}\n\n${LEFT_OUT}`;
    text = longer;
  }
  return text;
}
