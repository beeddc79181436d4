import type { CheckRun } from "../sandbox/world/index.ts";
import type { OpenedChange } from "./set-stage.ts";

/** What is told of a gate that is completed. */
export type ReachedGate = Pick<CheckRun, "conclusion" | "title">;

const COLORS = { success: 32, failure: 31 } as const;
const INDENT = " ".repeat(16);

/** Two lines for a terminal: the pull request, and what its gate says. Undefined: it never came. */
export function describeGate(
  { number, title, gate: expected }: OpenedChange,
  gate: ReachedGate | undefined,
  color: boolean,
): string {
  const isGood = gate?.conclusion === "success";
  const word = gate === undefined ? "no answer" : isGood ? "passed" : "failed";
  const padded = word.padEnd(9);
  const shown = color ? `\u001b[${isGood ? COLORS.success : COLORS.failure}m${padded}\u001b[0m` : padded;
  const surprise = gate?.conclusion === expected ? "" : `${INDENT}The sample expects: ${expected}\n`;
  return `  #${number}  ${shown} ${title}\n${INDENT}${gate?.title ?? "The check did not complete"}\n${surprise}`;
}
