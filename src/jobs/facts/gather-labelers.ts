import type { RuleSet } from "../../config/index.ts";
import type { EnvironmentChange, EnvironmentFacts } from "../../model/index.ts";
import type { RuledPlace } from "../decide-environments.ts";
import type { JobServices } from "../services.ts";

/** Who set labels that let a pull request pass a window, where it has one: whoever may triage can set one (T54). */
export async function gatherLabelers(
  changes: readonly EnvironmentChange[],
  { environments }: RuleSet,
  { pullRequest }: RuledPlace,
  { records }: JobServices,
): Promise<EnvironmentFacts["labelers"]> {
  const changed = new Set(changes.map(({ environment }) => environment));
  const windows = environments.filter(({ name }) => changed.has(name)).flatMap((one) => one.windows);
  const lifting = new Set(windows.flatMap(({ exceptLabels }) => exceptLabels.map((label) => label.toLowerCase())));
  const standing = new Set(pullRequest.labels.map((label) => label.toLowerCase()).filter((one) => lifting.has(one)));
  if (standing.size === 0) return [];
  const known = await records.listLabelers(pullRequest);
  return known.filter(({ label }) => standing.has(label));
}
