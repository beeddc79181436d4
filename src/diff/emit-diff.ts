import { structuredPatch } from "diff";

// What one resource may take: about what a reviewer can scroll through, and 200 kB of a report.
const MAX_LINES = 1_500;
const MAX_WIDTH = 500;
// Myers' algorithm costs (lines + edits²); beyond this many the old text is shown as replaced by the new one.
const MAX_EDITS = 1_500;

interface Hunk {
  readonly oldStart: number;
  readonly newStart: number;
  readonly lines: readonly string[];
}

/**
 * Unified diff of two texts given as lines: three lines of context, no file header, "" when they are equal.
 * Bounded: at most 1,500 lines of at most about 500 characters; what is left out is told in a last line
 * `\ … n more lines`, which readers of diffs take for a remark.
 */
export function emitDiff(before: readonly string[], after: readonly string[]): string {
  const hunks = findHunks(before, after);
  const shown: string[] = [];
  let [left, omitted] = [MAX_LINES, 0];
  for (const hunk of hunks) {
    const lines = hunk.lines.slice(0, Math.max(left, 0));
    if (lines.length > 0) shown.push(describeHunk(hunk, lines), ...cutLines(lines));
    omitted += hunk.lines.length - lines.length;
    left -= lines.length;
  }
  if (omitted > 0) shown.push(`\\ … ${omitted} more lines`);
  return shown.length === 0 ? "" : `${shown.join("\n")}\n`;
}

function findHunks(before: readonly string[], after: readonly string[]): readonly Hunk[] {
  if (before.length === 0 || after.length === 0) return replaceAll(before, after, 0, []);
  const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join("");
  const options = { context: 3, maxEditLength: MAX_EDITS };
  const patch = structuredPatch("", "", text(before), text(after), undefined, undefined, options);
  return patch?.hunks ?? replaceMiddle(before, after);
}

function replaceMiddle(before: readonly string[], after: readonly string[]): readonly Hunk[] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const context = before.slice(Math.max(start - 3, 0), start);
  const middle = [before.slice(start, before.length - end), after.slice(start, after.length - end)] as const;
  return replaceAll(...middle, start - context.length, context);
}

function replaceAll(
  gone: readonly string[],
  added: readonly string[],
  skipped: number,
  context: readonly string[],
): readonly Hunk[] {
  if (gone.length + added.length === 0) return [];
  const lines = [
    ...context.map((line) => ` ${line}`),
    ...gone.map((line) => `-${line}`),
    ...added.map((line) => `+${line}`),
  ];
  return [{ oldStart: skipped + 1, newStart: skipped + 1, lines }];
}

/** The hunk's header, counted over the lines that are shown, so that a cut hunk is a valid one. */
function describeHunk(hunk: Hunk, lines: readonly string[]): string {
  const count = (sign: string) => lines.filter((line) => line.startsWith(sign)).length;
  const [gone, added, context] = [count("-"), count("+"), count(" ")];
  return `@@ -${describeRange(hunk.oldStart, gone + context)} +${describeRange(hunk.newStart, added + context)} @@`;
}

// An empty side is written as the line before it, as diff(1) does.
function describeRange(start: number, count: number): string {
  return count === 0 ? `${start - 1},0` : count === 1 ? String(start) : `${start},${count}`;
}

/** Cuts long lines around the place where the k-th line gone and the k-th line added of one run part. */
function cutLines(lines: readonly string[]): readonly string[] {
  const cut = [...lines];
  let run: { gone: number[]; added: number[] } = { gone: [], added: [] };
  lines.forEach((line, index) => {
    if (line.startsWith(" ") || (line.startsWith("-") && run.added.length > 0)) run = { gone: [], added: [] };
    if (line.startsWith("-")) run.gone.push(index);
    if (line.startsWith("+")) run.added.push(index);
    if (line.length <= MAX_WIDTH) return;
    const partner = line.startsWith("+") ? run.gone[run.added.length - 1] : undefined;
    const other = partner === undefined ? "" : (lines[partner] ?? "");
    const from = findParting(line, other);
    cut[index] = cutAround(line, from);
    if (partner !== undefined && other.length > MAX_WIDTH) cut[partner] = cutAround(other, from);
  });
  return cut;
}

function findParting(line: string, other: string): number {
  let index = 1;
  while (index < line.length && index < other.length && line[index] === other[index]) index += 1;
  return other === "" ? 0 : index;
}

function cutAround(line: string, place: number): string {
  const start = place < MAX_WIDTH - 100 ? 1 : place - 100;
  const end = Math.min(start + MAX_WIDTH, line.length);
  const rest = line.length - end;
  const text = line.slice(start, end).toWellFormed();
  return `${line[0] ?? ""}${start > 1 ? `… ${start - 1} characters …` : ""}${text}${rest > 0 ? `… ${rest} characters` : ""}`;
}
