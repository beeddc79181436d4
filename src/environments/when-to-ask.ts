import type { EnvironmentFacts, RuleResult } from "../model/index.ts";

/** Milliseconds: nothing tells that somebody joined or left a team, nor that GitHub would answer now. */
const ASK_AGAIN = { known: 3_600_000, unknown: 600_000 } as const;

type AskedFacts = Pick<EnvironmentFacts, "now" | "approvals" | "overrides" | "labelers" | "people" | "pullRequest">;

/** When facts have to be asked for again of which no event tells that they changed; undefined where there are none. */
export function whenToAsk(results: readonly RuleResult[], facts: AskedFacts): number | undefined {
  const { now, approvals, overrides, labelers, people, pullRequest } = facts;
  if (results.some(({ state }) => state === "unknown")) return now + ASK_AGAIN.unknown;
  const isOfAuthor = results.some(({ rule }) => rule === "branches");
  const asked = new Set([
    ...[...approvals, ...overrides, ...labelers].map(({ actor }) => actor.id),
    ...(isOfAuthor && pullRequest.author !== undefined ? [pullRequest.author.id] : []),
  ]);
  if (asked.size === 0) return undefined;
  const known = people.filter(({ id }) => asked.has(id));
  const isUnknown = known.some(({ role, teams }) => role === "unknown" || Object.values(teams).includes("unknown"));
  return now + (isUnknown ? ASK_AGAIN.unknown : ASK_AGAIN.known);
}
