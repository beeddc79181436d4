import type { Account, Ref, Team } from "./entities.ts";
import { change, emit, insert, now, read, select, type World } from "./store.ts";

export function createUser(world: World, login: string): Account {
  return insert(world, "accounts", { type: "User", login, createdAt: now(world), members: new Map() });
}

/** `owner` is its first administrator. */
export function createOrganization(world: World, owner: Ref, login: string): Account {
  const members = new Map([[owner.id, "admin" as const]]);
  return insert(world, "accounts", { type: "Organization", login, createdAt: now(world), members });
}

/** Takes a user in, or changes what the user is there; undefined ends the membership and with it that of all teams. */
export function setMembership(world: World, organization: Ref, user: Ref, role: "admin" | "member" | undefined): void {
  const members = new Map(read(world, "accounts", organization).members);
  if (role !== undefined) members.set(user.id, role);
  else {
    members.delete(user.id);
    for (const team of select(world, "teams", (one) => one.organizationId === organization.id)) {
      setTeamMember(world, team, user, false);
    }
  }
  change(world, "accounts", organization, { members });
}

/** Requests for its repositories by the old name are redirected from now on. */
export function renameAccount(world: World, account: Ref, login: string): Account {
  const before = read(world, "accounts", account).login;
  for (const { id, name } of select(world, "repositories", ({ ownerId }) => ownerId === account.id)) {
    world.notes.redirects.set(`${before}/${name}`.toLowerCase(), id);
    world.notes.redirects.delete(`${login}/${name}`.toLowerCase());
  }
  return change(world, "accounts", account, { login });
}

export function createTeam(
  world: World,
  organization: Ref,
  name: string,
  options: { readonly parent?: Ref; readonly privacy?: Team["privacy"]; readonly members?: readonly Ref[] } = {},
): Team {
  for (const member of options.members ?? []) joinOrganization(world, organization, member);
  return insert(world, "teams", {
    organizationId: organization.id,
    name,
    slug: name.toLowerCase().replace(/[^a-z0-9]+/gu, "-"),
    parentId: options.parent?.id,
    privacy: options.privacy ?? "closed",
    memberIds: (options.members ?? []).map(({ id }) => id),
  });
}

export function setTeamMember(world: World, team: Ref, user: Ref, isMember: boolean): Team {
  const { memberIds, organizationId } = read(world, "teams", team);
  if (isMember) joinOrganization(world, { id: organizationId }, user);
  const others = memberIds.filter((id) => id !== user.id);
  const changed = change(world, "teams", team, { memberIds: isMember ? [...others, user.id] : others });
  if (isMember !== memberIds.includes(user.id)) {
    const action = isMember ? "added" : "removed";
    emit(world, user, { kind: "membership", action, teamId: team.id, memberId: user.id });
  }
  return changed;
}

function joinOrganization(world: World, organization: Ref, user: Ref): void {
  if (!read(world, "accounts", organization).members.has(user.id)) setMembership(world, organization, user, "member");
}

/** Whether a user is in a team or in one below it. */
export function isInTeam(world: World, team: Ref, user: Ref): boolean {
  if (read(world, "teams", team).memberIds.includes(user.id)) return true;
  return select(world, "teams", (one) => one.parentId === team.id).some((child) => isInTeam(world, child, user));
}

/** Logins are compared without case, as GitHub does. */
export function findAccount(world: World, login: string): Account | undefined {
  const wanted = login.toLowerCase();
  return select(world, "accounts", (account) => account.login.toLowerCase() === wanted)[0];
}

export function findTeam(world: World, organization: Ref, slug: string): Team | undefined {
  return select(world, "teams", (team) => team.organizationId === organization.id && team.slug === slug)[0];
}
