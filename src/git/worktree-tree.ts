import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { UsageError, type ObjectId } from "../model/index.ts";
import { runGit, type GitPlace } from "./run-git.ts";
import type { Scratch } from "./scratch.ts";

/** As GitHub refuses larger ones. */
const MAX_FILE_BYTES = 100 * 1024 * 1024;

/** Settings of the user's that say how their file system behaves. They can only be one of these words. */
const FILE_SYSTEM_SETTINGS = ["filemode", "ignorecase", "precomposeunicode", "symlinks", "trustctime", "checkstat"];
const HARMLESS_VALUE = /^(?:true|false|yes|no|on|off|0|1|default|minimal)$/iu;

/**
 * The tree of the user's files as they are: tracked ones with their changes, and untracked ones that are not ignored.
 * Works on a copy of the index; blobs go to the scratch directory, byte for byte as on disk (no filter runs, line
 * endings stay), and only files that differ from the index are read at all. Submodules stay where the index has them.
 * Fails with a UsageError in a bare repository.
 */
export async function writeWorktreeTree(scratch: Scratch): Promise<ObjectId> {
  const { workTree } = scratch.repository;
  if (workTree === undefined) throw new UsageError("--worktree needs a work tree; this repository is bare.");
  copyIndex(scratch);
  const settings = FILE_SYSTEM_SETTINGS.flatMap((name) => {
    const value = scratch.settings.get(`core.${name}`);
    return value !== undefined && HARMLESS_VALUE.test(value) ? [`core.${name}=${value}`] : [];
  });
  const place = { workTree, settings };
  // `--ignore-submodules=all`: anything else would run git, with its configuration, inside of them.
  const diffArgs = ["diff-files", "-z", "--raw", "--no-renames", "--ignore-submodules=all", "--no-ext-diff"];
  const changed = await runGit(scratch, diffArgs, place);
  const untracked = await runGit(scratch, ["ls-files", "-z", "--others", "--exclude-standard"], place);
  const paths = new Set([...readChangedPaths(changed.stdout), ...readRecords(untracked.stdout)]);
  const update = writeEntries(scratch, workTree, paths);
  await runGit(scratch, ["update-index", "--add", "--remove", "--replace", "-z", "--index-info"], {
    ...place,
    input: update,
  });
  const { stdout } = await runGit(scratch, ["write-tree", "--missing-ok"], place);
  return stdout.toString("latin1").trim();
}

/**
 * The copy keeps the time of the original, rounded down: git takes an entry for unchanged without reading the file only
 * when the file is older than the index. The shared half of a split index is copied as well, because reading touches it.
 */
function copyIndex({ directory, repository }: Scratch): void {
  const copy = join(directory, "index");
  rmSync(copy, { force: true });
  const source = join(repository.gitDirectory, "index");
  if (!existsSync(source)) return;
  const { mtimeMs } = statSync(source);
  copyFileSync(source, copy);
  const seconds = Math.floor(mtimeMs / 1000);
  utimesSync(copy, seconds, seconds);
  for (const name of readdirSync(repository.gitDirectory)) {
    if (/^sharedindex\.[0-9a-f]+$/u.test(name)) {
      copyFileSync(join(repository.gitDirectory, name), join(directory, name));
    }
  }
}

/** Paths as latin1 text: one character a byte, so that names that are not UTF-8 stay what they are. */
function readRecords(bytes: Buffer): readonly string[] {
  return bytes
    .toString("latin1")
    .split("\0")
    .filter((record) => record !== "");
}

/** `:<modes> <ids> <status>` and the path, in turns. */
function readChangedPaths(bytes: Buffer): readonly string[] {
  return readRecords(bytes).filter((_, index) => index % 2 === 1);
}

/** Lines for `update-index --index-info`: first what is gone, so that a file may become a directory. */
function writeEntries(scratch: Scratch, workTree: string, paths: ReadonlySet<string>): Buffer {
  const nothing = "0".repeat(scratch.objectFormat === "sha1" ? 40 : 64);
  const removed: string[] = [];
  const added: string[] = [];
  const isPlainDirectory = createDirectoryCheck(workTree);
  for (const path of paths) {
    if (path.endsWith("/")) continue; // a repository inside the repository
    removed.push(`0 ${nothing}\t${path}\0`);
    const parent = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    const content = isPlainDirectory(parent) ? readEntry(toFilePath(workTree, path)) : undefined;
    if (content !== undefined) added.push(`${content.mode} ${writeBlob(scratch, content.bytes)}\t${path}\0`);
  }
  return Buffer.from([...removed, ...added].join(""), "latin1");
}

function toFilePath(workTree: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${workTree}/`, "utf8"), Buffer.from(path, "latin1")]);
}

/** Whether a directory is one on disk too, all the way up: a link in the path would lead out of the work tree. */
function createDirectoryCheck(workTree: string): (path: string) => boolean {
  const known = new Map([["", true]]);
  const check = (path: string): boolean => {
    const answer = known.get(path);
    if (answer !== undefined) return answer;
    const parent = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    const isPlain =
      check(parent) && lstatSync(toFilePath(workTree, path), { throwIfNoEntry: false })?.isDirectory() === true;
    known.set(path, isPlain);
    return isPlain;
  };
  return check;
}

interface EntryContent {
  readonly mode: "100644" | "100755" | "120000";
  readonly bytes: Buffer;
}

/** Undefined for what is not there, and for what git does not keep (directories, sockets, devices). */
function readEntry(path: Buffer): EntryContent | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isSymbolicLink() === true) return { mode: "120000", bytes: readlinkSync(path, { encoding: "buffer" }) };
  if (stat?.isFile() !== true) return undefined;
  // NONBLOCK: the path may have become a pipe since.
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const opened = fstatSync(file);
    if (!opened.isFile()) return undefined;
    if (opened.size > MAX_FILE_BYTES) {
      throw new UsageError(`${JSON.stringify(path.toString("utf8"))} is larger than 100 MiB; let git ignore it.`);
    }
    return { mode: (opened.mode & 0o100) === 0 ? "100644" : "100755", bytes: readFileSync(file) };
  } finally {
    closeSync(file);
  }
}

/** Writes one loose object (gitformat-loose(5)) to the scratch directory. */
export function writeBlob({ directory, objectFormat }: GitPlace, content: Buffer): ObjectId {
  const bytes = Buffer.concat([Buffer.from(`blob ${content.length}\0`), content]);
  const id = createHash(objectFormat).update(bytes).digest("hex");
  const folder = join(directory, "objects", id.slice(0, 2));
  const file = join(folder, id.slice(2));
  if (existsSync(file)) return id;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, deflateSync(bytes, { level: 1 }));
  return id;
}
