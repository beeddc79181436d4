import type { RuleSet } from "../../config/index.ts";
import type { EnvironmentChange, EnvironmentFacts } from "../../model/index.ts";
import type { RuledPlace } from "../decide-environments.ts";
import type { JobServices } from "../services.ts";

/** Reviews and commands that approve, each with what it was given for. */
export function gatherApprovals(
  _changes: readonly EnvironmentChange[],
  _rules: RuleSet,
  _place: RuledPlace,
  _services: JobServices,
): Promise<EnvironmentFacts["approvals"]> {
  return Promise.resolve([]);
}
