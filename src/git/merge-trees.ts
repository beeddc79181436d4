import { UsageError, type ObjectId } from "../model/index.ts";
import { describeMissing, type ObjectReader } from "./objects.ts";
import { decodeName } from "./parse-tree.ts";
import { GitFault, runGit } from "./run-git.ts";
import type { Scratch } from "./scratch.ts";

export type MergeResult =
  | { readonly kind: "merged"; readonly tree: ObjectId }
  /** `paths` sorted as git has them. */
  | { readonly kind: "conflict"; readonly paths: readonly string[] };

/**
 * The tree that merging `head` into `base` would give, written to the scratch directory alone. Fails with a UsageError
 * when the two have no common history, or when the clone was cut off before reaching it.
 */
export async function mergeTrees(
  scratch: Scratch,
  objects: ObjectReader,
  base: ObjectId,
  head: ObjectId,
): Promise<MergeResult> {
  const ancestor = await findMergeBase(scratch, base, head);
  if (ancestor === base) return { kind: "merged", tree: (await objects.readCommit(head)).tree };
  if (ancestor === head) return { kind: "merged", tree: (await objects.readCommit(base)).tree };
  const args = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", base, head];
  try {
    const { status, stdout } = await runGit(scratch, args, { statuses: [0, 1] });
    const [tree = "", ...paths] = splitNames(stdout);
    return status === 0 ? { kind: "merged", tree } : { kind: "conflict", paths: [...new Set(paths)] };
  } catch (cause) {
    throw cause instanceof GitFault ? describeMergeFault(scratch, cause) : cause;
  }
}

/** Fails with a UsageError when there is none, or when the clone was cut off before reaching it. */
export async function findMergeBase(scratch: Scratch, base: ObjectId, head: ObjectId): Promise<ObjectId> {
  const { status, stdout } = await runGit(scratch, ["merge-base", base, head], { statuses: [0, 1] });
  if (status === 0) return stdout.toString("latin1").trim();
  if (scratch.isShallow) throw describeMissing(scratch.directory, "the common ancestor of", `${base} and ${head}`);
  throw new UsageError(
    `${base} and ${head} have no common history and cannot be merged; compare them with --no-merge.`,
  );
}

/** A clone that lacks objects is by far the likeliest reason for git to give up on a merge. */
function describeMergeFault(scratch: Scratch, cause: GitFault): Error {
  if (!scratch.isPartial && !scratch.isShallow) return cause;
  const mend = scratch.isPartial ? "git fetch --refetch --no-filter" : "git fetch --unshallow";
  return new UsageError(`Objects needed to merge are missing from this clone; fetch them with \`${mend}\`.`, { cause });
}

/** Names end with a NUL each. */
export function splitNames(bytes: Buffer): readonly string[] {
  const names: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0, at);
    const stop = end < 0 ? bytes.length : end;
    if (stop > at) names.push(decodeName(bytes.subarray(at, stop)));
    at = stop + 1;
  }
  return names;
}
