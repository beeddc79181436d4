import { isAncestor, mergeCommits, rebaseCommits, squashCommits, writeRef, type Merged } from "../git/index.ts";
import { latestCheckRuns } from "./check-runs.ts";
import type { Mergeability, PullRequest, Ref, RequiredCheck } from "./entities.ts";
import { demandsOf } from "./protection.ts";
import { markMerged } from "./pull-requests.ts";
import { moveBranch } from "./pushes.ts";
import { listThreads } from "./reviews.ts";
import { latestStatuses } from "./statuses.ts";
import { inTurn, now, read, select, type World } from "./store.ts";

export type MergeMethod = "merge" | "squash" | "rebase";

/**
 * Why GitHub would not merge now: each a sentence as its merge box says it. Empty when nothing is in the way. `actor` is
 * who wants to, and may bypass a rule; everybody without.
 */
export async function listMergeBlockers(world: World, pullRequest: Ref, actor?: Ref): Promise<string[]> {
  const facts = read(world, "pullRequests", pullRequest);
  const demands = demandsOf(world, { id: facts.repositoryId }, facts.baseRef, actor);
  const { isClean, baseSha } = await computeMergeability(world, facts);
  const waiting = demands.requiredChecks.filter((check) => !isSatisfied(world, facts, check));
  const repository = read(world, "repositories", { id: facts.repositoryId });
  const isBehind = demands.isStrict && !(await isAncestor(repository, baseSha, facts.headSha));
  const isOpenThread = listThreads(world, facts).some(({ isResolved }) => !isResolved);
  return [
    ...(isClean ? [] : ["Merge conflict"]),
    ...(facts.isDraft ? ["Pull Request is still a draft"] : []),
    ...waiting.map((check) => `Required status check "${check.context}" is ${describeLack(world, facts, check)}.`),
    ...(isBehind ? ["Head branch is out of date"] : []),
    ...(demands.needsResolvedConversations && isOpenThread ? ["A conversation must be resolved"] : []),
    ...(countApprovals(world, facts) < demands.approvals
      ? [`At least ${demands.approvals} approving review is required.`]
      : []),
  ];
}

/** The newest run of the name and status of the context decide: both have to be good where both are there. */
export function isSatisfied(world: World, pullRequest: PullRequest, { context, appId }: RequiredCheck): boolean {
  const all = listEndings(world, pullRequest, { context, appId });
  return all.length > 0 && all.every((ending) => GOOD.has(ending));
}

const GOOD: ReadonlySet<string | undefined> = new Set(["success", "neutral", "skipped"]);

/** How each run and status of a required check ended; undefined while it goes on. */
function listEndings(
  world: World,
  { repositoryId: id, headSha }: PullRequest,
  { context, appId }: RequiredCheck,
): readonly (string | undefined)[] {
  const runs = latestCheckRuns(world, { id }, headSha)
    .filter((run) => run.name === context && (appId === undefined || run.appId === appId))
    .map(({ conclusion }) => conclusion);
  const statuses = latestStatuses(world, { id }, headSha)
    .filter((status) => status.context === context && (appId === undefined || isByApp(world, appId, status.creatorId)))
    .map(({ state }) => (state === "pending" ? undefined : state));
  return [...runs, ...statuses];
}

/** In the words of GitHub's merge box. */
function describeLack(world: World, pullRequest: PullRequest, check: RequiredCheck): string {
  const all = listEndings(world, pullRequest, check);
  if (all.some((ending) => ending !== undefined && !GOOD.has(ending))) return "failing";
  return all.length === 0 ? "expected" : "in progress";
}

function isByApp(world: World, appId: number, accountId: number): boolean {
  return world.apps.get(appId)?.botId === accountId;
}

/** The newest approving or refusing review of each person counts; comments change nothing. */
function countApprovals(world: World, pullRequest: PullRequest): number {
  const isSpoken = (state: string): boolean => state !== "COMMENTED";
  const reviews = select(world, "reviews", (one) => one.pullRequestId === pullRequest.id && isSpoken(one.state));
  const states = new Map(reviews.map((review) => [review.authorId, review.state]));
  states.delete(pullRequest.authorId);
  return [...states.values()].filter((state) => state === "APPROVED").length;
}

/** What is known of head and base as they are now; undefined until it was computed. */
export function knownMergeability(world: World, pullRequest: PullRequest): Mergeability | undefined {
  const known = world.notes.mergeabilities.get(pullRequest.id);
  const base = world.repositories.get(pullRequest.repositoryId)?.branches.get(pullRequest.baseRef);
  return known?.headSha === pullRequest.headSha && known.baseSha === base ? known : undefined;
}

/** Tries the merge with git and points `refs/pull/<number>/merge` at it. */
export async function computeMergeability(world: World, { id }: Ref): Promise<Mergeability> {
  const pullRequest = read(world, "pullRequests", { id });
  const known = knownMergeability(world, pullRequest);
  if (known !== undefined) return known;
  const repository = read(world, "repositories", { id: pullRequest.repositoryId });
  const baseSha = repository.branches.get(pullRequest.baseRef) ?? pullRequest.baseSha;
  const { headSha, number } = pullRequest;
  const message = `Merge ${headSha} into ${baseSha}`;
  const merged = await mergeCommits(repository, baseSha, headSha, { message, author: GITHUB, date: now(world) });
  const commit = merged.kind === "merged" ? merged.sha : undefined;
  await writeRef(repository, `refs/pull/${number}/merge`, commit);
  const computed = { headSha, baseSha, isClean: commit !== undefined, commit };
  world.notes.mergeabilities.set(id, computed);
  return computed;
}

const GITHUB = { name: "GitHub", email: "noreply@github.com" };

/**
 * Merges, whatever is in the way but a conflict: `listMergeBlockers` says what is. Gives the commit on the base;
 * undefined on a conflict.
 */
export async function mergePullRequest(
  world: World,
  actor: Ref,
  pullRequest: Ref,
  method: MergeMethod = "merge",
): Promise<string | undefined> {
  const { repositoryId } = read(world, "pullRequests", pullRequest);
  return await inTurn(world, { id: repositoryId }, async () => {
    const facts = read(world, "pullRequests", pullRequest);
    const merged = await makeMerge(world, actor, facts, method);
    if (merged.kind === "conflict") return undefined;
    await moveBranch(world, actor, { id: repositoryId }, facts.baseRef, merged.sha);
    markMerged(world, actor, facts, merged.sha);
    return merged.sha;
  });
}

async function makeMerge(world: World, actor: Ref, facts: PullRequest, method: MergeMethod): Promise<Merged> {
  const repository = read(world, "repositories", { id: facts.repositoryId });
  const base = repository.branches.get(facts.baseRef) ?? facts.baseSha;
  const { login, id } = read(world, "accounts", actor);
  const words = { author: { name: login, email: `${id}+${login}@users.noreply.github.com` }, date: now(world) };
  switch (method) {
    case "merge": {
      const message = `Merge pull request #${facts.number} from ${facts.headRef}\n\n${facts.title}`;
      return await mergeCommits(repository, base, facts.headSha, { ...words, message });
    }
    case "squash": {
      const message = `${facts.title} (#${facts.number})`;
      return await squashCommits(repository, base, facts.headSha, { ...words, message });
    }
    case "rebase":
      return await rebaseCommits(repository, base, facts.headSha, words);
  }
}
