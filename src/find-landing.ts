import type { Landing, LandingQuestion } from "./jobs/check-ports.ts";
import { openRepository, type Repository } from "./git/index.ts";
import { mergeInMirror } from "./merge-in-mirror.ts";
import type { OpenMirror } from "./mirror/index.ts";
import { Fault, UsageError, type ObjectId } from "./model/index.ts";

/** See the port. A commit that is not here, or has no history in common with the head, is none that it was merged into. */
export async function findLanding(
  openMirror: () => Promise<OpenMirror>,
  scratch: string,
  { headSha, landed, bases }: LandingQuestion,
): Promise<Landing> {
  const mirror = await openMirror();
  try {
    const bring: OpenMirror["bringBlobs"] = (ids) => mirror.bringBlobs(ids);
    const repository = await openRepository(mirror.directory, { parent: scratch, bring });
    try {
      const {
        tree,
        parents: [parent],
      } = await repository.objects.readCommit(landed);
      const asked = new Set([...bases, ...(parent === undefined ? [] : [parent])]);
      asked.delete(landed); // merging what is in already changes nothing
      for (const base of asked) {
        if ((await readMerge(repository, mirror, base, headSha)) === tree) return { base, parent };
      }
      return { base: undefined, parent };
    } finally {
      await repository.close();
    }
  } finally {
    mirror.close();
  }
}

async function readMerge(
  repository: Repository,
  mirror: OpenMirror,
  base: ObjectId,
  head: ObjectId,
): Promise<ObjectId | undefined> {
  try {
    const merged = await mergeInMirror(repository, mirror, base, head);
    return merged.kind === "merged" ? merged.tree : undefined;
  } catch (error) {
    const isRetryable = error instanceof Fault && error.isRetryable;
    if (isRetryable || !(error instanceof Fault || error instanceof UsageError)) throw error;
    return undefined;
  }
}
