import { z } from "zod";
import type { Mergeability, MergeMethod } from "../jobs/ports.ts";
import { anything, isRefusal, type RepositoryCaller } from "./call-repository.ts";
import { MERGE_ROUTE } from "./map-failure.ts";

const mergeabilitySchema = z.object({
  state: z.enum(["open", "closed"]),
  head: z.object({ sha: z.string().min(40).max(64) }),
  base: z.object({ ref: z.string().min(1).max(1024) }),
  merged: z.boolean(),
  mergeable: z.boolean().nullable(),
  mergeable_state: z.string().max(100),
});

/** States in which GitHub would merge; `unstable` is one with checks that are not required and did not pass. */
const READY: ReadonlySet<string> = new Set(["clean", "has_hooks", "unstable"]);

/** What GitHub would say to a merge. Asking sets the test merge off where it was not tried yet. */
export async function readMergeability(caller: RepositoryCaller, number: number): Promise<Mergeability | undefined> {
  const route = "GET /repos/{owner}/{repo}/pulls/{pull_number}";
  const found = await caller.find(route, mergeabilitySchema, { pull_number: number });
  if (found === undefined) return undefined;
  const { state, merged: isMerged, head, base, mergeable, mergeable_state: says } = found;
  const is = mergeable === null || says === "unknown" ? "computing" : READY.has(says) ? "ready" : "waiting";
  return { isOpen: state === "open", isMerged, headSha: head.sha, baseRef: base.ref, is };
}

/** Merges a pull request if its head is still this one. Gives what GitHub says when it refuses. */
export async function mergePullRequest(
  caller: RepositoryCaller,
  number: number,
  sha: string,
  method: MergeMethod,
): Promise<string | undefined> {
  try {
    const parameters = { pull_number: number, sha, merge_method: method };
    const done = await caller.find(MERGE_ROUTE, anything, parameters, "merge");
    return done === undefined ? "GitHub does not have this pull request any more" : undefined;
  } catch (fault) {
    if (isRefusal(fault)) return fault.message;
    throw fault;
  }
}
