import type { RuleSet } from "../../config/index.ts";
import type { EnvironmentChange, EnvironmentFacts } from "../../model/index.ts";
import type { RuledPlace } from "../decide-environments.ts";
import type { JobServices } from "../services.ts";

/** Overrides that were given on this pull request. */
export function gatherOverrides(
  _changes: readonly EnvironmentChange[],
  _rules: RuleSet,
  _place: RuledPlace,
  _services: JobServices,
): Promise<EnvironmentFacts["overrides"]> {
  return Promise.resolve([]);
}
