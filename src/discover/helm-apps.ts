import type { HelmApp, KubernetesVersion } from "../model/index.ts";
import type { AppDeclaration, DiscoveryConfig } from "./discovery-config.ts";
import { environmentOf } from "./environment-of.ts";
import { findEnvironmentValues, findReleasedCharts } from "./helm-charts.ts";
import type { RepositoryLayout } from "./repository-layout.ts";
import { baseName, folderOf, relativePath, resolvePath } from "./repository-path.ts";
import { combineValuesLayers, fill, MAX_COMBINATIONS } from "./values-layers.ts";
import type { FolderIndex } from "./values-layers.ts";

/** An app with the Kubernetes version that the config says for it, if any. */
export interface Versioned<T> {
  readonly app: T;
  readonly kubernetesVersion: KubernetesVersion | undefined;
}

export interface HelmApps {
  readonly apps: readonly Versioned<HelmApp>[];
  readonly notes: readonly string[];
}

/** One release of a chart: what is known of it before names are filled in. */
interface Release {
  readonly folder: string;
  readonly valuesFiles: readonly string[];
  readonly placeholders: ReadonlyMap<string, string>;
  readonly isGuessed: boolean;
  readonly declaration: AppDeclaration | undefined;
}

const NOTHING: ReadonlyMap<string, string> = new Map();

/** The Helm app that an entry of the config declares. */
export function declareHelmApp(
  declaration: AppDeclaration,
  layout: RepositoryLayout,
  config: DiscoveryConfig,
): Versioned<HelmApp> {
  const folder = declaration.path;
  // A path that leads out of the repository stays as it is: rendering refuses it, and says so on this app.
  const valuesFiles = (declaration.values ?? [])
    .map((file) => resolvePath(folder, file) ?? file)
    .filter((file) => !isOwnValues(folder, file));
  const release = { folder, valuesFiles, placeholders: NOTHING, isGuessed: false, declaration };
  return buildHelmApp(release, layout, config);
}

/**
 * The Helm apps that nobody declared one by one: the combinations of `helm.valuesLayers` where that line matches
 * something, else one per values file of an environment, else the chart alone. A values file that a declared app uses
 * is taken, and so is the chart alone once any declared app releases it.
 */
export function findHelmApps(
  declared: readonly HelmApp[],
  layout: RepositoryLayout,
  config: DiscoveryConfig,
): HelmApps {
  const declaredCharts = new Set(declared.map((app) => app.path));
  const declaredValues = new Set(declared.flatMap((app) => app.valuesFiles.map((file) => `${app.path}\n${file}`)));
  const layers = config.helm.valuesLayers;
  const index = layers === undefined ? undefined : { ...layout, folderNames: groupFolders(layout.folders.keys()) };
  const notes: string[] = [];
  const apps = findReleasedCharts(layout, config).flatMap((folder) => {
    const layered = index === undefined ? [] : layeredReleases(folder, layers ?? [], layout, index);
    if (layered.length >= MAX_COMBINATIONS) {
      notes.push(`${config.file}: helm.valuesLayers stands for more than ${MAX_COMBINATIONS} apps of ${folder}`);
    }
    const releases = layered.length > 0 ? layered : conventionalReleases(folder, layout, config);
    return releases
      .filter(({ valuesFiles }) =>
        valuesFiles.length === 0
          ? !declaredCharts.has(folder)
          : !valuesFiles.every((file) => declaredValues.has(`${folder}\n${file}`)),
      )
      .map((release) => buildHelmApp(release, layout, config));
  });
  return { apps, notes };
}

function layeredReleases(
  folder: string,
  layers: readonly string[],
  layout: RepositoryLayout,
  index: FolderIndex,
): readonly Release[] {
  return combineValuesLayers(layers, folder, chartName(folder, layout), index).map(({ files, placeholders }) => ({
    folder,
    valuesFiles: files.filter((file) => !isOwnValues(folder, file)),
    placeholders,
    isGuessed: false,
    declaration: undefined,
  }));
}

function conventionalReleases(folder: string, layout: RepositoryLayout, config: DiscoveryConfig): readonly Release[] {
  const release = { folder, placeholders: NOTHING, isGuessed: true, declaration: undefined };
  const files = findEnvironmentValues(folder, layout, config);
  return files.length === 0
    ? [{ ...release, valuesFiles: [] }]
    : files.map((file) => ({ ...release, valuesFiles: [file] }));
}

/** Helm reads a chart's own values.yaml by itself; naming it as a layer changes nothing. */
function isOwnValues(folder: string, file: string): boolean {
  return file === (folder === "" ? "values.yaml" : `${folder}/values.yaml`);
}

function buildHelmApp(release: Release, layout: RepositoryLayout, config: DiscoveryConfig): Versioned<HelmApp> {
  const { folder, valuesFiles, placeholders, declaration, isGuessed } = release;
  const guess = placeholders.get("env") ?? placeholders.get("environment");
  const environment = environmentOf(folder, valuesFiles, declaration?.environment, guess, config);
  const chart = chartName(folder, layout);
  const names = new Map([
    ["chart", chart],
    ...(environment.environment ? [["env", environment.environment] as const] : []),
    ...placeholders,
  ]);
  const saidRelease = declaration?.releaseName ?? fillSaid(config.helm.releaseName, names);
  const saidNamespace = declaration?.namespace ?? fillSaid(config.helm.namespace, names);
  const releaseName = saidRelease ?? defaultReleaseName(chart);
  const namespace = saidNamespace ?? "default";
  const assumptions = [
    ...(isGuessed ? [assumedValues(valuesFiles)] : []),
    ...(saidRelease === undefined ? [`release name "${releaseName}"`] : []),
    ...(saidNamespace === undefined ? [`namespace "${namespace}"`] : []),
  ];
  const app: HelmApp = {
    kind: "helm",
    id: declaration?.name === undefined ? helmAppId(folder, valuesFiles) : `helm:${declaration.name}`,
    path: folder,
    environment: environment.environment,
    isEnvironmentDeclared: environment.isEnvironmentDeclared,
    guessed: isGuessed,
    declaredIn: isGuessed ? (layout.charts.get(folder)?.file ?? config.file) : config.file,
    assumptions,
    isSubstituted: false,
    releaseName,
    namespace,
    valuesFiles,
    apiVersions: declaration?.apiVersions ?? [],
    // What an agent applies: both Argo CD and Flux install a chart's `crds/` unless told otherwise.
    includeCrds: declaration?.includeCrds ?? true,
  };
  return { app, kubernetesVersion: declaration?.kubernetesVersion ?? environment.kubernetesVersion };
}

/** `helm:charts/web#values-prod.yaml`, several layers joined by `+`; the chart alone without `#`. */
function helmAppId(folder: string, valuesFiles: readonly string[]): string {
  const layers = valuesFiles.map((file) => (file.startsWith("..") ? file : relativePath(folder, file)));
  return `helm:${folder || "."}${layers.length > 0 ? `#${layers.join("+")}` : ""}`;
}

function chartName(folder: string, layout: RepositoryLayout): string {
  const name = layout.charts.get(folder)?.facts.name ?? "";
  return name === "" ? baseName(folder) || "chart" : name;
}

function fillSaid(template: string | undefined, names: ReadonlyMap<string, string>): string | undefined {
  return template === undefined ? undefined : fill(template, names);
}

/** Helm takes at most 53 characters of DNS. */
function defaultReleaseName(chart: string): string {
  const name = chart
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .slice(0, 53)
    .replace(/^-+|-+$/g, "");
  return name === "" ? "release" : name;
}

function assumedValues(files: readonly string[]): string {
  return files.length === 0 ? "no values but the chart's own" : `values from ${files.join(", then ")}`;
}

function groupFolders(folders: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const folder of folders) {
    if (folder === "") continue;
    const parent = folderOf(folder);
    const known = names.get(parent);
    if (known === undefined) names.set(parent, [baseName(folder)]);
    else known.push(baseName(folder));
  }
  return names;
}
