import type { DiscoveryConfig } from "./discovery-config.ts";
import { isFileExcluded } from "./repository-layout.ts";
import type { RepositoryLayout } from "./repository-layout.ts";
import { baseName, folderOf } from "./repository-path.ts";

/**
 * The folders of charts that are released on their own: no library charts, no subcharts, none that another chart or a
 * kustomization of this repository brings in.
 */
export function findReleasedCharts(layout: RepositoryLayout, config: DiscoveryConfig): readonly string[] {
  const brought = new Set<string>();
  for (const [folder, chart] of layout.charts) {
    for (const dependency of chart.dependencies) if (dependency !== folder) brought.add(dependency);
  }
  for (const [link, target] of layout.links) {
    const subcharts = folderOf(link);
    if (baseName(subcharts) === "charts" && layout.charts.has(folderOf(subcharts))) brought.add(target);
  }
  return [...layout.charts]
    .filter(([folder, { file, facts }]) => {
      if (facts.isLibrary || facts.isTemplate || brought.has(folder) || layout.referenced.has(folder)) return false;
      return layout.folders.get(folder)?.chart === folder && !isFileExcluded(file, layout, config);
    })
    .map(([folder]) => folder)
    .sort();
}

const NO_ENVIRONMENT = /^(base|common|shared|defaults?|global|all|example|examples|sample|template|schema|ci|values)$/;

/** Values files per environment by their names and places: each is one release of the chart by convention. */
export function findEnvironmentValues(
  folder: string,
  layout: RepositoryLayout,
  config: DiscoveryConfig,
): readonly string[] {
  const found: string[] = [];
  const prefix = folder === "" ? "" : `${folder}/`;
  const collect = (from: string, pattern: RegExp): void => {
    for (const name of layout.fileNames.get(from) ?? []) {
      const environment = pattern.exec(name)?.[1];
      // A dot is more than an environment: `values.prod.sops.yaml` is encrypted.
      if (environment === undefined || environment.includes(".") || NO_ENVIRONMENT.test(environment)) continue;
      const path = from === "" ? name : `${from}/${name}`;
      const kind = layout.facts.get(path)?.kind;
      if (kind !== "manifests" && !isFileExcluded(path, layout, config)) found.push(path);
    }
  };
  collect(folder, /^values[-.](.+)\.ya?ml$/);
  collect(`${prefix}values`, /^(.+)\.ya?ml$/);
  collect(`${prefix}environments`, /^(.+)\.ya?ml$/);
  return found.sort();
}
