import {
  createRepository as createBare,
  forkRepository as forkBare,
  listRefs,
  removeRepository,
} from "../git/index.ts";
import type { FileChanges } from "../git/index.ts";
import { findAccount } from "./accounts.ts";
import type { Ref, Repository } from "./entities.ts";
import { pushCommit } from "./pushes.ts";
import { change, emit, insert, now, read, remove, select, type World } from "./store.ts";

/**
 * Makes a repository with one commit of `files` on its default branch (none without files), which `actor` — its owner
 * unless told otherwise — pushes.
 */
export async function createRepository(
  world: World,
  owner: Ref,
  name: string,
  options: {
    readonly actor?: Ref;
    readonly isPrivate?: boolean;
    readonly defaultBranch?: string;
    readonly files?: FileChanges;
  } = {},
): Promise<Repository> {
  const actor = options.actor ?? owner;
  const repository = insertRepository(world, owner, name, options);
  const { directory } = await createBare({ root: world.directory }, repository.id, repository.defaultBranch);
  change(world, "repositories", repository, { directory });
  emit(world, actor, { kind: "repository", action: "created", repositoryId: repository.id });
  if (options.files !== undefined) {
    await pushCommit(world, actor, repository, { files: options.files, message: "Begin" });
  }
  return read(world, "repositories", repository);
}

/** Forks a repository, with its branches as they are, into another account. */
export async function forkRepository(world: World, actor: Ref, parent: Ref, name?: string): Promise<Repository> {
  const facts = read(world, "repositories", parent);
  const fork = insertRepository(world, actor, name ?? facts.name, { ...facts, parentId: facts.id });
  const bare = await forkBare({ root: world.directory }, facts.id, fork.id, facts.defaultBranch);
  const branches = new Map([...(await listRefs(bare))].map(([ref, sha]) => [ref.slice("refs/heads/".length), sha]));
  const forked = change(world, "repositories", fork, { directory: bare.directory, branches });
  emit(world, actor, { kind: "repository", action: "created", repositoryId: fork.id });
  return forked;
}

function insertRepository(
  world: World,
  owner: Ref,
  name: string,
  options: { readonly isPrivate?: boolean; readonly defaultBranch?: string; readonly parentId?: number },
): Repository {
  const at = now(world);
  return insert(world, "repositories", {
    ownerId: owner.id,
    name,
    isPrivate: options.isPrivate ?? false,
    isArchived: false,
    defaultBranch: options.defaultBranch ?? "main",
    parentId: options.parentId,
    createdAt: at,
    updatedAt: at,
    pushedAt: at,
    directory: "",
    branches: new Map(),
    collaborators: new Map(),
    teams: new Map(),
    lastNumber: 0,
  });
}

/** Requests by the old name are redirected from now on. */
export function renameRepository(world: World, actor: Ref, repository: Ref, name: string): Repository {
  const before = read(world, "repositories", repository);
  world.notes.redirects.set(fullName(world, before).toLowerCase(), before.id);
  const renamed = change(world, "repositories", repository, { name, updatedAt: now(world) });
  world.notes.redirects.delete(fullName(world, renamed).toLowerCase());
  emit(world, actor, { kind: "repository", action: "renamed", repositoryId: before.id, from: before.name });
  return renamed;
}

/** Moves a repository to another account; the installations of the old owner lose it. */
export function transferRepository(world: World, actor: Ref, repository: Ref, owner: Ref): Repository {
  const before = read(world, "repositories", repository);
  world.notes.redirects.set(fullName(world, before).toLowerCase(), before.id);
  const moved = change(world, "repositories", repository, { ownerId: owner.id, updatedAt: now(world) });
  world.notes.redirects.delete(fullName(world, moved).toLowerCase());
  for (const installation of select(world, "installations", (one) => one.accountId === before.ownerId)) {
    if (installation.repositories === "all") continue;
    const repositories = installation.repositories.filter((id) => id !== before.id);
    change(world, "installations", installation, { repositories });
  }
  emit(world, actor, {
    kind: "repository",
    action: "transferred",
    repositoryId: before.id,
    fromOwnerId: before.ownerId,
  });
  return moved;
}

export function setArchived(world: World, actor: Ref, repository: Ref, isArchived: boolean): Repository {
  const changed = change(world, "repositories", repository, { isArchived, updatedAt: now(world) });
  const action = isArchived ? "archived" : "unarchived";
  emit(world, actor, { kind: "repository", action, repositoryId: repository.id });
  return changed;
}

export function setPrivate(world: World, actor: Ref, repository: Ref, isPrivate: boolean): Repository {
  const changed = change(world, "repositories", repository, { isPrivate, updatedAt: now(world) });
  const action = isPrivate ? "privatized" : "publicized";
  emit(world, actor, { kind: "repository", action, repositoryId: repository.id });
  return changed;
}

/** Pull requests whose head was here stay, with a head in no repository. */
export async function deleteRepository(world: World, actor: Ref, repository: Ref): Promise<void> {
  emit(world, actor, { kind: "repository", action: "deleted", repositoryId: repository.id });
  for (const pullRequest of select(world, "pullRequests", (one) => one.headRepositoryId === repository.id)) {
    change(world, "pullRequests", pullRequest, { headRepositoryId: undefined });
  }
  remove(world, "repositories", repository);
  await removeRepository({ root: world.directory }, repository.id);
}

/** `owner/name`. */
export function fullName(world: World, repository: Ref): string {
  const { ownerId, name } = read(world, "repositories", repository);
  return `${read(world, "accounts", { id: ownerId }).login}/${name}`;
}

/** By its name of today; an older name gives the repository with `isMoved`. */
export function findRepository(
  world: World,
  owner: string,
  name: string,
): { readonly repository: Repository; readonly isMoved: boolean } | undefined {
  const account = findAccount(world, owner);
  const wanted = name.toLowerCase();
  for (const repository of account === undefined ? [] : world.repositories.values()) {
    if (repository.ownerId === account?.id && repository.name.toLowerCase() === wanted)
      return { repository, isMoved: false };
  }
  const moved = world.repositories.get(world.notes.redirects.get(`${owner}/${name}`.toLowerCase()) ?? 0);
  return moved === undefined ? undefined : { repository: moved, isMoved: true };
}
