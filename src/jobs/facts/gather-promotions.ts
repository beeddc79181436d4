import type { RuleSet } from "../../config/index.ts";
import type { EnvironmentChange, EnvironmentFacts } from "../../model/index.ts";
import type { RuledPlace } from "../decide-environments.ts";
import type { JobServices } from "../services.ts";

/** What of each change stands in the environments before it. */
export function gatherPromotions(
  _changes: readonly EnvironmentChange[],
  _rules: RuleSet,
  _place: RuledPlace,
  _services: JobServices,
): Promise<EnvironmentFacts["promotions"]> {
  return Promise.resolve([]);
}
