export { createTree } from "./create-tree.ts";
export { findFilesRoot } from "./find-repository.ts";
export type { MergeResult } from "./merge-trees.ts";
export { openObjects, type CommitObject, type ObjectInfo, type ObjectReader } from "./objects.ts";
export { openRepository, type Repository } from "./open-repository.ts";
export type { TreeObject } from "./parse-tree.ts";
export type { ResolvedRef } from "./resolve-ref.ts";
export { runGit, type GitOptions, type GitResult } from "./run-git.ts";
export { openScratch, type Scratch } from "./scratch.ts";
