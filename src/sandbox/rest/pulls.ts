import { diffCommits, findMergeBase, listCommits, type ChangedFile } from "../git/index.ts";
import { invalid, Refusal, type Answer } from "../http/answer.ts";
import { actorOf, pullRequestOf, repositoryOf, textOf, type Call, type Handlers } from "../http/call.ts";
import { listAnswer } from "../http/pages.ts";
import {
  repositoryPage,
  repositoryUrl,
  shapeCommit,
  shapePullRequest,
  shapeSimplePullRequest,
  type PullRequestCounts,
} from "../shapes/index.ts";
import type { PullRequest, Repository } from "../world/entities.ts";
import {
  computeMergeability,
  demandsOf,
  knownMergeability,
  listMergeBlockers,
  mergePullRequest,
  read,
  select,
  type MergeMethod,
  type World,
} from "../world/index.ts";

/** GitHub's bounds on what it lists of one pull request. */
const MOST_FILES = 3000;
const MOST_COMMITS = 250;

export const pullHandlers: Handlers = {
  "pulls/list": listPulls,
  "pulls/get": async (call) => {
    const pullRequest = pullRequestOf(call, repositoryOf(call));
    const counts = await countChanges(call.world, pullRequest);
    const body = shapePullRequest(call.world, pullRequest, counts);
    // As on GitHub, whoever asks first learns nothing yet and sets the test merge off.
    if (pullRequest.state === "open" && knownMergeability(call.world, pullRequest) === undefined) {
      await computeMergeability(call.world, pullRequest);
    }
    return { status: 200, body: await withBlockers(call.world, pullRequest, body) };
  },
  "pulls/list-files": async (call) => {
    const pullRequest = pullRequestOf(call, repositoryOf(call));
    const files = await changedFiles(call.world, pullRequest);
    return listAnswer(call, files.slice(0, MOST_FILES), (file) => shapeFile(call.world, pullRequest, file));
  },
  "pulls/list-commits": async (call) => {
    const repository = repositoryOf(call);
    const pullRequest = pullRequestOf(call, repository);
    const commits = await listCommits(repository, await forkPoint(call.world, pullRequest), pullRequest.headSha);
    return listAnswer(call, commits.slice(0, MOST_COMMITS), (commit) => shapeCommit(call.world, repository, commit));
  },
  "pulls/merge": merge,
};

function listPulls(call: Call): Answer {
  const { world, query } = call;
  const repository = repositoryOf(call);
  const state = query.get("state") ?? "open";
  const base = query.get("base");
  const head = query.get("head");
  const found = select(
    world,
    "pullRequests",
    (one) =>
      one.repositoryId === repository.id &&
      (state === "all" || one.state === state) &&
      (base === null || one.baseRef === base) &&
      (head === null || shownHead(world, one) === head),
  );
  const isNewestFirst = (query.get("direction") ?? (query.get("sort") === null ? "desc" : "asc")) === "desc";
  const byTime = query.get("sort") === "updated" ? found.toSorted(byUpdate) : found;
  return listAnswer(call, isNewestFirst ? byTime.toReversed() : byTime, (one) => shapeSimplePullRequest(world, one));
}

function byUpdate(one: PullRequest, other: PullRequest): number {
  return one.updatedAt < other.updatedAt ? -1 : one.updatedAt > other.updatedAt ? 1 : one.id - other.id;
}

/** `owner:branch`. */
function shownHead(world: World, { headRepositoryId, headRef }: PullRequest): string {
  const repository = headRepositoryId === undefined ? undefined : world.repositories.get(headRepositoryId);
  return repository === undefined ? "" : `${read(world, "accounts", { id: repository.ownerId }).login}:${headRef}`;
}

/** Once the merge was tried, its state says what else is in the way. */
async function withBlockers(world: World, pullRequest: PullRequest, body: Readonly<Record<string, unknown>>) {
  if (body["mergeable_state"] !== "clean") return body;
  const blockers = await listMergeBlockers(world, pullRequest);
  const state = pullRequest.isDraft ? "draft" : blockers.length === 0 ? "clean" : "blocked";
  return { ...body, mergeable_state: state };
}

async function forkPoint(world: World, { repositoryId, baseSha, headSha }: PullRequest): Promise<string> {
  const repository = read(world, "repositories", { id: repositoryId });
  return (await findMergeBase(repository, baseSha, headSha)) ?? baseSha;
}

/** Three dots, as a pull request shows it: what the head changed since it left the base. */
export async function changedFiles(world: World, pullRequest: PullRequest): Promise<readonly ChangedFile[]> {
  const repository = read(world, "repositories", { id: pullRequest.repositoryId });
  return await diffCommits(repository, await forkPoint(world, pullRequest), pullRequest.headSha);
}

/** What only git knows of a pull request. */
export async function countChanges(world: World, pullRequest: PullRequest): Promise<PullRequestCounts> {
  const repository = read(world, "repositories", { id: pullRequest.repositoryId });
  const from = await forkPoint(world, pullRequest);
  const commits = await listCommits(repository, from, pullRequest.headSha);
  const files = await diffCommits(repository, from, pullRequest.headSha);
  return {
    commits: commits.length,
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    changedFiles: files.length,
  };
}

function shapeFile(world: World, { repositoryId, headSha }: PullRequest, file: ChangedFile): unknown {
  const path = file.path.split("/").map(encodeURIComponent).join("/");
  const page = repositoryPage(world, { id: repositoryId });
  return {
    sha: file.blob,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${page}/blob/${headSha}/${path}`,
    raw_url: `${page}/raw/${headSha}/${path}`,
    contents_url: `${repositoryUrl(world, { id: repositoryId })}/contents/${path}?ref=${headSha}`,
    ...(file.patch === undefined ? {} : { patch: file.patch }),
    ...(file.previousPath === undefined ? {} : { previous_filename: file.previousPath }),
  };
}

async function merge(call: Call): Promise<Answer> {
  const { world, body } = call;
  const repository: Repository = repositoryOf(call);
  const pullRequest = pullRequestOf(call, repository);
  const wanted = textOf(body, "sha");
  if (wanted !== undefined && wanted !== pullRequest.headSha) {
    throw new Refusal(409, "Head branch was modified. Review and try the merge again.");
  }
  if (pullRequest.state === "closed") throw new Refusal(405, "Pull Request is not mergeable");
  if (demandsOf(world, repository, pullRequest.baseRef, actorOf(call)).hasMergeQueue) {
    throw new Refusal(405, "Changes must be made through the merge queue");
  }
  const [blocker] = await listMergeBlockers(world, pullRequest, actorOf(call));
  if (blocker !== undefined) throw new Refusal(405, blocker);
  const method = (textOf(body, "merge_method") ?? "merge") as MergeMethod;
  const sha = await mergePullRequest(world, actorOf(call), pullRequest, method);
  if (sha === undefined) throw invalid("PullRequest", "base", "conflict");
  return { status: 200, body: { sha, merged: true, message: "Pull Request successfully merged" } };
}
