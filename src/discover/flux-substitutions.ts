import type { DiscoveryConfig } from "./discovery-config.ts";
import { appliedFolders, isFileExcluded } from "./repository-layout.ts";
import type { RepositoryLayout } from "./repository-layout.ts";
import { folderOf, resolvePath } from "./repository-path.ts";

/** Folders in which a Flux Kustomization replaces `${VARIABLES}`, with the name of that object. */
export type Substitutions = ReadonlyMap<string, string>;

export function findSubstitutions(layout: RepositoryLayout, config: DiscoveryConfig): Substitutions {
  const found = new Map<string, string>();
  for (const [path, facts] of layout.facts) {
    if (facts?.kind !== "manifests" || facts.agents.length === 0 || isFileExcluded(path, layout, config)) continue;
    for (const agent of facts.agents.filter((candidate) => candidate.isSubstituting)) {
      const name = agent.namespace === "" ? agent.name : `${agent.namespace}/${agent.name}`;
      const isRoot = agent.paths.some((applied) => resolvePath("", applied.replace(/^\/+/, "")) === "");
      for (const folder of isRoot ? [""] : appliedFolders(agent, layout.links)) {
        const known = found.get(folder);
        // The smaller name, so that the order of files does not matter.
        if (known === undefined || name < known) found.set(folder, name);
      }
    }
  }
  return found;
}

/** The sentence that says what is assumed about an app in this folder; undefined when nothing is replaced there. */
export function substitutionAt(folder: string, substitutions: Substitutions): string | undefined {
  if (substitutions.size === 0) return undefined;
  for (let current = folder; ; current = folderOf(current)) {
    const name = substitutions.get(current);
    if (name !== undefined)
      return `\${VARIABLES} are filled in by the Flux Kustomization ${name}; here they stand as written`;
    if (current === "") return undefined;
  }
}
