import type { Actor, Role } from "../model/index.ts";
import type { RepositoryCaller } from "./call-repository.ts";
import { roleSchema } from "./schemas.ts";

const ROLES: ReadonlySet<string> = new Set(["none", "read", "triage", "write", "maintain", "admin"]);

/**
 * What somebody may do in the repository, by `role_name` (T02). The answer counts only for the id that was asked for: a
 * login can be taken over (T04). A role that an organization defined itself counts as the `permission` that it folds
 * to, and never as more than write: whether it may maintain or administer cannot be told. Rejects with an
 * AccessLostFault when the repository's name is another one's by now, where anybody could be an administrator (T49).
 */
export async function readRole(caller: RepositoryCaller, actor: Actor): Promise<Role> {
  await caller.readFacts();
  const route = "GET /repos/{owner}/{repo}/collaborators/{username}/permission";
  const answer = await caller.find(route, roleSchema, { username: actor.login });
  if (answer?.user?.id !== actor.id) return "none";
  if (isRole(answer.role_name)) return answer.role_name;
  switch (answer.permission) {
    case "admin":
    case "write":
      return "write";
    case "read":
      return "read";
    default:
      return "none";
  }
}

function isRole(name: string): name is Role {
  return ROLES.has(name);
}
