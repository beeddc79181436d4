import { measureWidth } from "../report/index.ts";

/** Breaks a line at spaces only, indented like its start: a path that is too long stays whole, so that it can be copied. */
export function wrapLine(line: string, width: number): string {
  const indent = /^ */.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let current = indent;
  for (const word of line.trim().split(" ")) {
    if (measureWidth(current) + measureWidth(word) + 1 > width && current.trim() !== "") {
      lines.push(current);
      current = `${indent}  `;
    }
    current += current.trim() === "" ? word : ` ${word}`;
  }
  return [...lines, current].join("\n");
}
