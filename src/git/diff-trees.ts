import type { ObjectId, TreeChange } from "../model/index.ts";
import { splitNames } from "./merge-trees.ts";
import { runGit, type GitPlace } from "./run-git.ts";

/** Every path that differs between two trees, in git's order. Costs as much as the directories that differ. */
export async function diffTrees(place: GitPlace, before: ObjectId, after: ObjectId): Promise<readonly TreeChange[]> {
  if (before === after) return [];
  const args = ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-ext-diff", "--no-textconv"];
  const { stdout } = await runGit(place, [...args, "--ignore-submodules=none", before, after, "--"]);
  // `:<mode> <mode> <id> <id> <status>` and the path, in turns.
  const fields = splitNames(stdout);
  const changes: TreeChange[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    changes.push({ path: fields[index + 1] ?? "", action: readAction(fields[index] ?? "") });
  }
  return changes;
}

function readAction(header: string): TreeChange["action"] {
  switch (header.at(-1)) {
    case "A":
      return "added";
    case "D":
      return "removed";
    case "T":
      return "retyped";
    default:
      return "modified";
  }
}
