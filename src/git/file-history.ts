import type { ObjectId } from "../model/index.ts";
import type { ObjectReader } from "./objects.ts";
import { runGit } from "./run-git.ts";
import type { Scratch } from "./scratch.ts";

/** One earlier content of a file. */
export interface FileVersion {
  readonly commit: ObjectId;
  readonly text: string;
}

/** Ids of the blobs that `readFileHistory` would read, whether they are here or not. */
export async function listFileVersions(
  scratch: Scratch,
  objects: ObjectReader,
  commit: ObjectId,
  path: string,
  limit: number,
): Promise<readonly ObjectId[]> {
  const blobs = new Set<ObjectId>();
  for (const id of await listCommits(scratch, commit, path, limit)) {
    const blob = await findFile(objects, (await objects.readCommit(id)).tree, path.split("/"));
    if (blob !== undefined) blobs.add(blob);
  }
  return [...blobs];
}

async function findFile(
  objects: ObjectReader,
  tree: ObjectId,
  [name = "", ...below]: readonly string[],
): Promise<ObjectId | undefined> {
  const entry = (await objects.readTree(tree)).find(name);
  if (below.length === 0) return entry?.kind === "file" ? entry.id : undefined;
  return entry?.kind === "directory" ? await findFile(objects, entry.id, below) : undefined;
}

async function listCommits(scratch: Scratch, commit: ObjectId, path: string, limit: number): Promise<string[]> {
  const { stdout } = await runGit(scratch, ["rev-list", `--max-count=${limit}`, commit, "--", path]);
  return stdout
    .toString("latin1")
    .split("\n")
    .filter((line) => line !== "");
}

/**
 * Contents that `path` had in the history of `commit`, newest first, at most `limit` of them. A shallow clone gives
 * those that it has; versions that are no plain file of at most 1 MiB are passed over.
 */
export async function* readFileHistory(
  scratch: Scratch,
  objects: ObjectReader,
  commit: ObjectId,
  path: string,
  limit: number,
): AsyncIterable<FileVersion> {
  for (const id of await listCommits(scratch, commit, path, limit)) {
    const blob = await objects.describe(`${id}:${path}`);
    if (blob?.type !== "blob" || blob.size > 1024 * 1024) continue;
    const [bytes] = await objects.readBlobs([blob.id]);
    if (bytes !== undefined) yield { commit: id, text: Buffer.from(bytes).toString("utf8") };
  }
}
