/** The cells of a row, as Markdown. */
export type TableRow = readonly string[];

const DELIMITERS = /^ {0,3}\|?(?:\s*:?-+:?\s*\|)*\s*:?-+:?\s*\|?\s*$/u;

/** Reads a paragraph of Markdown as GitHub's tables are written, its head first; undefined when it is none. */
export function readTable(paragraph: string): readonly TableRow[] | undefined {
  const [head = "", delimiters = "", ...rows] = paragraph.split("\n");
  if (!head.includes("|") || !DELIMITERS.test(delimiters)) return undefined;
  const columns = splitRow(delimiters).length;
  if (splitRow(head).length !== columns) return undefined;
  return [head, ...rows].map((row) => {
    const cells = splitRow(row);
    return Array.from({ length: columns }, (_, index) => cells[index] ?? "");
  });
}

/** A bar after a backslash is part of its cell, inside code too. */
function splitRow(row: string): string[] {
  const inner = row
    .trim()
    .replace(/^\|/u, "")
    .replace(/(?<!\\)\|$/u, "");
  return inner.split(/(?<!\\)\|/u).map((cell) => cell.trim().replaceAll("\\|", "|"));
}
