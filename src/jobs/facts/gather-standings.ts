import type { RuleSet } from "../../config/index.ts";
import type { Actor, PersonStanding } from "../../model/index.ts";
import type { RuledPlace } from "../decide-environments.ts";
import type { JobServices } from "../services.ts";

/** Role and teams of each of them, as GitHub says now. */
export function gatherStandings(
  _actors: readonly Actor[],
  _rules: RuleSet,
  _place: RuledPlace,
  _services: JobServices,
): Promise<readonly PersonStanding[]> {
  return Promise.resolve([]);
}
