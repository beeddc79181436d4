import type { RepositoryConfig } from "../config/index.ts";
import { listAgentLabels, type AgentFacts } from "./plan-agent-labels.ts";
import { listOwnLabels } from "./plan-labels.ts";

/**
 * Of the names of labels, those that Drydock alone gives, by the config of the base and by what agents act on: whoever
 * set one, it may stand only while Drydock says it (T54).
 */
export function listStandingLabels(
  names: readonly string[],
  config: Pick<RepositoryConfig, "labels">,
  agents: Pick<AgentFacts, "labels" | "environments"> | undefined,
): readonly string[] {
  const own = [...listOwnLabels(config), ...(agents === undefined ? [] : listAgentLabels(agents))];
  return names.filter((name) => hasName(own, name)).toSorted();
}

/** GitHub does not tell names apart by case. */
export function hasName(names: readonly string[], name: string): boolean {
  return names.some((one) => one.toLowerCase() === name.toLowerCase());
}
