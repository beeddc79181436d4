import type { DiscoveryConfig } from "./discovery-config.ts";
import { isFileExcluded } from "./repository-layout.ts";
import type { RepositoryLayout } from "./repository-layout.ts";

/**
 * The folders of kustomizations that no other one uses, bases and components left out. Of kustomizations that use each
 * other in a circle, the first by name stands for all of them, so that the circle is reported. One that is excluded, or
 * is a template, is no root, but what it uses is used all the same.
 */
export function findKustomizeRoots(layout: RepositoryLayout, config: DiscoveryConfig): readonly string[] {
  const { kustomizations, referenced } = layout;
  const reached = new Set<string>();
  const folders = [...kustomizations.keys()].sort();
  const isComponent = (folder: string): boolean => kustomizations.get(folder)?.facts.isComponent === true;
  const roots = folders.filter((folder) => !referenced.has(folder) || isComponent(folder));
  for (const folder of roots) reach(folder, layout, reached);
  for (const folder of folders) {
    if (reached.has(folder)) continue;
    roots.push(folder);
    reach(folder, layout, reached);
  }
  return roots.filter((folder) => {
    const kustomization = kustomizations.get(folder);
    if (kustomization === undefined || kustomization.facts.isComponent || kustomization.facts.isTemplate) return false;
    return layout.folders.get(folder)?.chart === undefined && !isFileExcluded(kustomization.file, layout, config);
  });
}

function reach(start: string, layout: RepositoryLayout, reached: Set<string>): void {
  const open = [start];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    if (reached.has(folder)) continue;
    reached.add(folder);
    for (const path of layout.kustomizations.get(folder)?.references ?? []) {
      if (layout.kustomizations.has(path)) open.push(path);
    }
  }
}
