import type { ObjectId, Resolution, TraceFact, Tree } from "../model/index.ts";
import { createByteCache } from "./byte-cache.ts";
import { encodeError, encodeReply } from "./lookup-reply.ts";
import type { LookupAnswer } from "./object-messages.ts";

const BLOB_CACHE_BYTES = 64 * 1024 * 1024;
const PREFETCH_FILES = 256;
const PREFETCH_BYTES = 4 * 1024 * 1024;
/** The largest file an engine is given. Beyond it lie archives and images, which no manifest is. */
const FILE_BYTES = 32 * 1024 * 1024;

export interface ObjectLookup {
  /** One answer for each path, in their order. */
  lookup(tree: ObjectId, paths: readonly string[]): Promise<readonly LookupAnswer[]>;
  /** The directory (or its absence) and what is below it, at most 256 files and 4 MiB. */
  prefetch(tree: ObjectId, directory: string): Promise<readonly LookupAnswer[]>;
}

/** Answers engines' lookups from git trees. Blobs are remembered by id, so both sides of a check share them. */
export function createObjectLookup(openTree: (id: ObjectId) => Tree): ObjectLookup {
  const blobs = createByteCache<Uint8Array>(BLOB_CACHE_BYTES);
  const trees = new Map<ObjectId, Tree>();

  const treeOf = (id: ObjectId): Tree => {
    const known = trees.get(id);
    if (known !== undefined) return known;
    // A check has two sides; a few more cover checks that overlap in one process.
    if (trees.size >= 8) for (const oldest of [...trees.keys()].slice(0, 4)) trees.delete(oldest);
    const tree = openTree(id);
    trees.set(id, tree);
    return tree;
  };

  const readBlobs = async (tree: Tree, ids: readonly ObjectId[]): Promise<Map<ObjectId, Uint8Array>> => {
    const found = new Map<ObjectId, Uint8Array>();
    const missing = new Set<ObjectId>();
    for (const id of ids) {
      const blob = blobs.get(id);
      if (blob === undefined) missing.add(id);
      else found.set(id, blob);
    }
    const wanted = [...missing];
    const read = wanted.length === 0 ? [] : await tree.readBlobs(wanted);
    wanted.forEach((id, index) => {
      const blob = read[index] ?? new Uint8Array();
      blobs.set(id, blob, blob.length);
      found.set(id, blob);
    });
    return found;
  };

  const lookup = async (treeId: ObjectId, paths: readonly string[]): Promise<readonly LookupAnswer[]> => {
    const tree = treeOf(treeId);
    const found = await Promise.all(
      paths.map(async (path) => {
        const facts: TraceFact[] = [];
        return { path, resolution: await tree.resolve(path, (fact) => facts.push(fact)), facts };
      }),
    );
    const contents = await readBlobs(tree, found.flatMap(contentId));
    return found.map((item) => ({
      path: item.path,
      reply: replyTo(item, contents.get(contentId(item)[0] ?? "")),
      facts: item.facts,
    }));
  };

  return {
    lookup,
    prefetch: async (treeId, directory) => {
      const files = await firstFiles(treeOf(treeId), directory, PREFETCH_FILES);
      const parents = files.flatMap((path) => parentsBelow(path, directory));
      const answers = await lookup(treeId, [...new Set([directory, ...parents, ...files])]);
      let bytes = 0;
      return answers.filter(({ reply }) => (bytes += reply.length) <= PREFETCH_BYTES);
    },
  };
}

interface Found {
  readonly path: string;
  readonly resolution: Resolution;
}

/** The blob to read: that of a file which stands where it was asked. A link is answered by its target alone. */
function contentId({ path, resolution }: Found): readonly ObjectId[] {
  return resolution.kind === "file" && resolution.path === path ? [resolution.id] : [];
}

function replyTo({ path, resolution }: Found, content: Uint8Array | undefined): Uint8Array {
  if (content === undefined || content.length <= FILE_BYTES) return encodeReply(path, resolution, content);
  const size = (content.length / 1024 / 1024).toFixed(0);
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
