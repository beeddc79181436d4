import type { AskerFacts, Membership } from "../commands/index.ts";
import type { Actor, PullRequest, RepositoryRef } from "../model/index.ts";
import { findTeamSlug } from "./find-team-slug.ts";
import { isPermitted } from "./permissions.ts";
import type { GitHubRepository } from "./ports.ts";

/** Where somebody asks for something: what their right depends on. */
export interface AskedPlace {
  readonly repository: RepositoryRef;
  readonly pullRequest: Pick<PullRequest, "author">;
  readonly permissions: Readonly<Record<string, string>>;
}

/** What GitHub says now of somebody who asks for something, with each of these teams. */
export async function readAsker(
  actor: Actor,
  teams: readonly string[],
  { repository, pullRequest, permissions }: AskedPlace,
  api: Pick<GitHubRepository, "readRole" | "isTeamMember">,
): Promise<AskerFacts> {
  const role = await api.readRole(actor);
  const ask = async (team: string): Promise<Membership> => {
    const slug = findTeamSlug(team, repository.owner);
    if (slug === undefined || !isPermitted(permissions, "members", "read")) return "unknown";
    const isMember = await api.isTeamMember(slug, actor);
    return isMember === undefined ? "unknown" : isMember ? "yes" : "no";
  };
  const known = new Map<string, Membership>();
  for (const team of new Set(teams)) known.set(team, await ask(team));
  return { type: actor.type, role, isAuthor: pullRequest.author?.id === actor.id, teams: known };
}
