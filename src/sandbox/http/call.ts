import type { Account, App, Issue, PullRequest, Repository } from "../world/entities.ts";
import {
  findIssue,
  findPullRequest,
  findRepository,
  hasRole,
  includesLevel,
  permissionOf,
  reaches,
  type Level,
  type World,
} from "../world/index.ts";
import { forbidden, notFound, Refusal, type Answer } from "./answer.ts";
import type { Caller } from "./caller.ts";

/** One request for an operation that exists, from somebody who is known. */
export interface Call {
  readonly world: World;
  readonly caller: Caller;
  readonly method: string;
  /** Below the API's address, without a query; repositories by name. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** What the caller has already, as `If-None-Match` names it. */
  readonly knownTag: string | undefined;
}

export type Handler = (call: Call) => Answer | Promise<Answer>;
/** By operation id. */
export type Handlers = Readonly<Record<string, Handler>>;

/** A permission and how much of it, as an App's manifest names them. */
export type Permission = readonly [name: string, level: Level];

/** The repository that the path names. Refuses with 404 what the caller may not see, with a redirect what moved. */
export function repositoryOf(call: Call): Repository {
  const found = findRepository(call.world, call.parameters["owner"] ?? "", call.parameters["repo"] ?? "");
  if (found === undefined || !canSee(call, found.repository)) throw notFound();
  if (!found.isMoved) return found.repository;
  const [, , , , ...rest] = call.path.split("/");
  const location = [call.world.addresses.api, "repositories", String(found.repository.id), ...rest].join("/");
  const search = call.query.size === 0 ? "" : `?${call.query.toString()}`;
  const isRead = call.method === "GET";
  throw new Refusal(isRead ? 301 : 307, isRead ? "Moved Permanently" : "Temporary Redirect", {
    location: `${location}${search}`,
  });
}

function canSee({ world, caller }: Call, repository: Repository): boolean {
  if (caller.kind === "installation" && isCovered(world, caller, repository)) return true;
  if (caller.kind === "user") return hasRole(world, repository, caller.actor, "read");
  return !repository.isPrivate && caller.kind !== "app";
}

function isCovered(world: World, caller: Caller & { readonly kind: "installation" }, repository: Repository): boolean {
  const { token, installation } = caller;
  return reaches(world, installation, repository) && token.repositories?.includes(repository.id) !== false;
}

/**
 * Holds a call about a repository to one of several permissions: an installation needs what it was granted, a person a
 * role. What is public is everybody's to read, unless it is about administration.
 */
export function requirePermission(call: Call, repository: Repository, permissions: readonly Permission[]): void {
  const { caller, world } = call;
  const isWrite = permissions.some(([, level]) => level !== "read");
  if (isWrite && repository.isArchived) throw forbidden("Repository was archived so is read-only.");
  const isOpen = !repository.isPrivate && !isWrite && !permissions.some(([name]) => name === "administration");
  if (isOpen) return;
  if (caller.kind === "installation") {
    const isGranted = permissions.some(([name, level]) =>
      includesLevel(permissionOf(world, caller.token, name), level),
    );
    if (!isGranted || !isCovered(world, caller, repository)) throw forbidden();
    return;
  }
  if (caller.kind !== "user") throw new Refusal(401, "Requires authentication");
  if (!hasRole(world, repository, caller.actor, isWrite ? "write" : "read")) throw forbidden("Must have write access");
}

/** Whether a caller may change a repository's rules. */
export function mayAdminister({ world, caller }: Call, repository: Repository): boolean {
  if (caller.kind === "user") return hasRole(world, repository, caller.actor, "admin");
  return caller.kind === "installation" && includesLevel(permissionOf(world, caller.token, "administration"), "write");
}

/** The account that a write is done by. */
export function actorOf({ caller }: Call): Account {
  if (caller.kind === "installation" || caller.kind === "user") return caller.actor;
  throw new Refusal(401, "Requires authentication");
}

/** The App that asks as itself, with its own key. */
export function appOf({ caller }: Call): App {
  if (caller.kind === "app") return caller.app;
  throw new Refusal(401, "A JSON web token could not be decoded");
}

/** The App whose installation asks: only Apps write checks. */
export function installedAppOf({ caller }: Call): App {
  if (caller.kind === "installation") return caller.app;
  throw forbidden("You must authenticate via a GitHub App.");
}

export function pullRequestOf(call: Call, repository: Repository): PullRequest {
  const found = findPullRequest(call.world, repository, Number(call.parameters["pull_number"]));
  if (found === undefined) throw notFound();
  return found;
}

/** An issue or a pull request; what is allowed on pull requests alone is refused on a plain issue. */
export function issueOf(call: Call, repository: Repository, level: Level, number?: number): Issue | PullRequest {
  const found = findIssue(call.world, repository, number ?? Number(call.parameters["issue_number"]));
  if (found === undefined) throw notFound();
  const isPull = "headSha" in found;
  requirePermission(call, repository, [["issues", level], ...(isPull ? [["pull_requests", level] as const] : [])]);
  return found;
}

/** A text in the body; undefined when it is absent or null. */
export function textOf(body: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = body[name];
  return typeof value === "string" ? value : undefined;
}

export function numberOf(body: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = body[name];
  return typeof value === "number" ? value : undefined;
}

export function listOf(body: Readonly<Record<string, unknown>>, name: string): readonly Record<string, unknown>[] {
  const value = body[name];
  return Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
}

export function objectOf(body: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  const value = body[name];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
