import { nearestName } from "../config/nearest-name.ts";
import { UsageError, type ObjectId } from "../model/index.ts";
import { describeMissing, type ObjectReader } from "./objects.ts";
import { runGit } from "./run-git.ts";
import type { Scratch } from "./scratch.ts";

/** What a ref stands for. `commit` is undefined for a bare tree; `ref` is what the user said. */
export interface ResolvedRef {
  readonly ref: string;
  readonly commit: ObjectId | undefined;
  readonly tree: ObjectId;
}

/**
 * Finds the commit and tree of a branch, tag, id, tree or any other revision (gitrevisions(7)). A full id and `HEAD`
 * are always themselves; after them a local branch wins, then a remote's, then what git makes of it. Fails with a
 * UsageError that names a near ref when there is none.
 */
export async function resolveRef(scratch: Scratch, objects: ObjectReader, ref: string): Promise<ResolvedRef> {
  refuseOddRef(ref);
  for (const candidate of listCandidates(ref)) {
    const resolved = await resolveExactly(scratch, objects, ref, candidate);
    if (resolved !== undefined) return resolved;
  }
  throw await describeUnknown(scratch, objects, ref);
}

/** A leading `-` would be an option; git allows neither spaces nor control characters in names. */
function refuseOddRef(ref: string): void {
  if (ref === "" || ref.startsWith("-") || /[\0-\x1f\x7f]/u.test(ref) || ref.length > 1024) {
    throw new UsageError(`${JSON.stringify(ref.slice(0, 80))} is no branch, tag or commit.`);
  }
}

function listCandidates(ref: string): readonly string[] {
  const isExact = /^(?:[0-9a-f]{40}|[0-9a-f]{64}|HEAD|@|refs\/.*)(?:$|[~^:@])/u.test(ref);
  return isExact ? [ref] : [`refs/heads/${ref}`, `refs/remotes/${ref}`, ref];
}

async function resolveExactly(
  scratch: Scratch,
  objects: ObjectReader,
  ref: string,
  candidate: string,
): Promise<ResolvedRef | undefined> {
  const [named, commit, tree] = await Promise.all([
    objects.describe(candidate),
    objects.describe(`${candidate}^{commit}`),
    objects.describe(`${candidate}^{tree}`),
  ]);
  if (tree !== undefined) return { ref, commit: commit?.id, tree: tree.id };
  // The name is known, and what it leads to was left out of the clone.
  if (commit !== undefined)
    throw describeMissing(scratch.directory, "tree", (await objects.readCommit(commit.id)).tree);
  if (named !== undefined) throw new UsageError(`"${ref}" is a ${named.type}, not a commit or a tree.`);
  return undefined;
}

async function describeUnknown(scratch: Scratch, objects: ObjectReader, ref: string): Promise<Error> {
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u.test(ref)) return describeAbsentCommit(scratch, ref);
  const [, start = ref] = /^(.+?)[~^]/u.exec(ref) ?? [];
  const isStartKnown = start !== ref && (await isKnown(objects, start));
  if (isStartKnown && scratch.isShallow) return describeMissing(scratch.directory, "commit", ref);
  if (isStartKnown) return new UsageError(`"${ref}" goes back further than the history of "${start}".`);
  const refs = await listRefs(scratch);
  if (start === "HEAD" || start === "@") return describeUnborn(refs);
  const near = nearestName(start, refs);
  return new UsageError(
    `No branch, tag or commit is called "${ref}"${near === undefined ? "." : `; did you mean "${near}"?`}`,
  );
}

/** `HEAD` stands for a branch that has no commit, or whose commit is gone. */
function describeUnborn(refs: readonly string[]): UsageError {
  return refs.length === 0
    ? noCommitYet()
    : new UsageError("The branch that is checked out has no commit yet; name another one.");
}

export function noCommitYet(): UsageError {
  return new UsageError("The repository has no commit yet; add files and commit them, then run this again.");
}

function describeAbsentCommit(scratch: Scratch, id: ObjectId): Error {
  if (scratch.isShallow || scratch.isPartial) return describeMissing(scratch.directory, "commit", id);
  return new UsageError(`Commit ${id} is not in the repository; fetch the branch that holds it.`);
}

async function isKnown(objects: ObjectReader, ref: string): Promise<boolean> {
  const found = await Promise.all(listCandidates(ref).map((candidate) => objects.describe(candidate)));
  return found.some((info) => info !== undefined);
}

/** Names as people type them: `main`, `origin/main`, `v1.0`. */
export async function listRefs(scratch: Scratch): Promise<readonly string[]> {
  const { stdout } = await runGit(scratch, ["for-each-ref", "--count=20000", "--format=%(refname)"]);
  return stdout
    .toString("utf8")
    .split("\n")
    .filter((name) => name !== "")
    .map((name) => name.replace(/^refs\/(?:heads|tags|remotes)\//u, ""));
}
