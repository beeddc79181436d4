import type { OverrideRules } from "../config/index.ts";
import type { Actor, EnvironmentFacts, GivenOverride, StandingOverride } from "../model/index.ts";
import { sinceApproval } from "./content.ts";

export interface WeighedOverrides {
  readonly standing: readonly StandingOverride[];
  /** Why others do not count, plain sentences, by their rule. */
  readonly remarks: ReadonlyMap<string, readonly string[]>;
}

/**
 * Which overrides count now: by a person who can write and is in a team that may, on this base branch, for this commit
 * or for equal content. Never by an author alone, unless the rules break the glass: whoever GitHub does not know among
 * the authors may be one of those who override, so each takes one more of them (T01).
 */
export function weighOverrides(facts: EnvironmentFacts, override: OverrideRules): WeighedOverrides {
  const standing: StandingOverride[] = [];
  const remarks = new Map<string, readonly string[]>();
  for (const [rule, all] of Map.groupBy(facts.overrides, (one) => one.rule)) {
    const problems = all.map((one) => ({ one, problem: findProblem(one, facts, override) }));
    const counted = problems.flatMap(({ one, problem }) => (problem === undefined ? [one] : []));
    const alone = counted.length === 0 ? undefined : findSolitude(counted, facts, override);
    if (counted.length > 0 && alone === undefined) standing.push({ rule, given: counted });
    const told = problems.flatMap(({ one, problem }) => {
      return problem === undefined ? [] : [`The override by ${one.actor.login} does not count: ${problem}.`];
    });
    remarks.set(rule, [...told, ...(alone === undefined ? [] : [alone])]);
  }
  return { standing, remarks };
}

/** By number and type: a login can be taken over or made to look like another (T04). */
function findProblem(given: GivenOverride, facts: EnvironmentFacts, { teams }: OverrideRules): string | undefined {
  const { actor } = given;
  if (actor.type !== "User") return "it is no person's";
  if (teams.length === 0) return "the config names no team that may override";
  if (!holds(given, facts)) return "something else was pushed, or it is to be merged elsewhere";
  const standing = facts.people.find(({ id }) => id === actor.id);
  const role = standing?.role ?? "unknown";
  if (standing === undefined || role === "unknown") return "GitHub does not tell what they may do";
  if (role !== "write" && role !== "maintain" && role !== "admin") return "they cannot write to the repository";
  const answers = teams.map((team) => (Object.hasOwn(standing.teams, team) ? standing.teams[team] : "unknown"));
  if (answers.includes("yes")) return undefined;
  const named = teams.map((team) => `team ${team}`).join(" or ");
  return answers.includes("unknown") ? `GitHub does not tell who is in ${named}` : `they are not in ${named}`;
}

/** Whether it was given for this: the same commit, or another one that changes the same in the same environments. */
function holds({ headSha, baseRef, content, reportDigest }: GivenOverride, facts: EnvironmentFacts): boolean {
  const { pullRequest, changes, reported } = facts;
  if (baseRef !== pullRequest.baseRef || content === undefined) return false;
  const isKnown = changes.every(({ environment }) => Object.hasOwn(content, environment));
  if (headSha === pullRequest.headSha) return isKnown;
  const isSameSize = Object.keys(content).length === changes.length;
  const isEqual = isKnown && isSameSize && changes.every((change) => sinceApproval(content, change)?.length === 0);
  return isEqual && reportDigest === reported.digest;
}

/** Why those who override are not enough; undefined when they are. */
function findSolitude(
  counted: readonly GivenOverride[],
  { pullRequest, contributors }: EnvironmentFacts,
  { teams, breakGlass }: OverrideRules,
): string | undefined {
  if (breakGlass) return undefined;
  const { author, requestedBy } = pullRequest;
  const authors = new Set([author?.id, requestedBy?.id, ...contributors.people.map(({ actor }) => actor.id)]);
  const others = new Map(counted.map(({ actor }): [number, Actor] => [actor.id, actor]));
  for (const id of authors) if (id !== undefined) others.delete(id);
  if (contributors.isComplete && others.size > contributors.unknown.length) return undefined;
  const who = counted.map(({ actor }) => actor.login).join(", ");
  const named = teams.map((team) => `team ${team}`).join(" or ");
  if (others.size === 0) return `${who} wrote this change: somebody else of ${named} has to override it as well.`;
  return `Not all authors are known, and ${who} may be one: somebody else of ${named} has to override it as well.`;
}
