import type { ObjectId, Resolution, Trace, TraceFact, Tree, TreeEntry, TreeFile } from "../model/index.ts";
import type { ObjectReader } from "./objects.ts";
import { decodeName, isLookupPath, type TreeObject } from "./parse-tree.ts";

/** Linux follows 40 links in one lookup, then says ELOOP (path_resolution(7)). */
const MAX_LINKS = 40;
/** PATH_MAX of Linux; no path or link target is longer. */
const MAX_PATH = 4096;
const REMEMBERED = 50_000;
/** Subdirectories asked for ahead when walking. */
const AHEAD = 256;

/** The tree with this id as the model's port. Nothing is read before it is asked for. */
export function createTree(objects: ObjectReader, id: ObjectId): Tree {
  const raw = createRawTree(objects, id);
  const readTarget = createLinkReader(objects);
  return {
    id,
    resolve: (path, onFact) => resolvePath(raw, readTarget, path, onFact ?? (() => undefined)),
    walk: (path, skip) => walkTree(objects, raw, path ?? "", skip ?? (() => false)),
    readBlobs: (ids) => objects.readBlobs(ids),
    holds: (trace) => doesTraceHold(raw, trace),
  };
}

/** A directory that is there and has not been read yet. */
interface Unread {
  readonly path: string;
  readonly id: ObjectId;
}

/** Raw directories by path, links not followed. */
interface RawTree {
  /** Answers from what has been read; `Unread` is the directory on the way that has to be read first. */
  peek(directory: string): TreeObject | Unread | undefined;
  read(unread: Unread): Promise<TreeObject>;
  /** The directory at this path, undefined when there is none. */
  open(directory: string): Promise<TreeObject | undefined>;
}

function createRawTree(objects: ObjectReader, root: ObjectId): RawTree {
  const directories = new Map<string, TreeObject>();

  const peek = (path: string): TreeObject | Unread | undefined => {
    const known = directories.get(path);
    if (known !== undefined) return known;
    if (path === "") return { path, id: root };
    const [parent, name] = splitPath(path);
    const above = peek(parent);
    if (above === undefined || isUnread(above)) return above;
    const entry = above.find(name);
    return entry?.kind === "directory" ? { path, id: entry.id } : undefined;
  };

  const read = async (unread: Unread): Promise<TreeObject> => {
    const directory = await objects.readTree(unread.id);
    if (directories.size >= REMEMBERED) directories.clear();
    directories.set(unread.path, directory);
    return directory;
  };

  const open = async (path: string): Promise<TreeObject | undefined> => {
    for (let found = peek(path); ; found = peek(path)) {
      if (found === undefined || !isUnread(found)) return found;
      const directory = await read(found);
      if (found.path === path) return directory;
    }
  };

  return { peek, read, open };
}

function isUnread(found: TreeObject | Unread): found is Unread {
  return "path" in found;
}

function splitPath(path: string): [parent: string, name: string] {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? ["", path] : [path.slice(0, slash), path.slice(slash + 1)];
}

function joinPath(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}

type LinkReader = (id: ObjectId) => Promise<string>;

/** Reads what links point to, each once. */
function createLinkReader(objects: ObjectReader): LinkReader {
  const targets = new Map<ObjectId, string>();
  return async (id) => {
    const known = targets.get(id);
    if (known !== undefined) return known;
    const [bytes] = await objects.readBlobs([id]);
    const target = decodeTarget(Buffer.from(bytes ?? new Uint8Array()));
    if (targets.size >= REMEMBERED) targets.clear();
    targets.set(id, target);
    return target;
  };
}

/** A target that is too long stays too long, whatever its bytes decode to. */
function decodeTarget(bytes: Buffer): string {
  return bytes.length > MAX_PATH ? bytes.toString("latin1", 0, MAX_PATH + 1) : decodeName(bytes);
}

/**
 * Follows a path as path_resolution(7) does, with the tree as the whole world. Facts are told as they are met. What
 * comes before a link or an entry on the way needs no fact of its own: the entry's fact holds only while they stand.
 */
async function resolvePath(
  raw: RawTree,
  readTarget: LinkReader,
  path: string,
  onFact: (fact: TraceFact) => void,
): Promise<Resolution> {
  if (!isLookupPath(path) || path.length > MAX_PATH) return { kind: "absent" };
  let source = { path, target: path };
  if (isOutside(path)) return { kind: "broken-link", ...source };
  const steps = toSteps(path);
  let at = "";
  let provenLength = 0; // how much of `at` an entry's fact has shown to be directories already
  let links = 0;
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    if (step === "..") {
      if (at === "") return { kind: "broken-link", ...source };
      if (at.length > provenLength) onFact(await describeDirectory(raw, at));
      [at] = splitPath(at);
      provenLength = Math.min(provenLength, at.length);
      continue;
    }
    const entry = (await raw.open(at))?.find(step);
    const here = joinPath(at, step);
    if (entry?.kind === "directory") {
      at = here;
      continue;
    }
    if (entry === undefined || (entry.kind === "file" && steps.length > 0)) {
      onFact(describeAbsence(here, entry, steps));
      return { kind: "absent" };
    }
    onFact(describeEntry(here, entry));
    if (entry.kind !== "symlink") return { kind: entry.kind, path: here, id: entry.id };
    source = { path: here, target: await readTarget(entry.id) };
    links += 1;
    if (links > MAX_LINKS || isOutside(source.target)) return { kind: "broken-link", ...source };
    if (source.target === "" || !isLookupPath(source.target)) return { kind: "absent" };
    steps.push(...toSteps(source.target));
    provenLength = at.length;
  }
  return await endAtDirectory(raw, at, onFact);
}

async function endAtDirectory(raw: RawTree, path: string, onFact: (fact: TraceFact) => void): Promise<Resolution> {
  const directory = await raw.open(path);
  if (directory === undefined) return { kind: "absent" };
  onFact({ kind: "directory", path, names: directory.names() });
  return { kind: "directory", path, id: directory.id, entries: directory.entries };
}

/** Absolute or too long: nothing that a tree can hold. */
function isOutside(target: string): boolean {
  return target.startsWith("/") || target.length > MAX_PATH;
}

/** The steps of a path, last one first. */
function toSteps(path: string): string[] {
  return path
    .split("/")
    .filter((step) => step !== "" && step !== ".")
    .reverse();
}

async function describeDirectory(raw: RawTree, path: string): Promise<TraceFact> {
  const directory = await raw.open(path);
  return directory === undefined ? { kind: "absent", path } : { kind: "directory", path, names: directory.names() };
}

/**
 * What was looked for is told, not which of the folders on its way is missing: a trace says the same whenever it holds,
 * however much of the way is there.
 */
function describeAbsence(here: string, entry: TreeEntry | undefined, steps: readonly string[]): TraceFact {
  const back = steps.lastIndexOf("..");
  const sought = steps.slice(back + 1).reverse();
  if (sought.length === 0) return describeEntry(here, entry);
  return { kind: "absent", path: [here, ...sought].join("/") };
}

function describeEntry(path: string, entry: TreeEntry | undefined): TraceFact {
  if (entry === undefined || entry.kind === "directory") return { kind: "absent", path };
  const fact = { kind: "entry", path, id: entry.id } as const;
  return entry.kind === "file" ? fact : { ...fact, entryKind: entry.kind };
}

interface Level {
  readonly path: string;
  readonly entries: readonly TreeEntry[];
  readonly skipped: ReadonlySet<TreeEntry>;
  next: number;
}

/** A stack instead of recursion: a tree may be deeper than the stack of calls. */
async function* walkTree(
  objects: ObjectReader,
  raw: RawTree,
  path: string,
  skip: (directory: string) => boolean,
): AsyncGenerator<TreeFile> {
  const start = isLookupPath(path) ? await raw.open(path) : undefined;
  const levels: Level[] = start === undefined ? [] : [enterDirectory(objects, path, start, skip)];
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const entry = level.entries[level.next];
    level.next += 1;
    if (entry === undefined) {
      levels.pop();
      continue;
    }
    const here = joinPath(level.path, entry.name);
    if (entry.kind !== "directory") yield { path: here, kind: entry.kind, id: entry.id };
    else if (!level.skipped.has(entry)) {
      levels.push(enterDirectory(objects, here, await objects.readTree(entry.id), skip));
    }
  }
}

/** Asks for the first subdirectories at once, so that they travel together. */
function enterDirectory(
  objects: ObjectReader,
  path: string,
  { entries }: TreeObject,
  skip: (directory: string) => boolean,
): Level {
  const directories = entries.filter(({ kind }) => kind === "directory");
  const skipped = new Set(directories.filter(({ name }) => skip(joinPath(path, name))));
  const wanted = directories.filter((entry) => !skipped.has(entry)).slice(0, AHEAD);
  // A failure shows where the directory is entered.
  for (const { id } of wanted) objects.readTree(id).catch(() => undefined);
  return { path, entries, skipped, next: 0 };
}

/** In rounds: what is known is judged without waiting, then all directories still needed are read in one go. */
async function doesTraceHold(raw: RawTree, trace: Trace): Promise<boolean> {
  let open: Trace = trace.filter(({ kind }) => kind !== "input");
  while (open.length > 0) {
    const waiting: TraceFact[] = [];
    const wanted = new Map<string, Unread>();
    for (const fact of open) {
      const answer = judgeFact(raw, fact);
      if (answer === false) return false;
      if (answer === true) continue;
      waiting.push(fact);
      wanted.set(answer.path, answer);
    }
    await Promise.all([...wanted.values()].map((unread) => raw.read(unread)));
    open = waiting;
  }
  return true;
}

function judgeFact(raw: RawTree, fact: TraceFact): boolean | Unread {
  if (fact.kind === "input") return true;
  if (!isLookupPath(fact.path)) return fact.kind === "absent";
  if (fact.kind === "absent") return judgeAbsence(raw, fact.path);
  if (fact.kind === "directory") {
    const found = raw.peek(fact.path);
    return found === undefined ? false : isUnread(found) ? found : found.names() === fact.names;
  }
  const [parent, name] = splitPath(fact.path);
  const above = raw.peek(parent);
  if (above !== undefined && isUnread(above)) return above;
  const entry = above?.find(name);
  return entry?.kind === (fact.entryKind ?? "file") && entry.id === fact.id;
}

/** A path below a link or a submodule counts as there: following it may find something. */
function judgeAbsence(raw: RawTree, path: string): boolean | Unread {
  for (let at = path; at !== ""; [at] = splitPath(at)) {
    const [parent, name] = splitPath(at);
    const above = raw.peek(parent);
    if (above === undefined) continue;
    if (isUnread(above)) return above;
    const kind = above.find(name)?.kind;
    return kind === undefined || (at !== path && kind === "file");
  }
  return false; // the root is always there
}
