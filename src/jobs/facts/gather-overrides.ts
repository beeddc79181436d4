import type { EnvironmentFacts } from "../../model/index.ts";
import type { RuledPlace } from "../decide-environments.ts";
import type { JobServices } from "../services.ts";

/** Overrides that were given on this pull request; which of them count is the rules' to say. */
export function gatherOverrides(
  { pullRequest }: RuledPlace,
  { records }: JobServices,
): Promise<EnvironmentFacts["overrides"]> {
  return records.listOverrides(pullRequest);
}
