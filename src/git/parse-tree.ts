import { createHash } from "node:crypto";
import type { EntryKind, ObjectId, TreeEntry } from "../model/index.ts";

/** One directory's entries, in git's order. */
export interface TreeObject {
  readonly id: ObjectId;
  readonly entries: readonly TreeEntry[];
  find(name: string): TreeEntry | undefined;
  /** Digest of the names and kinds: what a `directory` fact of a trace holds. */
  names(): string;
}

const SPACE = 0x20;
const ZERO_DIGIT = 0x30;

/**
 * Reads a raw tree object: `<octal mode> <name>\0<id>`, over and over. Entries that no path can reach (`.`, `..`, names
 * with a slash; git refuses to make them) are left out.
 */
export function parseTree(id: ObjectId, bytes: Buffer): TreeObject {
  const idBytes = id.length / 2;
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(SPACE, at);
    const end = bytes.indexOf(0, space);
    if (space < 0 || end < 0 || end + 1 + idBytes > bytes.length) break;
    const name = decodeName(bytes.subarray(space + 1, end));
    const entryId = bytes.toString("hex", end + 1, end + 1 + idBytes);
    if (isReachable(name)) entries.push({ name, kind: readKind(bytes, at, space), id: entryId });
    at = end + 1 + idBytes;
  }
  return createTreeObject(id, entries);
}

function createTreeObject(id: ObjectId, entries: readonly TreeEntry[]): TreeObject {
  let byName: ReadonlyMap<string, TreeEntry> | undefined;
  let names: string | undefined;
  return {
    id,
    entries,
    find: (name) => (byName ??= new Map(entries.map((entry) => [entry.name, entry]))).get(name),
    names: () => (names ??= hashNames(entries)),
  };
}

/**
 * A name as text. One that is not valid UTF-8 keeps its odd bytes as NUL and two hex digits: no name in git holds a
 * NUL, so two names never become one, and such a path is never found by a lookup.
 */
export function decodeName(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  if (!text.includes("\ufffd") || Buffer.from(text, "utf8").equals(bytes)) return text;
  const plain = (byte: number): string =>
    byte < 0x80 ? String.fromCharCode(byte) : `\0${byte.toString(16).padStart(2, "0")}`;
  return [...bytes].map(plain).join("");
}

/** Whether a path handed in can name something in a tree at all. */
export function isLookupPath(path: string): boolean {
  return !path.includes("\0") && path.isWellFormed();
}

function isReachable(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !name.includes("/");
}

/** The file type is all that counts of a mode (`40000`, `100644`, `120000`, `160000`): its digits before the last four. */
function readKind(bytes: Buffer, start: number, end: number): EntryKind {
  const tens = end - start === 6 ? (bytes[start + 1] ?? 0) - ZERO_DIGIT : -1;
  if (end - start === 5 || tens === 4) return "directory";
  if (tens === 2) return "symlink";
  if (tens === 6) return "submodule";
  return "file";
}

/**
 * SHA-256 over the sorted lines `<kind> <name>`, lower-case hex. Backslashes and line feeds in names are escaped, so
 * that two different directories never have the same lines.
 */
export function hashNames(entries: readonly TreeEntry[]): string {
  const lines = entries.map(({ kind, name }) => `${kind} ${escapeName(name)}\n`).sort();
  return createHash("sha256").update(lines.join("")).digest("hex");
}

function escapeName(name: string): string {
  return /[\\\n]/u.test(name) ? name.replaceAll("\\", "\\\\").replaceAll("\n", "\\n") : name;
}
