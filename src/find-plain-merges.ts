import { openRepository, type Repository } from "./git/index.ts";
import { mergeInMirror } from "./merge-in-mirror.ts";
import type { OpenMirror } from "./mirror/index.ts";
import { Fault, UsageError, type ObjectId } from "./model/index.ts";

/**
 * Of these merge commits, those whose tree git makes of their two parents by itself: nobody added, resolved or dropped
 * anything in them. One whose parents have nothing in common, or are not here, is none.
 */
export async function findPlainMerges(
  openMirror: () => Promise<OpenMirror>,
  scratch: string,
  merges: readonly ObjectId[],
): Promise<readonly ObjectId[]> {
  const mirror = await openMirror();
  try {
    const bring: OpenMirror["bringBlobs"] = (ids) => mirror.bringBlobs(ids);
    const repository = await openRepository(mirror.directory, { parent: scratch, bring });
    try {
      const plain: ObjectId[] = [];
      for (const commit of merges) if (await isPlainMerge(repository, mirror, commit)) plain.push(commit);
      return plain;
    } finally {
      await repository.close();
    }
  } finally {
    mirror.close();
  }
}

async function isPlainMerge(repository: Repository, mirror: OpenMirror, commit: ObjectId): Promise<boolean> {
  try {
    const { tree, parents } = await repository.objects.readCommit(commit);
    const [first, second, ...others] = parents;
    if (first === undefined || second === undefined || others.length > 0) return false;
    const merged = await mergeInMirror(repository, mirror, first, second);
    return merged.kind === "merged" && merged.tree === tree;
  } catch (error) {
    const isRetryable = error instanceof Fault && error.isRetryable;
    if (isRetryable || !(error instanceof Fault || error instanceof UsageError)) throw error;
    return false;
  }
}
