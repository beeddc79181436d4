import { markup, type Markup } from "../../report/html/markup.ts";

/** What stands under a line of a changed file. */
export type NotesUnder = (line: number) => readonly Markup[];

interface Numbers {
  old: number;
  new: number;
}

/** A file's hunks as a table; what `notesUnder` has for a line of the new side stands below it. */
export function writeDiff(patch: string, notesUnder: NotesUnder): Markup {
  const at: Numbers = { old: 0, new: 0 };
  const rows = patch.split("\n").map((line) => writeLine(line, at, notesUnder));
  return markup`<div class="wide" tabindex="0"><table class="diff">${rows}</table></div>`;
}

function writeLine(line: string, at: Numbers, notesUnder: NotesUnder): Markup {
  const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)/u.exec(line);
  if (hunk !== null) {
    [at.old, at.new] = [Number(hunk[1]), Number(hunk[2])];
    return markup`<tr class="hunk"><td></td><td></td><td>${line}</td></tr>`;
  }
  const sign = line.charAt(0);
  if (sign === "-") return markup`<tr class="removed"><td>${at.old++}</td><td></td><td>${line}</td></tr>`;
  if (sign !== "+" && sign !== " ") return markup`<tr class="hunk"><td></td><td></td><td>${line}</td></tr>`;
  const number = at.new++;
  const old = sign === "+" ? undefined : at.old++;
  const notes = notesUnder(number);
  const below = notes.length === 0 ? undefined : markup`<tr class="notes"><td colspan="3">${notes}</td></tr>`;
  return markup`<tr class="${sign === "+" ? "added" : "same"}"><td>${old}</td><td>${number}</td><td>${line}</td></tr>${below}`;
}

/** The lines that a review comment is about: the end of a hunk, whose head tells where the whole of it began. */
export function writeExcerpt(hunk: string): Markup | undefined {
  const [, ...lines] = hunk.split("\n");
  if (lines.length === 0) return undefined;
  const rows = lines.map((line) => {
    const tone = line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "same";
    return markup`<tr class="${tone}"><td>${line}</td></tr>`;
  });
  return markup`<div class="wide" tabindex="0"><table class="diff excerpt">${rows}</table></div>`;
}
