// Control, format (bidirectional marks among them) and unassigned characters: a name must not drive the terminal.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** Lines of text that names of a repository are in, made safe to print. */
export function quoteLines(text: string): string {
  return text.split("\n").map(quoteText).join("\n");
}

/** Text from a repository made safe to print: unprintable characters as `\u{…}`. */
export function quoteText(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
