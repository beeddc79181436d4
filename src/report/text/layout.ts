import { measureWidth } from "../measure-width.ts";
import { toVisible } from "../visible-text.ts";

export type Style = "plain" | "bold" | "dim" | "red" | "yellow" | "green" | "cyan";

/** A stretch of text in one style. A solid one is never broken, even where it holds spaces: paths, identifiers. */
export interface Span {
  readonly text: string;
  readonly style: Style;
  readonly isSolid?: boolean;
}

/** One paragraph: spans with a space between each two, wrapped at the width with the given indents. */
export interface Paragraph {
  readonly spans: readonly Span[];
  readonly indent: number;
  /** Indent of the lines after the first; two more than `indent` unless said. */
  readonly hang?: number;
}

export interface TextOptions {
  readonly color: boolean;
  /** Columns of the terminal. Words longer than a line are left whole for the terminal to wrap. */
  readonly width: number;
}

// SGR codes of ECMA-48 §8.3.117: the sixteen colours that follow the reader's own theme.
const CODES: Readonly<Record<Exclude<Style, "plain">, number>> = {
  bold: 1,
  dim: 2,
  red: 31,
  yellow: 33,
  green: 32,
  cyan: 36,
};

export function span(text: string, style: Style = "plain"): Span {
  return { text, style };
}

export function solid(text: string, style: Style = "plain"): Span {
  return { text, style, isSolid: true };
}

/** Lays paragraphs out as lines of a terminal. An empty list of spans is an empty line. */
export function layOut(paragraphs: readonly Paragraph[], options: TextOptions): string {
  return paragraphs.map((paragraph) => layOutParagraph(paragraph, options)).join("");
}

function layOutParagraph(paragraph: Paragraph, { color, width }: TextOptions): string {
  const words = paragraph.spans.flatMap(splitWords);
  const lines: Span[][] = [];
  let room = 0;
  for (const word of words) {
    const line = lines.at(-1);
    const columns = measureWidth(word.text);
    if (line !== undefined && room >= columns + 1) {
      line.push(word);
      room -= columns + 1;
    } else {
      room = width - indentOf(paragraph, lines.length) - columns;
      lines.push([word]);
    }
  }
  if (lines.length === 0) return "\n";
  return lines.map((line, index) => `${" ".repeat(indentOf(paragraph, index))}${paintLine(line, color)}\n`).join("");
}

function indentOf(paragraph: Paragraph, line: number): number {
  return line === 0 ? paragraph.indent : (paragraph.hang ?? paragraph.indent + 2);
}

/** The one way into the output: whatever a span holds is made visible here, so nothing can act on the terminal. */
function splitWords(whole: Span): Span[] {
  const visible = toVisible(whole.text);
  if (whole.isSolid === true) return visible === "" ? [] : [{ ...whole, text: visible }];
  return visible
    .split(" ")
    .filter((word) => word !== "")
    .map((text) => ({ text, style: whole.style }));
}

/** Paints runs of one style together, so that the codes stay few. */
function paintLine(words: readonly Span[], color: boolean): string {
  if (!color) return words.map((word) => word.text).join(" ");
  let line = "";
  let current: Style = "plain";
  for (const [index, word] of words.entries()) {
    const gap = index === 0 ? "" : " ";
    if (word.style === current) line += gap + word.text;
    else {
      line += (current === "plain" ? "" : "\u001b[0m") + gap + openStyle(word.style) + word.text;
      current = word.style;
    }
  }
  return current === "plain" ? line : `${line}\u001b[0m`;
}

function openStyle(style: Style): string {
  return style === "plain" ? "" : `\u001b[${CODES[style]}m`;
}
