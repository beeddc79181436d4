import { toVisible } from "../visible-text.ts";

/** HTML that is safe to put into a page. Made by `markup` alone, so that no other text can stand where it is expected. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type MarkupPart = string | number | Markup | undefined | readonly MarkupPart[];

/** A template of HTML: every text put into it is made visible and escaped, for content and quoted attributes alike. */
export function markup(strings: TemplateStringsArray, ...parts: readonly MarkupPart[]): Markup {
  return new Markup(strings.map((string, index) => string + write(parts[index])).join(""));
}

function write(part: MarkupPart): string {
  if (part === undefined) return "";
  if (part instanceof Markup) return part.text;
  if (typeof part === "string") return escapeHtml(toVisible(part));
  if (typeof part === "number") return String(part);
  return part.map(write).join("");
}

/** Text that keeps its line ends, each of its lines made visible. */
export function preformatted(lines: readonly string[]): Markup {
  return new Markup(lines.map((line) => escapeHtml(toVisible(line))).join("\n"));
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/gu, (character) => `&#${character.charCodeAt(0)};`);
}
