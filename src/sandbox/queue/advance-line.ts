import { mergeCommits, squashCommits } from "../git/index.ts";
import type { MergeGroup, PullRequest } from "../world/entities.ts";
import type { DequeueReason } from "../world/events.ts";
import { demandsOf } from "../world/protection.ts";
import { markMerged, setQueued } from "../world/pull-requests.ts";
import { moveBranch } from "../world/pushes.ts";
import { emit, insert, now, read, remove } from "../world/store.ts";
import { readChecks } from "./check-state.ts";
import { deadlineOf, type MergeQueues, type QueueEntry, type QueueLine } from "./merge-queue.ts";

/** Takes every step that is due in one queue: entries leave, groups are built, the first one merges. */
export async function advanceLine(queues: MergeQueues, line: QueueLine): Promise<void> {
  for (let hasMoved = true; hasMoved;) {
    hasMoved = (await dropLeavers(queues, line)) || (await buildGroups(queues, line)) || (await decide(queues, line));
  }
}

/** Pull requests that were taken out, closed, pushed to or retargeted. */
async function dropLeavers(queues: MergeQueues, line: QueueLine): Promise<boolean> {
  const { world } = queues;
  for (const entry of line.entries) {
    const { isQueued, state, headSha, baseRef } = read(world, "pullRequests", { id: entry.pullRequestId });
    if (isQueued && state === "open" && headSha === entry.headSha && baseRef === line.baseRef) continue;
    await leave(queues, line, entry, isQueued ? "MANUAL" : undefined);
    return true;
  }
  return false;
}

/** Every entry stands on the one before it; one whose ground moved is built again. */
async function buildGroups(queues: MergeQueues, line: QueueLine): Promise<boolean> {
  let ground = read(queues.world, "repositories", { id: line.repositoryId }).branches.get(line.baseRef);
  for (const entry of line.entries.slice(0, queues.options.depth)) {
    if (ground === undefined) return false;
    if (entry.group !== undefined && entry.group.baseSha !== ground) await destroy(queues, entry, "invalidated");
    if (entry.group === undefined && !(await build(queues, line, entry, ground))) {
      await leave(queues, line, entry, "MERGE_CONFLICT");
      return true;
    }
    ground = entry.group?.headSha;
  }
  return false;
}

/** False on a conflict. */
async function build(queues: MergeQueues, line: QueueLine, entry: QueueEntry, baseSha: string): Promise<boolean> {
  const { world, options, bot } = queues;
  const repository = read(world, "repositories", { id: line.repositoryId });
  const pullRequest = read(world, "pullRequests", { id: entry.pullRequestId });
  const merge = options.method === "squash" ? squashCommits : mergeCommits;
  const merged = await merge(repository, baseSha, entry.headSha, {
    message: describeMerge(pullRequest, options.method),
    author: { name: "GitHub", email: "noreply@github.com" },
    date: now(world),
  });
  if (merged.kind === "conflict") return false;
  const headRef = `gh-readonly-queue/${line.baseRef}/pr-${pullRequest.number}-${baseSha}`;
  await moveBranch(world, bot, repository, headRef, merged.sha);
  const { repositoryId, baseRef } = line;
  const pullRequestIds = [pullRequest.id];
  const group = { repositoryId, baseRef, baseSha, headRef, headSha: merged.sha, pullRequestIds };
  entry.group = insert(world, "mergeGroups", group);
  entry.since = world.clock();
  emit(world, bot, { kind: "merge_group", action: "checks_requested", mergeGroupId: entry.group.id });
  return true;
}

function describeMerge({ number, headRef, title }: PullRequest, method: "merge" | "squash"): string {
  return method === "squash" ? `${title} (#${number})` : `Merge pull request #${number} from ${headRef}\n\n${title}`;
}

/** The first bad group leaves the queue, and a good one at its front merges. */
async function decide(queues: MergeQueues, line: QueueLine): Promise<boolean> {
  const { world } = queues;
  const { requiredChecks } = demandsOf(world, { id: line.repositoryId }, line.baseRef);
  for (const [index, entry] of line.entries.entries()) {
    if (entry.group === undefined) return false;
    const state = readChecks(world, line.repositoryId, entry.group.headSha, requiredChecks);
    const isLate = state === "waiting" && world.clock() >= deadlineOf(queues, entry.since);
    if (state === "failed" || isLate) {
      await leave(queues, line, entry, isLate ? "CI_TIMEOUT" : "CI_FAILURE");
      return true;
    }
    if (state === "passed" && index === 0) {
      await merge(queues, line, entry, entry.group);
      return true;
    }
  }
  return false;
}

async function merge(queues: MergeQueues, line: QueueLine, entry: QueueEntry, group: MergeGroup): Promise<void> {
  const { world, bot } = queues;
  const pullRequest = { id: entry.pullRequestId };
  line.entries.splice(line.entries.indexOf(entry), 1);
  await moveBranch(world, bot, { id: line.repositoryId }, line.baseRef, group.headSha);
  setQueued(world, bot, pullRequest, false, "MERGE");
  markMerged(world, { id: entry.actorId }, pullRequest, group.headSha);
  await destroy(queues, entry, "merged");
}

/** Without a reason the pull request left by itself, and that was told already. */
async function leave(
  queues: MergeQueues,
  line: QueueLine,
  entry: QueueEntry,
  reason: DequeueReason | undefined,
): Promise<void> {
  line.entries.splice(line.entries.indexOf(entry), 1);
  if (reason !== undefined) setQueued(queues.world, queues.bot, { id: entry.pullRequestId }, false, reason);
  await destroy(queues, entry, "dequeued");
}

async function destroy(
  queues: MergeQueues,
  entry: QueueEntry,
  reason: "merged" | "invalidated" | "dequeued",
): Promise<void> {
  const { group } = entry;
  if (group === undefined) return;
  const { world, bot } = queues;
  entry.group = undefined;
  emit(world, bot, { kind: "merge_group", action: "destroyed", mergeGroupId: group.id, reason });
  remove(world, "mergeGroups", group);
  await moveBranch(world, bot, { id: group.repositoryId }, group.headRef, undefined);
}
