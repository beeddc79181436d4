import { GitFault, type Repository } from "./git/index.ts";
import { readNamedIds, type OpenMirror } from "./mirror/index.ts";
import type { ObjectId } from "./model/index.ts";

/** A merge names a few objects that it does not find and gives up: so often it is asked again with them. */
const MERGE_ATTEMPTS = 8;

/**
 * What a merge usually reads is here already. One of branches that were merged crosswise reads more, and one of other
 * files than manifests may: git names what it did not find, and is asked again.
 */
export async function mergeInMirror(
  repository: Repository,
  mirror: OpenMirror,
  base: ObjectId,
  head: ObjectId,
): ReturnType<Repository["mergeTrees"]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await repository.mergeTrees(base, head);
    } catch (error) {
      if (!(error instanceof GitFault) || attempt >= MERGE_ATTEMPTS) throw error;
      const named = readNamedIds(error);
      if (named.length === 0 && attempt > 1) throw error;
      await mirror.bringForMerge(named);
    }
  }
}
