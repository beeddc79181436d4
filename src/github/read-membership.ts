import { z } from "zod";
import { Fault, LimitedFault, type Actor } from "../model/index.ts";
import type { RepositoryCaller } from "./call-repository.ts";

const membershipSchema = z.object({ state: z.string().max(100) });

/**
 * Whether somebody is in a team, or in one below it, of the organization that owns the repository. Undefined when GitHub
 * does not tell: it says the same of a team that is not there, that is secret, and of somebody who is not in it. An
 * invitation that was not accepted is no membership. By login: whose it is has to be asked with `readRole` (T04).
 */
export async function readMembership(
  caller: RepositoryCaller,
  slug: string,
  { login }: Actor,
): Promise<boolean | undefined> {
  const route = "GET /orgs/{org}/teams/{team_slug}/memberships/{username}";
  const parameters = { org: caller.ref.owner, team_slug: slug, username: login };
  try {
    const answer = await caller.find(route, membershipSchema, parameters, "members");
    return answer === undefined ? undefined : answer.state === "active";
  } catch (fault) {
    if (!(fault instanceof Fault) || fault instanceof LimitedFault) throw fault;
    return undefined;
  }
}
