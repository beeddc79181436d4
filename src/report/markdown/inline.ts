import { shorten, toVisible } from "../visible-text.ts";

/** Longest name, path or value that is written out; in code points. */
const CODE_LIMIT = 200;

/**
 * Text from a repository as a code span. Nothing is active inside one: no mention, reference, link, HTML or marker.
 * The delimiter is longer than any run of backticks inside; controls and line ends are made visible.
 */
export function code(text: string, limit = CODE_LIMIT): string {
  const content = shorten(disarmMarker(toVisible(text)), limit);
  if (content.trim() === "") return "`(empty)`";
  const fence = "`".repeat(longestRun(content) + 1);
  // One space on each side is stripped again (CommonMark §6.1), so padding keeps backticks and spaces at the ends.
  const needsPadding = /^[` ]|[` ]$/u.test(content);
  return needsPadding ? `${fence} ${content} ${fence}` : `${fence}${content}${fence}`;
}

/** A code span for a table's cell, where a bar would end the cell even inside code. */
export function cellCode(text: string): string {
  return code(text.replaceAll("|", "\\u{7c}"));
}

/** Text from a repository inside raw HTML (a `<summary>`), where Markdown is not read. */
export function htmlCode(text: string, limit = CODE_LIMIT): string {
  return `<code>${escapeHtml(shorten(disarmMarker(toVisible(text)), limit)) || "(empty)"}</code>`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/gu, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * A sentence that may quote a repository. Plain words stay plain; every word that could mean something to Markdown, to
 * HTML or to GitHub (a mention, a reference, an address, a commit) stands in code. Always one line, never empty.
 */
export function prose(text: string, limit = 600): string {
  return quoteUnsafe(text, limit, code);
}

/** The same inside raw HTML. */
export function htmlProse(text: string, limit = 600): string {
  return quoteUnsafe(text, limit, htmlCode);
}

function quoteUnsafe(text: string, limit: number, quote: (text: string, limit: number) => string): string {
  const words = shorten(text.replaceAll(/\s+/gu, " ").trim(), limit).split(" ");
  const parts: string[] = [];
  let unsafe: string[] = [];
  const flush = (): void => {
    if (unsafe.length > 0) parts.push(quoteBeforePunctuation(unsafe.join(" "), limit, quote));
    unsafe = [];
  };
  for (const [index, word] of words.entries()) {
    if (!isPlainWord(word, index === 0)) unsafe.push(word);
    else {
      flush();
      parts.push(word);
    }
  }
  flush();
  return parts.join(" ");
}

/** The comma or full stop of the sentence stays outside the code span. */
function quoteBeforePunctuation(text: string, limit: number, quote: (text: string, limit: number) => string): string {
  // So does a bracket that was opened before it.
  const pattern = text.includes("(") ? /^(.*?[^.,;:!?])([.,;:!?]*)$/u : /^(.*?[^).,;:!?])(\)?[.,;:!?]*)$/u;
  const [, content = "", end = ""] = pattern.exec(text) ?? [];
  return content === "" ? quote(text, limit) : quote(content, limit) + end;
}

// Letters and digits with hyphens, apostrophes and decimal points inside, a sentence's punctuation around them.
const PLAIN = /^[("'“‘]*[\p{L}\p{M}\p{N}]+(?:(?:[-'’]|(?<=\d)\.(?=\d))[\p{L}\p{M}\p{N}]+)*["'”’]*[)]*[.,;:!?…]*$/u;

function isPlainWord(word: string, isFirst: boolean): boolean {
  if (["–", "—", "→", "·", "…", "-"].includes(word)) return !(word === "-" && isFirst);
  // `1.` begins a list.
  if (!PLAIN.test(word) || (isFirst && /^\d+[.)]$/u.test(word))) return false;
  // An address that was cut: even `www.…` becomes a link.
  if (/www\.|https?:/iu.test(word)) return false;
  // GitHub links commits (seven hex digits or more), `GH-1`, and references of other trackers (`ABC-1`).
  return !/(?<![a-z0-9])[0-9a-f]{7,}(?![a-z0-9])/iu.test(word) && !/[\p{L}\p{N}]-\d/u.test(word);
}

function longestRun(text: string): number {
  if (!text.includes("`")) return 0;
  return Math.max(0, ...Array.from(text.matchAll(/`+/gu), (run) => run[0].length));
}

/** A fenced block. The fence is longer than any run of backticks inside, so nothing in it can end it. */
export function fenced(info: "diff" | "text", lines: readonly string[]): string {
  const content = lines.map((line) => disarmMarker(toVisible(line)));
  const longest = content.reduce((length, line) => Math.max(length, longestRun(line)), 2);
  const fence = "`".repeat(longest + 1);
  return [`${fence}${info}`, ...content, fence].join("\n");
}

/**
 * A hidden marker of ours is found by its raw text, so one that a repository holds must not look like it. Nor may a
 * line begin like a command: somebody copies it as it is shown, without its fence, and it is carried out (T12).
 */
function disarmMarker(text: string): string {
  const unmarked = text.includes("<!--") ? text.replaceAll(/<!--(\s*)d(?=rydock)/giu, "<!--$1\\u{64}") : text;
  return unmarked.replace(/^(\s*)\/(?=drydock)/iu, "$1\\u{2f}");
}
