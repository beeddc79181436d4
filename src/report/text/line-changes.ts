import { structuredPatch } from "diff";
import { count } from "../phrase.ts";
import { shorten } from "../visible-text.ts";
import type { Paragraph } from "./layout.ts";
import { solid, span } from "./layout.ts";

const SHOWN_LINES = 8;
const LINE_LIMIT = 160;
/** Above this many characters or edits a text is not compared line by line: the comparison's cost grows with both. */
const COMPARED_CHARACTERS = 100_000;
const COMPARED_EDITS = 400;

/** The lines that differ inside a text value (a configuration file in a ConfigMap), at most a handful. */
export function writeLineChanges(before: string, after: string): Paragraph[] {
  const lines = compareLines(before, after);
  if (lines === undefined) return [{ spans: [span("a long text differs in many lines", "dim")], indent: 10 }];
  const shown = lines.slice(0, SHOWN_LINES).map((line): Paragraph => {
    const text = shorten(line.replaceAll("\t", "  "), LINE_LIMIT);
    return { spans: [solid(text, line.startsWith("+") ? "green" : "red")], indent: 10 };
  });
  const rest = lines.length - shown.length;
  return rest > 0 ? [...shown, { spans: [span(`and ${count(rest, "more line")}`, "dim")], indent: 10 }] : shown;
}

function compareLines(before: string, after: string): string[] | undefined {
  if (before.length + after.length > COMPARED_CHARACTERS) return undefined;
  const patch = structuredPatch("", "", before, after, "", "", { context: 0, maxEditLength: COMPARED_EDITS });
  return patch?.hunks.flatMap((hunk) => hunk.lines.filter((line) => !line.startsWith("\\")));
}
