import type { Repository } from "./git/index.ts";
import type { CheckOfPullRequest } from "./jobs/ports.ts";
import { mergeInMirror } from "./merge-in-mirror.ts";
import type { OpenMirror } from "./mirror/index.ts";
import type { ObjectId, Side } from "./model/index.ts";
import type { ConflictingSides, MergedSides } from "./sides.ts";

/** The two commits of a comparison, and whether the head is still to be merged into the base. */
export type MergedCommits = Pick<CheckOfPullRequest, "baseRef" | "baseSha" | "headRef" | "headSha" | "isMerge">;

/** The base as it is, and what would land: the merge, or in a merge queue the head itself. */
export async function mergeSides(
  repository: Repository,
  mirror: OpenMirror,
  { baseRef, baseSha, headRef, headSha, isMerge }: MergedCommits,
): Promise<MergedSides | ConflictingSides> {
  const sideOf = async (ref: string, commit: ObjectId): Promise<Side> => {
    const { tree } = await repository.objects.readCommit(commit);
    return { ref, commit, tree };
  };
  const [base, own] = await Promise.all([sideOf(baseRef, baseSha), sideOf(headRef, headSha)]);
  const merged = isMerge
    ? await mergeInMirror(repository, mirror, baseSha, headSha)
    : ({ kind: "merged", tree: own.tree } as const);
  if (merged.kind === "conflict") return { kind: "conflict", base, head: own, paths: merged.paths };
  const head = { ...own, tree: merged.tree };
  const [baseTree, headTree] = [repository.openTree(base.tree), repository.openTree(head.tree)];
  return { kind: "trees", base, head, baseTree, headTree };
}
