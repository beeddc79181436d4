import type { ObjectId, Tree, TreeChange } from "../model/index.ts";
import { commitTree } from "./commit-tree.ts";
import { createTree } from "./create-tree.ts";
import { findDefaultBase } from "./default-base.ts";
import { diffHunks, type FileHunks, type HunkChoice } from "./diff-hunks.ts";
import { diffTrees } from "./diff-trees.ts";
import { listFileVersions, readFileHistory, type FileVersion } from "./file-history.ts";
import { directoryName } from "./find-repository.ts";
import { findMergeBase, mergeTrees, type MergeResult } from "./merge-trees.ts";
import { openObjects, type BringBlobs, type ObjectReader } from "./objects.ts";
import { nameFromRemote } from "./repository-name.ts";
import { resolveRef, type ResolvedRef } from "./resolve-ref.ts";
import { runGit } from "./run-git.ts";
import { openScratch, type Scratch } from "./scratch.ts";
import { writeWorktreeTree } from "./worktree-tree.ts";

/** A local repository as Drydock sees it: read only, and never more of it than is asked for. */
export interface Repository {
  /** `owner/repository` by the remote, else the directory's name. */
  readonly name: string;
  /** Tells it apart from other repositories of this machine; the same in each of its linked work trees. */
  readonly key: string;
  readonly isShallow: boolean;
  /** Where other threads open the same objects (`openObjects`), those that a merge or `worktreeTree` made included. */
  readonly scratchDirectory: string;
  readonly objects: ObjectReader;
  openTree(id: ObjectId): Tree;
  /** Commit and tree of a branch, tag, id or any revision. Fails with a UsageError that names a near ref. */
  resolveRef(ref: string): Promise<ResolvedRef>;
  /** The tip of the default branch. Fails with a UsageError when the clone knows none. */
  defaultBase(): Promise<ResolvedRef>;
  /** The branch that is checked out, or `HEAD` when none is. */
  headRef(): Promise<string>;
  /** The remote's default branch, as far as the clone knows it. */
  remoteDefault(): Promise<string | undefined>;
  /** What merging would give. Fails with a UsageError without common history. */
  mergeTrees(baseCommit: ObjectId, headCommit: ObjectId): Promise<MergeResult>;
  /** The best common ancestor. Fails with a UsageError without one. */
  mergeBase(baseCommit: ObjectId, headCommit: ObjectId): Promise<ObjectId>;
  /** The lines of `after` that a unified diff shows, by path, renames paired; as `choice` says. */
  diffHunks(before: ObjectId, after: ObjectId, choice: HunkChoice): Promise<FileHunks>;
  /** The tree of the user's files, uncommitted and untracked ones included. Fails with a UsageError when bare. */
  worktreeTree(): Promise<ObjectId>;
  /** A commit of `tree` on top of `parent` that only this value knows. */
  commitTree(tree: ObjectId, parent: ObjectId): Promise<ObjectId>;
  /** Contents that a file had in the history of `commit`, newest first. */
  fileHistory(commit: ObjectId, path: string, limit: number): AsyncIterable<FileVersion>;
  /** Ids of the blobs that `fileHistory` would read, whether they are here or not. */
  fileVersions(commit: ObjectId, path: string, limit: number): Promise<readonly ObjectId[]>;
  diffTrees(before: ObjectId, after: ObjectId): Promise<readonly TreeChange[]>;
  close(): Promise<void>;
}

/** Opens the repository that `directory` is in; `bring` fetches blobs that are not there when they are read. Fails with a UsageError when there is none, or no git to read it. */
export async function openRepository(
  directory: string,
  options: { readonly parent?: string; readonly bring?: BringBlobs } = {},
): Promise<Repository> {
  const scratch = await openScratch(directory, options);
  const objects = openObjects(scratch.directory, options.bring);
  return {
    name: nameRepository(scratch),
    key: scratch.repository.commonDirectory,
    isShallow: scratch.isShallow,
    scratchDirectory: scratch.directory,
    objects,
    openTree: (id) => createTree(objects, id),
    resolveRef: (ref) => resolveRef(scratch, objects, ref),
    defaultBase: () => findDefaultBase(scratch, objects),
    headRef: async () => (await readBranch(scratch, "HEAD", "refs/heads/")) ?? "HEAD",
    remoteDefault: () => readBranch(scratch, "refs/remotes/origin/HEAD", "refs/remotes/origin/"),
    mergeTrees: (base, head) => mergeTrees(scratch, objects, base, head),
    mergeBase: (base, head) => findMergeBase(scratch, base, head),
    diffHunks: (before, after, choice) => diffHunks(scratch, before, after, choice),
    worktreeTree: () => writeWorktreeTree(scratch),
    commitTree: (tree, parent) => commitTree(scratch, tree, parent),
    fileHistory: (commit, path, limit) => readFileHistory(scratch, objects, commit, path, limit),
    fileVersions: (commit, path, limit) => listFileVersions(scratch, objects, commit, path, limit),
    diffTrees: (before, after) => diffTrees(scratch, before, after),
    close: async () => {
      await objects.close();
      scratch.close();
    },
  };
}

function nameRepository({ settings, repository }: Scratch): string {
  const remotes = [...settings].filter(([name]) => /^remote\..+\.url$/u.test(name));
  const url = settings.get("remote.origin.url") ?? (remotes.length === 1 ? remotes[0]?.[1] : undefined);
  return (url === undefined ? undefined : nameFromRemote(url)) ?? directoryName(repository);
}

/** The branch that a symbolic ref leads to. */
async function readBranch(scratch: Scratch, ref: string, folder: string): Promise<string | undefined> {
  const { status, stdout } = await runGit(scratch, ["symbolic-ref", "--quiet", ref], { statuses: [0, 1] });
  const branch = stdout.toString("utf8").trim();
  if (status !== 0) return undefined;
  return branch.startsWith(folder) ? branch.slice(folder.length) : branch;
}
