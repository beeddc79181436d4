import { code } from "../report/markdown/inline.ts";

/**
 * What the App says to somebody who gave a command: their words quoted without the slash, so that nothing in them acts
 * on GitHub, on Drydock or on another bot, then the answer. `answer` is Markdown that is safe already.
 */
export function writeAnswer(lines: readonly string[], answer: string): string {
  const quoted = [...new Set(lines)].map((line) => `> ${code(line.replace(/^\//u, ""), 80)}`);
  return [...quoted, "", answer].join("\n");
}
