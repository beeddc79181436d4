import type { TouchedFile, TreeChange } from "../model/index.ts";
import { identifyPath } from "./identify-path.ts";
import { findReadFiles, type Survey } from "./survey.ts";

/** All changed files, with what they are on the head and whether a rendered app reads them. Sorted by path. */
export async function listFiles(
  { base, head }: { readonly base: Survey; readonly head: Survey },
  changes: readonly TreeChange[],
): Promise<readonly TouchedFile[]> {
  const reads = [findReadFiles(base, "rendered"), findReadFiles(head, "rendered")];
  const files: TouchedFile[] = [];
  for (const { path } of changes) {
    const isRead = reads.some((isReadBy) => isReadBy(path));
    files.push({ path, blob: await identifyPath(head.tree, path), isRead });
  }
  return files.sort((left, right) => (left.path < right.path ? -1 : 1));
}
