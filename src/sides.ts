import type { CheckRequest } from "./cli/doors.ts";
import type { Repository } from "./git/index.ts";
import { UsageError, type ObjectId, type Outcome, type Report, type Side, type Tree } from "./model/index.ts";

export interface MergedSides {
  readonly kind: "trees";
  readonly base: Side;
  readonly head: Side;
  readonly baseTree: Tree;
  readonly headTree: Tree;
}

export interface ConflictingSides {
  readonly kind: "conflict";
  readonly base: Side;
  readonly head: Side;
  readonly paths: readonly string[];
}

interface NamedCommit {
  readonly ref: string;
  readonly commit: ObjectId | undefined;
  readonly tree: ObjectId;
}

/** The two trees of a check: the base as it is, and what would stand there once the head is merged into it. */
export async function resolveSides(
  repository: Repository,
  request: Pick<CheckRequest, "base" | "head" | "worktree" | "merge">,
): Promise<MergedSides | ConflictingSides> {
  const base = request.base === undefined ? await repository.defaultBase() : await repository.resolveRef(request.base);
  const { named, commit } = await resolveHead(repository, request);
  if (!request.merge || base.commit === undefined || commit === undefined) {
    return openSides(repository, base, named);
  }
  const merged = await repository.mergeTrees(base.commit, commit);
  if (merged.kind === "conflict") return { kind: "conflict", base, head: named, paths: merged.paths };
  return openSides(repository, base, { ...named, tree: merged.tree });
}

/** `commit` is what is merged; a work tree gets one of its own, which the report does not name. */
async function resolveHead(
  repository: Repository,
  { head, worktree }: Pick<CheckRequest, "head" | "worktree">,
): Promise<{ named: NamedCommit; commit: ObjectId | undefined }> {
  if (worktree !== true) {
    const named = await repository.resolveRef(head ?? "HEAD");
    return { named: head === undefined ? { ...named, ref: await repository.headRef() } : named, commit: named.commit };
  }
  if (head !== undefined) throw new UsageError("--head and --worktree exclude each other");
  const tree = await repository.worktreeTree();
  const parent = await repository.resolveRef("HEAD");
  const commit = parent.commit === undefined ? undefined : await repository.commitTree(tree, parent.commit);
  return { named: { ref: "work tree", commit: undefined, tree }, commit };
}

function openSides(repository: Repository, base: NamedCommit, head: NamedCommit): MergedSides {
  return {
    kind: "trees",
    base,
    head,
    baseTree: repository.openTree(base.tree),
    headTree: repository.openTree(head.tree),
  };
}

/** A conflict leaves nothing to look at: the report says so, names the files, and is never green. */
export function reportConflict(
  repository: string,
  { base, head, paths }: ConflictingSides,
  versions: Report["versions"],
): Report {
  const files = `${paths.length} ${paths.length === 1 ? "file" : "files"}`;
  const outcome: Outcome = {
    status: "not-checked",
    exitCode: 2,
    title: `Merge conflict in ${files}: merge ${base.ref} first`.slice(0, 60),
  };
  return {
    version: 1,
    isConflict: true,
    repository,
    base,
    head,
    apps: [],
    findings: [],
    policies: [],
    files: [],
    agents: [],
    totals: {
      apps: 0,
      touchedApps: 0,
      changedApps: 0,
      added: 0,
      removed: 0,
      changed: 0,
      noise: 0,
      newErrors: 0,
      newWarnings: 0,
      newNotices: 0,
      known: 0,
      excepted: 0,
    },
    outcome,
    outcomes: { manifests: outcome, policy: outcome },
    notes: [
      `Nothing was rendered, because ${head.ref} does not merge into ${base.ref}.`,
      ...paths.map((path) => `Merge conflict in ${path}`),
    ],
    decision: { needs: [], changesAt: undefined },
    versions,
  };
}
