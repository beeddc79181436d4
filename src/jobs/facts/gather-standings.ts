import { isMaintainer } from "../../commands/index.ts";
import { AccessLostFault, Fault, LimitedFault, type Actor, type PersonStanding } from "../../model/index.ts";
import type { RuledPlace } from "../decide-environments.ts";
import { isPermitted, isUnread } from "../permissions.ts";
import type { GitHubRepository } from "../ports.ts";
import type { JobServices } from "../services.ts";
import { findTeamSlug } from "../find-team-slug.ts";

/** Somebody whose standing a rule has to know, and the teams that may matter for them. */
export interface AskedStanding {
  readonly actor: Actor;
  readonly teams: readonly string[];
}

/** On a public repository anybody may say something: those beyond are not asked about, and count for nothing. */
const MOST_PEOPLE = 200;

/** Role and teams of each of them, as GitHub says now; each is asked once. What GitHub does not tell is unknown (T05). */
export async function gatherStandings(
  asked: readonly AskedStanding[],
  { repository, permissions }: Pick<RuledPlace, "repository" | "permissions">,
  services: Pick<JobServices, "github">,
): Promise<readonly PersonStanding[]> {
  const api = services.github.repository(repository);
  // Before the installation's permissions are read, GitHub itself says what may be asked.
  const isTold = isUnread(permissions) || isPermitted(permissions, "members", "read");
  const standings: PersonStanding[] = [];
  for (const { actor, teams } of mergePeople(asked).slice(0, MOST_PEOPLE)) {
    const role = await orUnknown(api.readRole(actor));
    // Whoever cannot write counts nowhere: their teams would be asked for nothing.
    const isAsked = role !== "unknown" && isMaintainer(role);
    const answers = isAsked ? await readTeams(actor, teams, isTold ? repository.owner : undefined, api) : [];
    standings.push({ id: actor.id, role, teams: Object.fromEntries(answers) });
  }
  return standings;
}

/** By numeric id. Nobody but people has a standing. */
function mergePeople(asked: readonly AskedStanding[]): readonly AskedStanding[] {
  const groups = Map.groupBy(
    asked.filter(({ actor }) => actor.type === "User"),
    ({ actor }) => actor.id,
  );
  return [...groups.values()].flatMap(([first, ...others]) => {
    const teams = [first, ...others].flatMap((one) => one?.teams ?? []);
    return first === undefined ? [] : [{ actor: first.actor, teams: [...new Set(teams)] }];
  });
}

/** `owner` is undefined where the App may not ask who is in a team. */
async function readTeams(
  actor: Actor,
  teams: readonly string[],
  owner: string | undefined,
  api: Pick<GitHubRepository, "isTeamMember">,
): Promise<readonly (readonly [string, "yes" | "no" | "unknown"])[]> {
  const answers: [string, "yes" | "no" | "unknown"][] = [];
  for (const team of teams) {
    const slug = owner === undefined ? undefined : findTeamSlug(team, owner);
    const isMember = slug === undefined ? "unknown" : await orUnknown(api.isTeamMember(slug, actor));
    answers.push([team, isMember === true ? "yes" : isMember === false ? "no" : "unknown"]);
  }
  return answers;
}

/** A refusal or a breakdown of GitHub's is no answer; that it asks to wait, or that the repository is gone, is no fact. */
async function orUnknown<T>(asking: Promise<T>): Promise<T | "unknown"> {
  try {
    return await asking;
  } catch (fault) {
    const isLost = fault instanceof AccessLostFault && fault.loss !== "permission";
    if (!(fault instanceof Fault) || fault instanceof LimitedFault || isLost) throw fault;
    return "unknown";
  }
}
