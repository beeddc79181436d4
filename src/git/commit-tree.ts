import type { ObjectId } from "../model/index.ts";
import { runGit } from "./run-git.ts";
import type { Scratch } from "./scratch.ts";

/** Makes a commit of `tree` on top of `parent` in the scratch directory alone, so that it can be merged. */
export async function commitTree(scratch: Scratch, tree: ObjectId, parent: ObjectId): Promise<ObjectId> {
  const settings = ["user.name=Drydock", "user.email=drydock@localhost", "commit.gpgSign=false"];
  const { stdout } = await runGit(scratch, ["commit-tree", tree, "-p", parent, "-m", "work tree"], { settings });
  return stdout.toString("latin1").trim();
}
