import { analyzeFile, analyzeLink, isExcluded, keepBuilt, mayMatter, type FileFacts } from "../discover/index.ts";
import type { RepositoryConfig } from "../config/index.ts";
import type { EntryKind, ObjectId, Resolution, Trace, TraceFact, Tree, TreeChange } from "../model/index.ts";
import { findReaders, type Snapshot } from "./snapshot.ts";

/** Blobs asked from git, and links followed, in one batch. */
const BATCH = 512;

/** What discovery knows of the files that were looked at. What it leaves out is left out here. */
export interface AnalyzedFiles {
  /** Undefined for a path that is gone. */
  readonly facts: ReadonlyMap<string, FileFacts | undefined>;
  /** Link → what its facts depend on beside its name. */
  readonly linkTraces: ReadonlyMap<string, Trace>;
}

/** A path that is there, and the blob that tells what it is. */
interface FoundFile {
  readonly path: string;
  readonly blob: ObjectId | undefined;
  readonly link: FollowedLink | undefined;
}

interface FollowedLink {
  readonly resolution: Resolution;
  readonly trace: Trace;
}

/** Looks at every file of a tree. */
export async function analyzeTree(tree: Tree, config: RepositoryConfig): Promise<AnalyzedFiles> {
  const found: FoundFile[] = [];
  const links: string[] = [];
  for await (const { path, kind, id } of tree.walk("", (directory) => isExcluded(directory, config))) {
    if (isExcluded(path, config)) continue;
    if (kind === "symlink") links.push(path);
    else found.push(describeEntry(path, kind, id));
  }
  for (const batch of inBatches(links)) found.push(...(await Promise.all(batch.map((path) => findFile(tree, path)))));
  return await analyzeFiles(tree, found, []);
}

/** Looks at what differs from the snapshot: the changed files, and links that may lead elsewhere or to something else. */
export async function analyzeChanges(
  tree: Tree,
  changes: readonly TreeChange[],
  snapshot: Snapshot,
  config: RepositoryConfig,
): Promise<AnalyzedFiles> {
  const seen = changes.filter(({ path }) => !isExcluded(path, config));
  const removed = seen.filter(({ action }) => action === "removed").map(({ path }) => path);
  const present = new Set(seen.filter(({ action }) => action !== "removed").map(({ path }) => path));
  const gone = new Set(removed);
  for (const link of findReaders(
    changes,
    (path) => snapshot.linksOf(path),
    (path) => snapshot.linksThrough(path),
  )) {
    if (!gone.has(link)) present.add(link);
  }
  const found: FoundFile[] = [];
  for (const path of present) found.push(await findFile(tree, path));
  return await analyzeFiles(tree, found, removed);
}

async function findFile(tree: Tree, path: string): Promise<FoundFile> {
  const trace: TraceFact[] = [];
  const resolution = await tree.resolve(path, (fact) => trace.push(fact));
  const [entry] = trace;
  const isLink = entry?.kind === "entry" && entry.path === path && entry.entryKind === "symlink";
  if (!isLink) return describeEntry(path, resolution.kind === "file" ? "file" : "submodule", resolutionId(resolution));
  const blob = resolution.kind === "file" && mayMatter(path) ? resolution.id : undefined;
  return { path, blob, link: { resolution, trace } };
}

function resolutionId(resolution: Resolution): ObjectId {
  return resolution.kind === "file" ? resolution.id : "";
}

function describeEntry(path: string, kind: EntryKind, id: ObjectId): FoundFile {
  return { path, blob: kind === "file" && mayMatter(path) ? id : undefined, link: undefined };
}

async function analyzeFiles(
  tree: Tree,
  found: readonly FoundFile[],
  removed: readonly string[],
): Promise<AnalyzedFiles> {
  const facts = new Map<string, FileFacts | undefined>(removed.map((path) => [path, undefined]));
  const linkTraces = new Map<string, Trace>();
  for (const { path, link, blob } of found) {
    if (link !== undefined) linkTraces.set(path, link.trace);
    if (blob === undefined) facts.set(path, describeFile(path, link, undefined));
  }
  for (const batch of inBatches(found.filter(({ blob }) => blob !== undefined))) {
    const blobs = await tree.readBlobs(batch.map(({ blob }) => blob ?? ""));
    batch.forEach(({ path, link }, index) =>
      facts.set(path, describeFile(path, link, blobs[index] ?? new Uint8Array())),
    );
  }
  return { facts, linkTraces };
}

function describeFile(path: string, link: FollowedLink | undefined, bytes: Uint8Array | undefined): FileFacts {
  if (link !== undefined) return analyzeLink(path, link.resolution, bytes);
  return bytes === undefined ? { kind: "other" } : analyzeFile(path, bytes);
}

function inBatches<T>(items: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / BATCH) }, (_, index) =>
    items.slice(index * BATCH, (index + 1) * BATCH),
  );
}

/** What is known of a base that a head is compared with. */
export interface BuiltFiles {
  readonly facts: AnalyzedFiles["facts"];
  readonly snapshot: Snapshot;
}

/** Also where the head is as the snapshot has it and only the base differs: that is a change like any other. */
export function keepBuiltFiles(facts: AnalyzedFiles["facts"], base: BuiltFiles): AnalyzedFiles["facts"] {
  const kept = new Map<string, FileFacts | undefined>();
  for (const [path, after] of facts) {
    const before = base.facts.has(path) ? base.facts.get(path) : base.snapshot.factsOf(path);
    kept.set(path, keepBuilt(before, after));
  }
  for (const [path, before] of base.facts) {
    if (!facts.has(path)) kept.set(path, keepBuilt(before, base.snapshot.factsOf(path)));
  }
  return kept;
}
