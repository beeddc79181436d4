import type { RuleSet } from "../../config/index.ts";
import type { EnvironmentChange, EnvironmentFacts } from "../../model/index.ts";
import type { RuledPlace } from "../decide-environments.ts";
import type { JobServices } from "../services.ts";

/** Owners of the changed files, where a rule asks for them. */
export function gatherOwners(
  _changes: readonly EnvironmentChange[],
  _rules: RuleSet,
  _place: RuledPlace,
  _services: JobServices,
): Promise<EnvironmentFacts["owners"]> {
  return Promise.resolve(undefined);
}
