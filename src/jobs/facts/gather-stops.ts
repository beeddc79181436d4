import type { RuleSet } from "../../config/index.ts";
import type { EnvironmentChange, EnvironmentFacts } from "../../model/index.ts";
import type { RuledPlace } from "../decide-environments.ts";
import type { JobServices } from "../services.ts";

/** Holds, locks and freezes that concern this change. */
export function gatherStops(
  _changes: readonly EnvironmentChange[],
  _rules: RuleSet,
  _place: RuledPlace,
  _services: JobServices,
): Promise<EnvironmentFacts["stops"]> {
  return Promise.resolve([]);
}
