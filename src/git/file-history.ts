import type { ObjectId } from "../model/index.ts";
import type { ObjectReader } from "./objects.ts";
import { runGit } from "./run-git.ts";
import type { Scratch } from "./scratch.ts";

/** One earlier content of a file. */
export interface FileVersion {
  readonly commit: ObjectId;
  readonly text: string;
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
  const args = ["rev-list", `--max-count=${limit}`, commit, "--", path];
  const { stdout } = await runGit(scratch, args);
  for (const id of stdout
    .toString("latin1")
    .split("\n")
    .filter((line) => line !== "")) {
    const blob = await objects.describe(`${id}:${path}`);
    if (blob?.type !== "blob" || blob.size > 1024 * 1024) continue;
    const [bytes] = await objects.readBlobs([blob.id]);
    if (bytes !== undefined) yield { commit: id, text: Buffer.from(bytes).toString("utf8") };
  }
}
