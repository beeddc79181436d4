import type { PullCommit } from "../model/index.ts";

/** Commits of a rebased pull request that are followed back, each with a request. */
const MOST_REBASED = 50;

/**
 * The commit that a pull request was merged onto, by how it was merged: a merge commit's first parent; a squash's only
 * one; of a rebase what stands before the first of its commits, which are told by their messages and authors. Undefined
 * where that is not known. `commits` are the pull request's own, the oldest first.
 */
export async function findMergedBase(
  mergeSha: string,
  headSha: string,
  commits: () => Promise<readonly PullCommit[]>,
  read: (sha: string) => Promise<PullCommit | undefined>,
): Promise<string | undefined> {
  const merged = await read(mergeSha);
  const [first, second] = merged?.parents ?? [];
  if (merged === undefined || first === undefined) return undefined;
  if (second !== undefined) return second === headSha ? first : undefined;
  // GitHub leaves merges out when it rebases.
  const own = (await commits()).filter(({ parents }) => parents.length === 1);
  const last = own.at(-1);
  if (own.length <= 1 || last === undefined || !isSameWork(last, merged)) return first;
  return own.length > MOST_REBASED ? undefined : await followBack(merged, own, read);
}

async function followBack(
  merged: PullCommit,
  own: readonly PullCommit[],
  read: (sha: string) => Promise<PullCommit | undefined>,
): Promise<string | undefined> {
  let at: PullCommit | undefined = merged;
  for (const commit of own.toReversed()) {
    if (at === undefined || at.parents.length !== 1 || !isSameWork(commit, at)) return undefined;
    const parent: string = at.parents[0] ?? "";
    if (commit === own[0]) return parent;
    at = await read(parent);
  }
  return undefined;
}

/** A rebase keeps message and author. A squash has a message of its own. */
function isSameWork(own: PullCommit, landed: PullCommit): boolean {
  return own.message === landed.message && own.author.email === landed.author.email;
}
