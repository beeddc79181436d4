import type { Resolution, TreeChange, UnreadFile } from "../model/index.ts";
import { findReadFiles, type Survey } from "./survey.ts";

/** Changed files that no app has read on either side, with what they are on the head. Sorted by path. */
export async function listUnread(
  { base, head }: { readonly base: Survey; readonly head: Survey },
  changes: readonly TreeChange[],
): Promise<readonly UnreadFile[]> {
  const reads = [findReadFiles(base, "rendered"), findReadFiles(head, "rendered")];
  const unread: UnreadFile[] = [];
  for (const { path } of changes) {
    if (reads.some((isRead) => isRead(path))) continue;
    unread.push({ path, blob: identify(await head.tree.resolve(path)) });
  }
  return unread.sort((left, right) => (left.path < right.path ? -1 : 1));
}

function identify(found: Resolution): string | undefined {
  switch (found.kind) {
    case "file":
    case "submodule":
    case "directory":
      return found.id;
    case "broken-link":
      return `link to ${found.target}`;
    case "absent":
      return undefined;
    default:
      return found satisfies never;
  }
}
