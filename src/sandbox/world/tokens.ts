import { randomBytes } from "node:crypto";
import type { Installation, InstallationToken, Permissions, UserToken } from "./entities.ts";
import { read, type World } from "./store.ts";

const HOUR = 3_600_000;
/** An OAuth token of an App lives eight hours. */
const USER_TOKEN_LIFE = 8 * HOUR;

/**
 * A token of an installation for one hour. It looks like those that GitHub gives since April 2026: about 520
 * characters, with dots.
 */
export function issueToken(
  world: World,
  installation: Installation,
  narrowed: { readonly repositories?: readonly number[] | undefined; readonly permissions?: Permissions | undefined },
): InstallationToken {
  const part = (bytes: number): string => randomBytes(bytes).toString("base64url");
  const token = {
    token: `ghs_${part(48)}.${part(280)}.${part(48)}`,
    installationId: installation.id,
    repositories: narrowed.repositories,
    permissions: { metadata: "read", ...(narrowed.permissions ?? installation.permissions) },
    expiresAt: world.clock() + HOUR,
  };
  world.notes.installationTokens.set(token.token, token);
  return token;
}

/** A token for what a person may do through an App. */
export function issueUserToken(world: World, userId: number, appId: number): UserToken {
  const token = `ghu_${randomBytes(27).toString("base64url")}`;
  const issued = { token, userId, appId, expiresAt: world.clock() + USER_TOKEN_LIFE };
  world.notes.userTokens.set(token, issued);
  return issued;
}

/** Undefined for one that is unknown, over, revoked, or of an installation that is gone. */
export function findToken(world: World, token: string): InstallationToken | undefined {
  const found = world.notes.installationTokens.get(token);
  const isGone = found === undefined || !world.installations.has(found.installationId);
  return isGone || found.expiresAt <= world.clock() ? undefined : found;
}

export function findUserToken(world: World, token: string): UserToken | undefined {
  const found = world.notes.userTokens.get(token);
  return found === undefined || found.expiresAt <= world.clock() ? undefined : found;
}

/** `none`, `read`, `write` or `admin`: the lower of what the token and its installation have now. */
export function permissionOf(world: World, token: InstallationToken, name: string): Level {
  const installation = read(world, "installations", { id: token.installationId });
  const levels = [token.permissions[name], installation.permissions[name]].map(toLevel);
  return LEVELS[Math.min(...levels.map((level) => LEVELS.indexOf(level)))] ?? "none";
}

const LEVELS = ["none", "read", "write", "admin"] as const;
export type Level = (typeof LEVELS)[number];

function toLevel(value: string | undefined): Level {
  return LEVELS.find((level) => level === value) ?? "none";
}

/** Whether one level includes another. */
export function includesLevel(has: Level, needed: Level): boolean {
  return LEVELS.indexOf(has) >= LEVELS.indexOf(needed);
}
