import { UsageError } from "../model/index.ts";
import type { ObjectReader } from "./objects.ts";
import { listRefs, noCommitYet, resolveRef, type ResolvedRef } from "./resolve-ref.ts";
import type { Scratch } from "./scratch.ts";

/**
 * The tip of the default branch as far as a clone knows it: `origin/HEAD`, else the local default branch, else the
 * remote's (a clone that CI made often has neither of the former). Fails with a UsageError when there is none.
 */
export async function findDefaultBase(scratch: Scratch, objects: ObjectReader): Promise<ResolvedRef> {
  const configured = scratch.settings.get("init.defaultbranch");
  const names = [...(configured === undefined ? [] : [configured]), "main", "master"];
  const candidates = [
    "refs/remotes/origin/HEAD",
    ...names.map((name) => `refs/heads/${name}`),
    ...names.map((name) => `refs/remotes/origin/${name}`),
  ];
  for (const candidate of candidates) {
    if ((await objects.describe(candidate)) === undefined) continue;
    const resolved = await resolveRef(scratch, objects, candidate);
    return { ...resolved, ref: candidate.replace(/^refs\/(?:heads|remotes)\//u, "") };
  }
  if ((await objects.describe("HEAD")) === undefined && (await listRefs(scratch)).length === 0) throw noCommitYet();
  throw new UsageError("The repository has no default branch to compare with; name one with --base.");
}
