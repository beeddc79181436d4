export { createTree } from "./create-tree.ts";
export { openObjects, type CommitObject, type ObjectInfo, type ObjectReader } from "./objects.ts";
export { type TreeObject } from "./parse-tree.ts";
export { runGit, type GitOptions, type GitResult } from "./run-git.ts";
export { openScratch, type Scratch } from "./scratch.ts";
