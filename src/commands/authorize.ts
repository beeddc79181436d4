import type { Actor, Role } from "../model/index.ts";
import type { CommandRight } from "./command-table.ts";

/** What something takes of whoever asks for it: the command's own right, and what the config asks for beside it. */
export interface Requirement {
  readonly right: CommandRight;
  /** The least role; undefined where the right alone counts. */
  readonly role: Role | undefined;
  /** They have to be in one team of each list: in none of an empty one can anybody be. */
  readonly teams: readonly (readonly string[])[];
  /** Teams that keep the environment that it is about. */
  readonly keepers: readonly string[];
}

/** What counts when somebody asks for something. Read when it is their turn, never remembered (T05). */
export interface AskerFacts {
  readonly type: Actor["type"];
  readonly role: Role;
  readonly isAuthor: boolean;
  /** By slug as the config writes it. One that is not here counts as unknown. */
  readonly teams: ReadonlyMap<string, Membership>;
}

export type Membership = "yes" | "no" | "unknown";

/** `reason` is a clause in Markdown that holds no words of the asker's. */
export type Authorization = { readonly isAllowed: true } | { readonly isAllowed: false; readonly reason: string };

const ROLES: readonly Role[] = ["none", "read", "triage", "write", "maintain", "admin"];

/** The one place that decides who may do what: commands, buttons and pages all come here. */
export function authorize(requirement: Requirement, asker: AskerFacts): Authorization {
  if (asker.type !== "User") return refused("it takes a person");
  const own = findRightProblem(requirement, asker);
  if (own !== undefined) return refused(own);
  const { role } = requirement;
  if (role !== undefined && !isAtLeast(asker.role, role)) return refused(`the config asks for the role \`${role}\``);
  for (const group of requirement.teams) {
    const problem = findTeamProblem(group, asker);
    if (problem !== undefined) return refused(problem);
  }
  return { isAllowed: true };
}

/** Whether somebody keeps the repository: may let strangers' pull requests be checked. */
export function isMaintainer(role: Role): boolean {
  return isAtLeast(role, "write");
}

/** Every team that has to be asked about before `authorize` can answer. */
export function listTeams({ teams, keepers }: Requirement): readonly string[] {
  return [...teams.flat(), ...keepers];
}

const WRITE = "it takes write access to the repository";

function findRightProblem({ right, keepers }: Requirement, asker: AskerFacts): string | undefined {
  const { role, isAuthor } = asker;
  const isWriter = isAtLeast(role, "write");
  switch (right) {
    case "anyone":
      return undefined;
    case "reader":
      return isAtLeast(role, "read") ? undefined : "it takes somebody who may read the repository";
    case "author-or-write":
      return isAuthor || isWriter ? undefined : "it takes the author, or write access to the repository";
    case "write":
      return isWriter ? undefined : WRITE;
    case "approver":
      if (isAuthor) return "the author of a pull request does not approve it";
      return isWriter ? undefined : WRITE;
    case "keeper":
      if (isAtLeast(role, "maintain")) return undefined;
      if (keepers.length === 0) return "it takes the role `maintain`, since the config names no team for it";
      return isWriter ? findTeamProblem(keepers, asker) : WRITE;
    default:
      return right satisfies never;
  }
}

function findTeamProblem(group: readonly string[], { teams }: AskerFacts): string | undefined {
  if (group.length === 0) return "the config names no team that may";
  const states = group.map((team) => teams.get(team) ?? "unknown");
  if (states.includes("yes")) return undefined;
  // Slugs are letters, digits and dashes (the config's schema holds that): nothing in them is active in Markdown.
  const named = `it takes a member of team ${group.map((team) => `\`${team}\``).join(" or ")}`;
  return states.includes("unknown") ? `${named}; GitHub does not tell whether you are` : named;
}

function isAtLeast(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

function refused(reason: string): Authorization {
  return { isAllowed: false, reason };
}
