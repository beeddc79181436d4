import { Fault, type ObjectId, type Resolution, type TraceFact, type Tree } from "../model/index.ts";
import { createByteCache } from "./byte-cache.ts";
import { encodeError, encodeReply } from "./lookup-reply.ts";
import type { LookupAnswer } from "./object-messages.ts";

const BLOB_CACHE_BYTES = 64 * 1024 * 1024;
const PREFETCH_FILES = 256;
const PREFETCH_BYTES = 4 * 1024 * 1024;
/** The largest file an engine is given. Beyond it lie archives and images, which no manifest is. */
const FILE_BYTES = 32 * 1024 * 1024;

/** Where trees and blobs come from; the git folder's reader fits. */
export interface ObjectSource {
  openTree(id: ObjectId): Tree;
  readBlobs(ids: readonly ObjectId[]): Promise<readonly Uint8Array[]>;
  /** Undefined when there is no such object, or it was not brought yet. */
  sizeOf(id: ObjectId): Promise<number | undefined>;
}

export interface ObjectLookup {
  /** One answer for each path, in their order. */
  lookup(tree: ObjectId, paths: readonly string[]): Promise<readonly LookupAnswer[]>;
  /** The directory (or its absence) and what is below it, at most 256 files and 4 MiB. */
  prefetch(tree: ObjectId, directory: string): Promise<readonly LookupAnswer[]>;
}

/** Answers engines' lookups from git trees. Blobs are remembered by id, so both sides of a check share them. */
export function createObjectLookup(source: ObjectSource): ObjectLookup {
  const trees = new Map<ObjectId, Tree>();
  const blobs = createBlobReader(source);

  const treeOf = (id: ObjectId): Tree => {
    const known = trees.get(id);
    if (known !== undefined) return known;
    // A check has two sides; a few more cover checks that overlap in one process.
    if (trees.size >= 8) for (const oldest of [...trees.keys()].slice(0, 4)) trees.delete(oldest);
    const tree = source.openTree(id);
    trees.set(id, tree);
    return tree;
  };

  const resolve = (treeId: ObjectId, paths: readonly string[]): Promise<Found[]> => {
    const tree = treeOf(treeId);
    return Promise.all(
      paths.map(async (path) => {
        const facts: TraceFact[] = [];
        return { path, resolution: await tree.resolve(path, (fact) => facts.push(fact)), facts };
      }),
    );
  };

  const answer = async (found: readonly Found[]): Promise<readonly LookupAnswer[]> => {
    const contents = await blobs(found.flatMap(contentId));
    return found.map((item) => {
      const reply = replyTo(item, contents.get(contentId(item)[0] ?? ""));
      return { path: item.path, reply, facts: item.facts };
    });
  };

  const fitting = async (found: readonly Found[]): Promise<Found[]> => {
    const sizes = await Promise.all(found.map(async (item) => sizeOfFile(source, item)));
    let bytes = 0;
    return found.filter((_, index) => {
      const size = sizes[index] ?? 0;
      if (bytes + size > PREFETCH_BYTES) return false;
      bytes += size;
      return true;
    });
  };

  return {
    lookup: async (tree, paths) => answer(await resolve(tree, paths)),
    prefetch: async (treeId, directory) => {
      const files = await firstFiles(treeOf(treeId), directory, PREFETCH_FILES);
      const parents = files.flatMap((path) => parentsBelow(path, directory));
      return answer(await fitting(await resolve(treeId, [...new Set([directory, ...parents, ...files])])));
    },
  };
}

/** What is known of a blob: too large a one is not kept and not handed out. */
interface Blob {
  readonly size: number;
  readonly bytes: Uint8Array | undefined;
}

function createBlobReader(source: ObjectSource): (ids: readonly ObjectId[]) => Promise<ReadonlyMap<ObjectId, Blob>> {
  const cache = createByteCache<Blob>(BLOB_CACHE_BYTES);

  const read = async (ids: readonly ObjectId[]): Promise<readonly Blob[]> => {
    try {
      const contents = await source.readBlobs(ids);
      return contents.map((bytes) =>
        bytes.length > FILE_BYTES ? { size: bytes.length, bytes: undefined } : { size: bytes.length, bytes },
      );
    } catch (error) {
      if (error instanceof Fault && error.isRetryable) throw error;
      // Git's reader refuses to read what is huge, and all that was asked for with it.
      const [id, ...others] = ids;
      if (id === undefined) throw error;
      if (others.length > 0) return (await Promise.all(ids.map((one) => read([one])))).flat();
      const size = (await source.sizeOf(id)) ?? 0;
      if (size <= FILE_BYTES) throw error;
      return [{ size, bytes: undefined }];
    }
  };

  return async (ids) => {
    const found = new Map<ObjectId, Blob>();
    const missing = new Set<ObjectId>();
    for (const id of ids) {
      const blob = cache.get(id);
      if (blob === undefined) missing.add(id);
      else found.set(id, blob);
    }
    const wanted = [...missing];
    const blobs = wanted.length === 0 ? [] : await read(wanted);
    for (const [index, blob] of blobs.entries()) {
      const id = wanted[index] ?? "";
      cache.set(id, blob, blob.bytes?.length ?? 0);
      found.set(id, blob);
    }
    return found;
  };
}

interface Found {
  readonly path: string;
  readonly resolution: Resolution;
  readonly facts: readonly TraceFact[];
}

/** The blob to read: that of a file which stands where it was asked. A link is answered by its target alone. */
function contentId({ path, resolution }: Found): readonly ObjectId[] {
  return resolution.kind === "file" && resolution.path === path ? [resolution.id] : [];
}

async function sizeOfFile(source: ObjectSource, found: Found): Promise<number> {
  const [id] = contentId(found);
  // What is not here yet is brought when somebody asks for it, not ahead.
  return id === undefined ? 0 : ((await source.sizeOf(id)) ?? Infinity);
}

function replyTo({ path, resolution }: Found, blob: Blob | undefined): Uint8Array {
  if (blob === undefined || blob.bytes !== undefined) return encodeReply(path, resolution, blob?.bytes);
  const size = (blob.size / 1024 / 1024).toFixed(0);
  const bound = FILE_BYTES / 1024 / 1024;
  return encodeError("limit", `${JSON.stringify(path)} has ${size} MiB; files above ${bound} MiB are not read.`);
}

async function firstFiles(tree: Tree, directory: string, limit: number): Promise<string[]> {
  const start = await tree.resolve(directory);
  if (start.kind !== "directory" || start.path !== directory) return [];
  const files: string[] = [];
  for await (const file of tree.walk(directory)) {
    if (file.kind === "file") files.push(file.path);
    if (files.length >= limit) break;
  }
  return files;
}

function parentsBelow(path: string, directory: string): string[] {
  const parents: string[] = [];
  for (let at = path.lastIndexOf("/"); at > directory.length; at = path.lastIndexOf("/", at - 1)) {
    parents.push(path.slice(0, at));
  }
  return parents;
}
