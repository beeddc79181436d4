import type { Installation, Permissions, Ref, Repository } from "./entities.ts";
import { change, emit, insert, now, read, remove, select, type World } from "./store.ts";

/** Installs an App on an account, with what the App asks for unless told otherwise. */
export function installApp(
  world: World,
  actor: Ref,
  app: Ref,
  account: Ref,
  options: {
    readonly permissions?: Permissions;
    readonly events?: readonly string[];
    /** All of the account's unless told otherwise. */
    readonly repositories?: "all" | readonly Ref[];
    /** ISO 8601. */
    readonly createdAt?: string;
  } = {},
): Installation {
  const asked = read(world, "apps", app);
  const { repositories = "all" } = options;
  const at = options.createdAt ?? now(world);
  const installation = insert(world, "installations", {
    appId: app.id,
    accountId: account.id,
    permissions: { metadata: "read", ...(options.permissions ?? asked.permissions) },
    events: options.events ?? asked.events,
    repositories: repositories === "all" ? "all" : repositories.map(({ id }) => id),
    suspendedAt: undefined,
    suspendedById: undefined,
    createdAt: at,
    updatedAt: at,
  });
  emit(world, actor, { kind: "installation", action: "created", installationId: installation.id });
  return installation;
}

/** While suspended, the App gets neither tokens nor events. */
export function setSuspended(world: World, actor: Ref, installation: Ref, isSuspended: boolean): Installation {
  const changed = change(world, "installations", installation, {
    suspendedAt: isSuspended ? now(world) : undefined,
    suspendedById: isSuspended ? actor.id : undefined,
    updatedAt: now(world),
  });
  const action = isSuspended ? "suspend" : "unsuspend";
  emit(world, actor, { kind: "installation", action, installationId: installation.id });
  return changed;
}

export function uninstallApp(world: World, actor: Ref, installation: Ref): void {
  emit(world, actor, { kind: "installation", action: "deleted", installationId: installation.id });
  remove(world, "installations", installation);
}

/** What the owner grants from now on; tokens given out earlier are narrowed with it. */
export function setPermissions(world: World, actor: Ref, installation: Ref, permissions: Permissions): Installation {
  const changed = change(world, "installations", installation, {
    permissions: { metadata: "read", ...permissions },
    updatedAt: now(world),
  });
  emit(world, actor, { kind: "installation", action: "new_permissions_accepted", installationId: installation.id });
  return changed;
}

export function addRepositories(world: World, actor: Ref, installation: Ref, added: readonly Ref[]): Installation {
  const before = read(world, "installations", installation);
  const ids = added.map(({ id }) => id);
  const had = before.repositories === "all" ? [] : before.repositories;
  const changed = change(world, "installations", installation, { repositories: [...had, ...ids] });
  tellRepositories(world, actor, installation, "added", ids);
  return changed;
}

export function removeRepositories(world: World, actor: Ref, installation: Ref, gone: readonly Ref[]): Installation {
  const before = read(world, "installations", installation);
  const ids = gone.map(({ id }) => id);
  const had = repositoriesOf(world, before).map(({ id }) => id);
  const changed = change(world, "installations", installation, {
    repositories: had.filter((id) => !ids.includes(id)),
  });
  tellRepositories(world, actor, installation, "removed", ids);
  return changed;
}

function tellRepositories(
  world: World,
  actor: Ref,
  { id }: Ref,
  action: "added" | "removed",
  repositoryIds: readonly number[],
): void {
  emit(world, actor, { kind: "installation_repositories", action, installationId: id, repositoryIds });
}

/** The repositories that an installation covers now. */
export function repositoriesOf(world: World, installation: Installation): Repository[] {
  return select(world, "repositories", (repository) => reaches(world, installation, repository));
}

/** Whether an installation covers a repository, suspended or not. */
export function reaches(world: World, { accountId, repositories }: Installation, repository: Ref): boolean {
  const isOwned = world.repositories.get(repository.id)?.ownerId === accountId;
  return isOwned && (repositories === "all" || repositories.includes(repository.id));
}

/** The installation of an App that covers a repository. */
export function findInstallation(world: World, app: Ref, repository: Ref): Installation | undefined {
  return select(world, "installations", (one) => one.appId === app.id && reaches(world, one, repository))[0];
}
