import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "..", "..");

/** A fenced block of a document. */
export interface Fence {
  readonly language: string;
  readonly text: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  /** The heading it stands under. */
  readonly heading: string;
}

export interface Document {
  /** Relative to the root of the project. */
  readonly path: string;
  readonly text: string;
  readonly headings: readonly string[];
  readonly fences: readonly Fence[];
}

/** What users read: the README, and everything below `docs/`. */
export async function readDocuments(): Promise<readonly Document[]> {
  const paths = ["README.md", ...(await Array.fromAsync(glob("docs/**/*.md", { cwd: ROOT })))];
  return paths.sort().map((path) => parseDocument(path, readFileSync(join(ROOT, path), "utf8")));
}

function parseDocument(path: string, text: string): Document {
  const headings: string[] = [];
  const fences: Fence[] = [];
  let open: { language: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const mark = /^```(\w*)$/u.exec(line);
    if (open !== undefined && mark !== null) {
      const { language, line: at, lines } = open;
      fences.push({ language, line: at, text: lines.join("\n"), heading: headings.at(-1) ?? "" });
      open = undefined;
    } else if (open !== undefined) open.lines.push(line);
    else if (mark !== null) open = { language: mark[1] ?? "", line: index + 1, lines: [] };
    else if (/^#{1,6} /u.test(line)) headings.push(line.replace(/^#+ /u, ""));
  }
  return { path, text, headings, fences };
}

/** The anchor that GitHub gives a heading. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}
