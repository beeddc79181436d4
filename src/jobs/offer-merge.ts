import { authorize, findRequirement, listTeams, type CommandConfig } from "../commands/index.ts";
import type { PullRequest, PullRequestKey, Verdict } from "../model/index.ts";
import { writeMergeEnd } from "../publish/index.ts";
import { combine } from "./combine.ts";
import type { GitHubRepository, MergeWish, StartedJudgement } from "./ports.ts";
import { readAsker } from "./read-asker.ts";
import { readDefaultConfig } from "./read-default-config.ts";
import type { JobServices } from "./services.ts";

/** A judgement that was just kept, of the very facts that it was made from. */
export interface OfferedMerge {
  readonly started: StartedJudgement;
  readonly pullRequest: PullRequest;
  readonly verdict: Verdict;
  /** What it changes, see `digestReport`. */
  readonly reportDigest: string;
  /** No fact that it was made from is older, in milliseconds since the epoch. */
  readonly factsAt: number;
}

/**
 * Has a pull request merged that somebody wants merged, if this judgement of it lets that. What ends the wish for good is
 * told; while something waits nothing is done: whatever moves has it judged again.
 */
export async function offerMerge(key: PullRequestKey, offered: OfferedMerge, services: JobServices): Promise<void> {
  const { records, github, now } = services;
  const { started, pullRequest, verdict } = offered;
  const wish = await records.readMergeWish(key);
  if (wish === undefined) return;
  const api = github.repository(started.repository);
  const read = await readDefaultConfig(started.repository, api, services);
  if (read.problem !== undefined) return;
  const end = findChange(wish, offered) ?? (await findLostRight(wish, read.config, offered, api));
  if (end !== undefined) {
    await records.endMergeWish(key, { what: "merge-withdrawn", reason: end, tell: writeMergeEnd(wish.actor, end) });
    return;
  }
  if (pullRequest.isDraft || !isGreen(verdict, now())) return;
  const { headSha, baseRef, number } = pullRequest;
  const { method } = read.config.merge;
  const judged = { baseSha: verdict.baseSha, generation: started.generation, judgedAt: offered.factsAt };
  await records.wantMerge(key, { kind: "merge", number, headSha, baseRef, method, ...judged }, combine);
}

/** By what the checks say themselves: advice that lets them pass merges nothing. */
function isGreen({ parts, changesAt }: Verdict, now: number): boolean {
  return parts.every(({ state }) => state === "success") && (changesAt === undefined || changesAt > now);
}

function findChange(wish: MergeWish, { pullRequest, reportDigest }: OfferedMerge): string | undefined {
  if (wish.baseRef !== pullRequest.baseRef) return "it is to be merged into another branch now";
  // Files that render nothing, such as a workflow, are content too: who asked has seen none of it (T18).
  if (wish.headSha !== pullRequest.headSha) return "something was pushed since";
  return wish.reportDigest === reportDigest ? undefined : "what it changes is not what it was any more";
}

/** Who asked, and that it may be asked for at all, are looked at again each time (T05). */
async function findLostRight(
  { actor }: MergeWish,
  config: CommandConfig,
  { started, pullRequest }: OfferedMerge,
  api: GitHubRepository,
): Promise<string | undefined> {
  if (!config.merge.whenReady) return "the config lets Drydock merge no more";
  const requirement = findRequirement({ name: "merge", args: { wish: "when-ready" } }, config);
  const { repository, permissions } = started;
  const asker = await readAsker(actor, listTeams(requirement), { repository, permissions, pullRequest }, api);
  return authorize(requirement, asker).isAllowed ? undefined : "who asked for it may not do so any more";
}
