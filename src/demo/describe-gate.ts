import type { CheckRun } from "../sandbox/world/index.ts";
import { stateOf } from "./gates.ts";
import type { OpenedChange } from "./set-stage.ts";

/** What is told of a gate that is completed, or waits. */
export type ReachedGate = Pick<CheckRun, "status" | "conclusion" | "title">;

const WORDS = {
  success: { word: "passed", color: 32 },
  failure: { word: "failed", color: 31 },
  waiting: { word: "waiting", color: 33 },
  pending: { word: "no answer", color: 31 },
} as const;
const INDENT = " ".repeat(16);

/** Two lines for a terminal: the pull request, and what its gate says. Undefined: it never came. */
export function describeGate(
  { number, title, gate: expected }: OpenedChange,
  gate: ReachedGate | undefined,
  color: boolean,
): string {
  const state = gate === undefined ? "pending" : stateOf(gate);
  const { word, color: code } = WORDS[state];
  const shown = color ? `\u001b[${code}m${word.padEnd(9)}\u001b[0m` : word.padEnd(9);
  const surprise = state === expected ? "" : `${INDENT}The sample expects: ${expected}\n`;
  return `  ${`#${number}`.padEnd(4)}${shown} ${title}\n${INDENT}${gate?.title ?? "The check did not complete"}\n${surprise}`;
}
