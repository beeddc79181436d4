import { forbidden, notFound } from "../http/answer.ts";
import { actorOf, repositoryOf, type Call, type Handlers } from "../http/call.ts";
import { listAnswer } from "../http/pages.ts";
import { shapeAccount, shapeFullRepository, shapeOrganization, shapePublicUser } from "../shapes/index.ts";
import type { Account, Team } from "../world/entities.ts";
import { findAccount, findTeam, includesLevel, isInTeam, permissionOf, read, roleOf } from "../world/index.ts";

/** Repositories, and who may do what in them. */
export const repositoryHandlers: Handlers = {
  "repos/get": (call) => ({ status: 200, body: shapeFullRepository(call.world, repositoryOf(call)) }),
  "repos/get-collaborator-permission-level": (call) => {
    const repository = repositoryOf(call);
    const account = findAccount(call.world, call.parameters["username"] ?? "");
    if (account === undefined) throw notFound();
    return { status: 200, body: shapePermission(call, roleOf(call.world, repository, account), account) };
  },
  "teams/get-membership-for-user-in-org": (call) => {
    const team = teamOf(call);
    const account = findAccount(call.world, call.parameters["username"] ?? "");
    if (account === undefined || !isInTeam(call.world, team, account)) throw notFound();
    const url = `${call.world.addresses.api}/organizations/${team.organizationId}/team/${team.id}/memberships/${account.login}`;
    return { status: 200, body: { url, role: "member", state: "active" } };
  },
  "teams/list-members-in-org": (call) => {
    const team = teamOf(call);
    const members = [...call.world.accounts.values()].filter((account) => isInTeam(call.world, team, account));
    return listAnswer(call, members, (account) => shapeAccount(call.world, account));
  },
  "orgs/get": (call) => {
    const account = findAccount(call.world, call.parameters["org"] ?? "");
    if (account?.type !== "Organization") throw notFound();
    return { status: 200, body: shapeOrganization(call.world, account) };
  },
  "users/get-by-username": (call) => {
    const account = findAccount(call.world, call.parameters["username"] ?? "");
    if (account === undefined) throw notFound();
    return { status: 200, body: shapePublicUser(call.world, account) };
  },
  "users/get-authenticated": (call) => {
    if (call.caller.kind !== "user") throw forbidden();
    return { status: 200, body: shapePublicUser(call.world, actorOf(call)) };
  },
};

/** The old field knows three levels only: `role_name` is the true one. */
const FOLDED = { read: "read", triage: "read", write: "write", maintain: "write", admin: "admin" } as const;

function shapePermission(call: Call, role: ReturnType<typeof roleOf>, account: Account): unknown {
  const level = role === "none" ? "none" : role.role;
  const name = role === "none" ? "none" : (role.customName ?? role.role);
  const ranks = ["none", "read", "triage", "write", "maintain", "admin"];
  const has = (needed: string): boolean => ranks.indexOf(level) >= ranks.indexOf(needed);
  const permissions = {
    pull: has("read"),
    triage: has("triage"),
    push: has("write"),
    maintain: has("maintain"),
    admin: has("admin"),
  };
  return {
    permission: level === "none" ? "none" : FOLDED[level],
    role_name: name,
    user: { ...(shapeAccount(call.world, account) as object), permissions, role_name: name },
  };
}

/** An installation of the organization with `members: read`; a secret team is there for its members alone. */
function teamOf(call: Call): Team {
  const { world, caller } = call;
  const organization = findAccount(world, call.parameters["org"] ?? "");
  if (organization?.type !== "Organization") throw notFound();
  if (caller.kind !== "installation" || caller.installation.accountId !== organization.id) throw notFound();
  if (!includesLevel(permissionOf(world, caller.token, "members"), "read")) throw forbidden();
  const team = findTeam(world, organization, call.parameters["team_slug"] ?? "");
  if (team === undefined || read(world, "teams", team).privacy === "secret") throw notFound();
  return team;
}
