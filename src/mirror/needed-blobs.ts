import { runGit, splitNames, type GitFault, type GitPlace } from "../git/index.ts";
import type { ObjectId } from "../model/index.ts";
import { listMissing } from "./fetch-objects.ts";

/**
 * The blobs that a check of two commits may read and that are not here: all of both trees, and of the common ancestor
 * what a merge compares with: files that the head changed or removed, and files that the base removed (they may have
 * been renamed).
 */
export async function listNeededBlobs(place: GitPlace, base: ObjectId, head: ObjectId): Promise<readonly ObjectId[]> {
  const [ofTrees, ancestors] = await Promise.all([
    listMissingBelow(place, [base, head]),
    listMergeBases(place, base, head),
  ]);
  const older: ObjectId[] = [];
  for (const ancestor of ancestors) {
    const [byHead, byBase] = await Promise.all([listOld(place, ancestor, head), listOld(place, ancestor, base)]);
    older.push(...byHead.map(({ id }) => id), ...byBase.filter(({ isRemoved }) => isRemoved).map(({ id }) => id));
  }
  return [...new Set([...ofTrees, ...(await listMissing(place, [...new Set(older)]))])];
}

async function listMissingBelow(place: GitPlace, commits: readonly ObjectId[]): Promise<readonly ObjectId[]> {
  const { stdout } = await runGit(place, ["rev-list", "--objects", "--no-object-names", "--missing=print", "--stdin"], {
    input: commits.map((commit) => `${commit}^{tree}\n`).join(""),
  });
  return [...stdout.toString("latin1").matchAll(/^\?([0-9a-f]{40,64})$/gmu)].map(([, id = ""]) => id);
}

/** None when the two have nothing in common: whoever merges tells. */
async function listMergeBases(place: GitPlace, base: ObjectId, head: ObjectId): Promise<readonly ObjectId[]> {
  const options = { statuses: [0, 1] };
  const { stdout } = await runGit(place, ["merge-base", "--all", base, head], options);
  return stdout.toString("latin1").match(/[0-9a-f]{40,64}/gu) ?? [];
}

interface OldBlob {
  readonly id: ObjectId;
  readonly isRemoved: boolean;
}

/** What files that differ were before: `:<mode> <mode> <id> <id> <status>` and the path, in turns. */
async function listOld(place: GitPlace, before: ObjectId, after: ObjectId): Promise<readonly OldBlob[]> {
  if (before === after) return [];
  const { stdout } = await runGit(place, ["diff-tree", "-r", "-z", "--raw", "--no-renames", before, after, "--"]);
  const old: OldBlob[] = [];
  for (const [index, field] of splitNames(stdout).entries()) {
    const [, mode, id = "", status] =
      /^:(\d+) \d+ ([0-9a-f]+) [0-9a-f]+ ([A-Z])/u.exec(index % 2 === 0 ? field : "") ?? [];
    if (mode !== undefined && status !== "A" && mode !== "160000") old.push({ id, isRemoved: status === "D" });
  }
  return old;
}

/** The ids that git's own words name, which is how a merge says what it did not find. */
export function readNamedIds(fault: GitFault): readonly ObjectId[] {
  return [...new Set(fault.detail.match(/\b[0-9a-f]{40}\b/gu) ?? [])];
}
