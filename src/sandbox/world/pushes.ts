import { commitFiles, isAncestor, writeRef, type FileChanges, type Person } from "../git/index.ts";
import { openSuites } from "./check-suites.ts";
import type { PullRequest, Ref, Repository } from "./entities.ts";
import { closePullRequest } from "./pull-requests.ts";
import { change, emit, inTurn, now, read, select, type World } from "./store.ts";

const NOTHING = "0".repeat(40);

export interface PushedCommit {
  readonly branch?: string;
  readonly files: FileChanges;
  readonly message?: string;
  readonly from?: string;
  /** Makes a merge with this commit, as somebody who resolves it by hand: the tree is what `files` say. */
  readonly merged?: string;
  /** Who the commit says that it is by; the actor unless told otherwise. */
  readonly author?: Person;
  /** When the commit says that it was made, ISO 8601; now unless told otherwise. */
  readonly date?: string;
  /** Whether `files` is the whole tree. */
  readonly isWhole?: boolean;
}

/**
 * Commits changes on top of a branch (the default one unless told otherwise; made from the default branch when it is
 * new) and pushes them. `from` starts from another commit instead, which moves the branch by force. Gives the new head.
 */
export async function pushCommit(world: World, actor: Ref, repository: Ref, commit: PushedCommit): Promise<string> {
  return await inTurn(world, repository, async () => {
    const facts = read(world, "repositories", repository);
    const branch = commit.branch ?? facts.defaultBranch;
    const parent = commit.from ?? facts.branches.get(branch) ?? facts.branches.get(facts.defaultBranch) ?? null;
    const { login, id } = read(world, "accounts", actor);
    const sha = await commitFiles(facts, branch, {
      files: commit.files,
      message: commit.message ?? `Change ${Object.keys(commit.files).join(", ")}`,
      author: commit.author ?? { name: login, email: `${id}+${login}@users.noreply.github.com` },
      date: commit.date ?? now(world),
      parent,
      ...(commit.merged === undefined ? {} : { merged: commit.merged }),
      isWhole: commit.isWhole ?? false,
    });
    await moveBranch(world, actor, repository, branch, sha);
    return sha;
  });
}

/**
 * Points a branch at a commit that the repository has, or removes it: git, the pull requests from it and the
 * subscribers follow. For what came by `git push` too, where git's own ref has moved already.
 */
export async function moveBranch(
  world: World,
  actor: Ref,
  repository: Ref,
  branch: string,
  sha: string | undefined,
): Promise<void> {
  const facts = read(world, "repositories", repository);
  const before = facts.branches.get(branch);
  if (before === sha) return;
  await writeRef(facts, `refs/heads/${branch}`, sha);
  const isForced = before !== undefined && sha !== undefined && !(await isAncestor(facts, before, sha));
  const branches = new Map(read(world, "repositories", repository).branches);
  if (sha === undefined) branches.delete(branch);
  else branches.set(branch, sha);
  change(world, "repositories", repository, { branches, pushedAt: now(world) });
  const after = sha ?? NOTHING;
  const ref = `refs/heads/${branch}`;
  emit(world, actor, {
    kind: "push",
    repositoryId: repository.id,
    ref,
    before: before ?? NOTHING,
    after,
    isForced,
  });
  if (sha !== undefined) openSuites(world, actor, repository, sha, branch);
  await followBranch(world, actor, facts, branch, before ?? NOTHING, sha);
}

/** Open pull requests take the new head of their branch; those that lost a branch are closed. */
async function followBranch(
  world: World,
  actor: Ref,
  repository: Repository,
  branch: string,
  before: string,
  sha: string | undefined,
): Promise<void> {
  const isFrom = (one: PullRequest): boolean => one.headRepositoryId === repository.id && one.headRef === branch;
  const isInto = (one: PullRequest): boolean => one.repositoryId === repository.id && one.baseRef === branch;
  const isLost = (one: PullRequest): boolean => one.state === "open" && (isFrom(one) || isInto(one));
  if (sha === undefined) {
    for (const lost of select(world, "pullRequests", isLost)) closePullRequest(world, actor, lost);
    return;
  }
  for (const { id } of select(world, "pullRequests", (one) => one.state === "open" && isFrom(one))) {
    const { number, repositoryId, baseRef, baseSha } = read(world, "pullRequests", { id });
    const target = read(world, "repositories", { id: repositoryId });
    await writeRef(target, `refs/pull/${number}/head`, sha);
    const base = target.branches.get(baseRef) ?? baseSha;
    change(world, "pullRequests", { id }, { headSha: sha, baseSha: base, updatedAt: now(world) });
    emit(world, actor, { kind: "pull_request", action: "synchronize", pullRequestId: id, before, after: sha });
  }
}
