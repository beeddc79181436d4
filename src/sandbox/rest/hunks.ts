/** The lines of one file that a pull request's diff shows, by side, and the text around each. */
export interface Hunks {
  readonly LEFT: ReadonlyMap<number, string>;
  readonly RIGHT: ReadonlyMap<number, string>;
}

/** Lines of a hunk that GitHub shows above a comment. */
const CONTEXT = 3;

/** Reads a patch as `GET /pulls/{number}/files` gives it: line → the end of its hunk up to that line. */
export function readHunks(patch: string): Hunks {
  const LEFT = new Map<number, string>();
  const RIGHT = new Map<number, string>();
  let [left, right] = [0, 0];
  let above: string[] = [];
  for (const line of patch.split("\n")) {
    const header = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/u.exec(line);
    if (header !== null) {
      [left, right] = [Number(header[1]), Number(header[2])];
      above = [line];
      continue;
    }
    if (line.startsWith("\\")) continue;
    above = [above[0] ?? "", ...above.slice(1).slice(-CONTEXT), line];
    const text = above.join("\n");
    if (!line.startsWith("+")) LEFT.set(left++, text);
    if (!line.startsWith("-")) RIGHT.set(right++, text);
  }
  return { LEFT, RIGHT };
}
