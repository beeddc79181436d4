import type { RuleSet } from "../config/index.ts";
import type { EnvironmentFacts, RuleResult, StandingOverride } from "../model/index.ts";
import { weighOverrides } from "./weigh-overrides.ts";

/** What rules say once those who may have overridden some: these keep nothing out any more, and say who let it in and why. */
export function applyOverrides(
  results: readonly RuleResult[],
  facts: EnvironmentFacts,
  { override }: RuleSet,
): readonly RuleResult[] {
  if (facts.overrides.length === 0) return results;
  const { standing, remarks } = weighOverrides(facts, override);
  return results.map((result) => {
    if (result.state === "passed") return result;
    const found = standing.find(({ rule }) => rule === result.rule);
    const notes = [...result.notes, ...(remarks.get(result.rule) ?? [])];
    return found === undefined ? { ...result, notes } : { ...letIn(result, found), notes };
  });
}

function letIn(result: RuleResult, { given }: StandingOverride): RuleResult {
  const who = [...new Set(given.map(({ actor }) => actor.login))].join(" and ");
  const reasons = [...new Set(given.map(({ reason }) => reason))].join("; ");
  return {
    ...result,
    state: "overridden",
    says: `Overridden by ${who}: ${reasons}. Without that: ${result.says}`,
    title: `${result.rule} overridden by ${who}`,
    steps: [],
  };
}
