import type { CheckName, CheckPart, CheckState, Verdict } from "../model/index.ts";
import { code } from "../report/markdown/inline.ts";
import { countCodePoints } from "../report/visible-text.ts";

/** Code points of an answer: a comment takes 65,536, and what is quoted before it takes some. */
const ANSWER_LIMIT = 60_000;

const STATES: Readonly<Record<CheckState, string>> = {
  success: "passes",
  failure: "fails",
  in_progress: "waits",
};

/**
 * How checks stand by a stored verdict: state, title and summary of one of them, or of all for the gate. Summaries that
 * would not fit into a comment are left to the check. GitHub Markdown.
 */
export function explainVerdict({ parts, headSha, isAdvice }: Verdict, check: CheckName | undefined): string {
  const wanted = parts.filter(({ name }) => check === undefined || check === "drydock" || name === check);
  const intro = `As checked on ${code(headSha.slice(0, 10))}:`;
  const advice = isAdvice ? ["Checks only advise here: what would fail passes."] : [];
  let room = ANSWER_LIMIT;
  const blocks = wanted.map((part) => {
    const text = writePart(part, part.summary);
    const isFitting = countCodePoints(text) <= room;
    const shown = isFitting ? text : writePart(part, "Its summary does not fit here; it stands in the check.");
    room -= countCodePoints(shown);
    return shown;
  });
  return [intro, ...advice, ...blocks].join("\n\n");
}

function writePart({ name, state, title }: CheckPart, summary: string): string {
  return `**${name}** ${STATES[state]}: ${title}\n\n${summary}`;
}
