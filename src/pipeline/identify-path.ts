import type { Tree } from "../model/index.ts";

/** What stands at a path of a tree, as a name that another content does not have; undefined where nothing does. */
export async function identifyPath(tree: Tree, path: string): Promise<string | undefined> {
  const found = await tree.resolve(path);
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
