import type { Account, Repository } from "../world/entities.ts";
import { repositoriesOf } from "../world/installations.ts";
import { hasRole } from "../world/roles.ts";
import type { World } from "../world/store.ts";

/** What somebody who wants to fetch or push is told. */
export type GitAccess =
  | { readonly kind: "granted"; readonly repository: Repository; readonly pusher: Account | undefined }
  /** 401 asks for a token, or for another one. */
  | { readonly kind: "refused"; readonly status: 401 | 403 | 404; readonly message: string };

const NOT_FOUND = { kind: "refused", status: 404, message: "Repository not found." } as const;
const NEEDS_TOKEN = { kind: "refused", status: 401, message: "Repository not found." } as const;
const BAD_TOKEN = { kind: "refused", status: 401, message: "Invalid username or token." } as const;
const NO_PERMISSION = { kind: "refused", status: 403, message: "Write access to repository not granted." } as const;
const ARCHIVED = { kind: "refused", status: 403, message: "This repository was archived so it is read-only." } as const;

/**
 * Decides what a token (undefined: none was sent) may do with a repository. An installation's token reads what it
 * covers when it has `contents`, and is told 404 of anything else that is private; people push with their own.
 */
export function decideGitAccess(
  world: World,
  repository: Repository | undefined,
  token: string | undefined,
  isPush: boolean,
): GitAccess {
  if (token === undefined) return decideAnonymous(repository, isPush);
  const person = world.notes.userTokens.get(token);
  if (person !== undefined && person.expiresAt > world.clock()) {
    return decideForPerson(world, repository, person.userId, isPush);
  }
  return decideForInstallation(world, repository, token, isPush);
}

function decideAnonymous(repository: Repository | undefined, isPush: boolean): GitAccess {
  if (repository === undefined || repository.isPrivate || isPush) return NEEDS_TOKEN;
  return { kind: "granted", repository, pusher: undefined };
}

function decideForPerson(world: World, repository: Repository | undefined, userId: number, isPush: boolean): GitAccess {
  const user = world.accounts.get(userId);
  if (user === undefined) return BAD_TOKEN;
  if (repository === undefined || !hasRole(world, repository, user, "read")) return NOT_FOUND;
  if (isPush && repository.isArchived) return ARCHIVED;
  if (isPush && !hasRole(world, repository, user, "write")) return NO_PERMISSION;
  return { kind: "granted", repository, pusher: user };
}

function decideForInstallation(
  world: World,
  repository: Repository | undefined,
  text: string,
  isPush: boolean,
): GitAccess {
  const token = world.notes.installationTokens.get(text);
  const installation = world.installations.get(token?.installationId ?? 0);
  if (token === undefined || installation === undefined || token.expiresAt <= world.clock()) return BAD_TOKEN;
  if (installation.suspendedAt !== undefined) {
    return { kind: "refused", status: 403, message: "This installation has been suspended." };
  }
  const isCovered =
    repository !== undefined &&
    repositoriesOf(world, installation).some(({ id }) => id === repository.id) &&
    token.repositories?.includes(repository.id) !== false;
  if (!isCovered) return decideOutside(repository, isPush);
  const granted = [token.permissions["contents"], installation.permissions["contents"]];
  const needed = isPush ? ["write"] : ["read", "write"];
  if (!granted.every((level) => needed.includes(level ?? ""))) return NO_PERMISSION;
  if (isPush && repository.isArchived) return ARCHIVED;
  return { kind: "granted", repository, pusher: world.accounts.get(world.apps.get(installation.appId)?.botId ?? 0) };
}

/** Public repositories are everybody's to read, with any valid token. */
function decideOutside(repository: Repository | undefined, isPush: boolean): GitAccess {
  if (repository === undefined || repository.isPrivate) return NOT_FOUND;
  return isPush ? NO_PERMISSION : { kind: "granted", repository, pusher: undefined };
}
