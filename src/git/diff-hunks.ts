import type { ObjectId } from "../model/index.ts";
import { decodeName } from "./parse-tree.ts";
import { runGit, TooMuchOutput, type GitPlace } from "./run-git.ts";

/** Path in the later tree → inclusive line ranges; one that was only renamed has none. Binary files are not in it. */
export type FileHunks = ReadonlyMap<string, readonly (readonly [first: number, last: number])[]>;

/** Which files are looked at, and how many. */
export interface HunkChoice {
  /** At most so many. */
  readonly files: number;
  /** Pathspecs (gitglossary(7)); the contents of others are not read. */
  readonly paths: readonly string[];
}

/** A diff beyond it is nobody's to comment on line by line. */
const MAX_DIFF_BYTES = 64 * 1024 * 1024;
/** Pairs compared to find renames; git pairs equal files whatever it says. */
const RENAME_LIMIT = 1000;

/**
 * The lines of `after` that a unified diff from `before` shows, three lines around each change, files that were renamed
 * compared with what they were. Of the first `files` files of those that `paths` name only. Files that were removed are not in it, and nothing is
 * when the diff passes 64 MiB.
 */
export async function diffHunks(
  place: GitPlace,
  before: ObjectId,
  after: ObjectId,
  { files, paths }: HunkChoice,
): Promise<FileHunks> {
  const format = ["--unified=3", "--no-color", "--src-prefix=a/", "--dst-prefix=b/", "--full-index"];
  const args = ["diff-tree", "-r", "-p", "-M", `-l${RENAME_LIMIT}`, ...format, "--no-ext-diff", "--no-textconv"];
  try {
    const { stdout } = await runGit(place, [...args, "--ignore-submodules=none", before, after, "--", ...paths], {
      maxBytes: MAX_DIFF_BYTES,
      settings: ["core.quotePath=false"],
    });
    return parseHunks(stdout, files);
  } catch (error) {
    if (error instanceof TooMuchOutput) return new Map();
    throw error;
  }
}

/** Reads a unified diff. Contents are passed over by the counts of their hunk, so that none is taken for a header. */
export function parseHunks(diff: Buffer, files: number): FileHunks {
  const hunks = new Map<string, [number, number][]>();
  let path: string | undefined;
  let at = 0;
  const nextLine = (): Buffer | undefined => {
    if (at >= diff.length) return undefined;
    const end = diff.indexOf(0x0a, at);
    const line = diff.subarray(at, end < 0 ? diff.length : end);
    at = end < 0 ? diff.length : end + 1;
    return line;
  };
  for (let line = nextLine(); line !== undefined; line = nextLine()) {
    const text = line.toString("latin1");
    if (text.startsWith("diff --git ")) path = undefined;
    else if (text.startsWith("+++ ") || text.startsWith("rename to ")) {
      path = readPath(text);
      if (path === undefined) continue;
      if (!hunks.has(path) && hunks.size >= files) return hunks;
      if (!hunks.has(path)) hunks.set(path, []);
    } else if (text.startsWith("@@ ")) {
      const range = readRange(text);
      if (path !== undefined && range.after > 0) hunks.get(path)?.push([range.start, range.start + range.after - 1]);
      skipHunk(nextLine, range);
    }
  }
  return hunks;
}

interface HunkRange {
  readonly before: number;
  readonly start: number;
  readonly after: number;
}

/** `@@ -<line>[,<count>] +<line>[,<count>] @@` */
function readRange(text: string): HunkRange {
  const [, before = "1", start = "0", after = "1"] = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/u.exec(text) ?? [];
  return { before: Number(before), start: Number(start), after: Number(after) };
}

function skipHunk(nextLine: () => Buffer | undefined, { before, after }: HunkRange): void {
  let [left, right] = [before, after];
  while (left > 0 || right > 0) {
    const [mark] = nextLine() ?? [0];
    if (mark === 0) return;
    if (mark === MINUS || mark === SPACE) left -= 1;
    if (mark === PLUS || mark === SPACE) right -= 1;
  }
}

const [MINUS, PLUS, SPACE] = [0x2d, 0x2b, 0x20];

/** The path of `+++ b/<path>` or `rename to <path>`, in C-style quotes where it is unusual; undefined for /dev/null. */
function readPath(line: string): string | undefined {
  const [, prefix = "", named = ""] = /^(\+\+\+ |rename to )(.*?)\t?$/su.exec(line) ?? [];
  if (named === "/dev/null") return undefined;
  const bytes = Buffer.from(named.startsWith('"') ? unquote(named.slice(1, -1)) : named, "latin1");
  return decodeName(prefix === "+++ " ? bytes.subarray("b/".length) : bytes);
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  t: "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
};

function unquote(text: string): string {
  return text.replace(/\\([0-7]{3}|.)/gsu, (_, escaped: string) =>
    escaped.length === 3 ? String.fromCharCode(Number.parseInt(escaped, 8)) : (ESCAPES[escaped] ?? escaped),
  );
}
