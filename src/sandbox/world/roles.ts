import { isInTeam } from "./accounts.ts";
import type { Collaborator, Ref, Repository, RoleName } from "./entities.ts";
import { change, read, type World } from "./store.ts";

const RANK = { none: 0, read: 1, triage: 2, write: 3, maintain: 4, admin: 5 } as const;

/** What an account may do in a repository: the highest of what it owns, was given by name and has through teams. */
export function roleOf(world: World, repository: Ref, user: Ref): Collaborator | "none" {
  const facts = read(world, "repositories", repository);
  const owner = read(world, "accounts", { id: facts.ownerId });
  const found: Collaborator[] = [];
  const add = (role: RoleName): unknown => found.push({ role, customName: undefined });
  if (owner.id === user.id || owner.members.get(user.id) === "admin") add("admin");
  const collaborator = facts.collaborators.get(user.id);
  if (collaborator !== undefined) found.push(collaborator);
  for (const [teamId, given] of facts.teams) if (isInTeam(world, { id: teamId }, user)) found.push(given);
  if (!facts.isPrivate || owner.members.has(user.id)) add("read");
  return found.toSorted((one, other) => RANK[other.role] - RANK[one.role])[0] ?? "none";
}

/** Whether an account has at least this role. */
export function hasRole(world: World, repository: Ref, user: Ref, role: RoleName): boolean {
  const has = roleOf(world, repository, user);
  return has !== "none" && RANK[has.role] >= RANK[role];
}

/** Gives a user a role by name; undefined takes it away. `customName` is a role of the organization's own making. */
export function setRole(
  world: World,
  repository: Ref,
  user: Ref,
  role: RoleName | undefined,
  customName?: string,
): Repository {
  const collaborators = new Map(read(world, "repositories", repository).collaborators);
  if (role === undefined) collaborators.delete(user.id);
  else collaborators.set(user.id, { role, customName });
  return change(world, "repositories", repository, { collaborators });
}

/** Gives a team a role; undefined takes it away. `customName` as for `setRole`. */
export function setTeamRole(
  world: World,
  repository: Ref,
  team: Ref,
  role: RoleName | undefined,
  customName?: string,
): Repository {
  const teams = new Map(read(world, "repositories", repository).teams);
  if (role === undefined) teams.delete(team.id);
  else teams.set(team.id, { role, customName });
  return change(world, "repositories", repository, { teams });
}
