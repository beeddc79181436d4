import type { AgentObject, App, AppId, HelmApp, KubernetesVersion, KustomizeApp, PlainApp } from "../model/index.ts";
import type { AppDeclaration, DiscoveryConfig } from "./discovery-config.ts";
import { environmentOf } from "./environment-of.ts";
import type { FileFacts } from "./file-facts.ts";
import { followPath } from "./follow-links.ts";
import { findSubstitutions, substitutionAt } from "./flux-substitutions.ts";
import type { Substitutions } from "./flux-substitutions.ts";
import { declareHelmApp, findHelmApps } from "./helm-apps.ts";
import type { Versioned } from "./helm-apps.ts";
import { findKustomizeRoots } from "./kustomize-roots.ts";
import { groupPlainFiles } from "./plain-apps.ts";
import type { UnusedFile } from "./plain-apps.ts";
import { isFileExcluded, layOutRepository } from "./repository-layout.ts";
import type { RepositoryLayout } from "./repository-layout.ts";

/** Everything that discovery finds in one tree. */
export interface Discovery {
  /** Sorted by id, ids unique. One that the config declares has the config's file as `declaredIn`. */
  readonly apps: readonly App[];
  /** Apps for which the config (their own entry, or their environment) says a Kubernetes version. */
  readonly kubernetesVersions: ReadonlyMap<AppId, KubernetesVersion>;
  readonly agents: readonly AgentObject[];
  /** Every manifest file that holds a CustomResourceDefinition, in charts too, sorted. */
  readonly crdSources: readonly string[];
  /** Files that look like manifests and are in no app, sorted. */
  readonly unused: readonly UnusedFile[];
  /** Sentences about what the config declares and the tree does not have. */
  readonly notes: readonly string[];
}

/**
 * Finds the apps of a tree. `facts` has every path of the tree as a key; undefined stands for a file that cannot matter
 * (`mayMatter`). Files that the config excludes may be there or not: what is there is no app, but what it uses counts as
 * used. Linear in files and references; the order of `facts` does not matter.
 */
export function assembleApps(facts: ReadonlyMap<string, FileFacts | undefined>, config: DiscoveryConfig): Discovery {
  const layout = layOutRepository(facts, config);
  const substitutions = findSubstitutions(layout, config);
  const notes: string[] = [];
  const declarations = config.apps.flatMap((declaration) => classify(declaration, layout, config, notes));
  const folders = new Set(
    declarations.filter(({ kind }) => kind === "plain").map(({ declaration }) => declaration.path),
  );
  const plain = groupPlainFiles(layout, config, folders);
  const declared = declarations.map(({ kind, declaration }): Versioned<App> => {
    if (kind === "helm") return declareHelmApp(declaration, layout, config);
    if (kind === "kustomize") return kustomizeApp(declaration.path, declaration, layout, config, substitutions);
    const files = facts.has(declaration.path) ? [declaration.path] : (plain.files.get(declaration.path) ?? []);
    return plainApp(declaration.path, files, declaration, config, substitutions);
  });
  const helmApps = declared.map(({ app }) => app).filter((app): app is HelmApp => app.kind === "helm");
  const helm = findHelmApps(helmApps, layout, config);
  const found: readonly Versioned<App>[] = [
    ...findKustomizeRoots(layout, config).map((folder) =>
      kustomizeApp(folder, undefined, layout, config, substitutions),
    ),
    ...[...plain.files]
      .filter(([folder]) => !folders.has(folder))
      .map(([folder, files]) => plainApp(folder, files, undefined, config, substitutions)),
    ...helm.apps,
  ];
  const { apps, repeated } = uniteApps(declared, found, config);
  return {
    apps: apps.map(({ app }) => app),
    kubernetesVersions: new Map(
      apps.flatMap(({ app, kubernetesVersion }) =>
        kubernetesVersion === undefined ? [] : [[app.id, kubernetesVersion]],
      ),
    ),
    ...findObjects(layout, config),
    unused: plain.unused.toSorted((left, right) => compare(left.path, right.path)),
    notes: [...notes, ...repeated, ...helm.notes],
  };
}

interface Classified {
  readonly kind: App["kind"];
  readonly declaration: AppDeclaration;
}

/** What a declared app is, by what is in its folder when it does not say; nothing (and a note) when it is not there. */
function classify(
  declaration: AppDeclaration,
  layout: RepositoryLayout,
  config: DiscoveryConfig,
  notes: string[],
): readonly Classified[] {
  const { line } = declaration;
  const path = followFolder(declaration.path, layout);
  if (!layout.folders.has(path) && !layout.facts.has(path)) {
    notes.push(`${config.file}:${line} declares an app at ${declaration.path}, which does not exist.`);
    return [];
  }
  const isHelm = layout.charts.has(path) || declaration.values !== undefined || declaration.releaseName !== undefined;
  const guess = layout.kustomizations.has(path) ? "kustomize" : isHelm ? "helm" : "plain";
  const kind = declaration.kind ?? guess;
  // A chart stays where it is declared to be: the paths of its values are told from there.
  return [{ kind, declaration: kind === "helm" ? declaration : { ...declaration, path } }];
}

/** The folder that a path leads to; a link to a file is an app of its own name. */
function followFolder(path: string, layout: RepositoryLayout): string {
  const real = followPath(path, layout.links);
  return layout.facts.has(real) ? path : real;
}

/** Declared apps win over found ones of the same id and over each other by the order of the file. */
function uniteApps(
  declared: readonly Versioned<App>[],
  found: readonly Versioned<App>[],
  config: DiscoveryConfig,
): { readonly apps: readonly Versioned<App>[]; readonly repeated: readonly string[] } {
  const byId = new Map<AppId, Versioned<App>>();
  const places = new Set(declared.map(({ app }) => `${app.kind} ${app.path}`));
  const repeated: string[] = [];
  for (const candidate of declared) {
    const { id } = candidate.app;
    if (byId.has(id)) repeated.push(`${config.file} declares ${id} twice; give one of them a name of its own.`);
    else byId.set(id, candidate);
  }
  for (const candidate of found) {
    const { id, kind, path } = candidate.app;
    const isReplaced = kind !== "helm" && places.has(`${kind} ${path}`);
    if (!byId.has(id) && !isReplaced && !config.drops.some(({ apps }) => apps.matches(id))) byId.set(id, candidate);
  }
  return { apps: [...byId.values()].sort((left, right) => compare(left.app.id, right.app.id)), repeated };
}

function kustomizeApp(
  folder: string,
  declaration: AppDeclaration | undefined,
  layout: RepositoryLayout,
  config: DiscoveryConfig,
  substitutions: Substitutions,
): Versioned<KustomizeApp> {
  const { kubernetesVersion, ...environment } = environmentOf(folder, [], declaration?.environment, undefined, config);
  const substitution = substitutionAt(folder, substitutions);
  const file = layout.kustomizations.get(folder)?.file;
  const app: KustomizeApp = {
    kind: "kustomize",
    id: `kustomize:${declaration?.name ?? (folder || ".")}`,
    path: folder,
    ...environment,
    guessed: false,
    declaredIn: declaration === undefined ? (file ?? config.file) : config.file,
    assumptions: substitution === undefined ? [] : [substitution],
    isSubstituted: substitution !== undefined,
    isLoadUnrestricted: declaration?.loadRestrictor === "none",
  };
  return { app, kubernetesVersion: declaration?.kubernetesVersion ?? kubernetesVersion };
}

/**
 * A plain app is found by layout, and is not `guessed` for that: each of its files says by apiVersion and kind what it
 * is, nothing has to be assumed to read it, and an agent that applies the folder would apply just these files.
 */
function plainApp(
  path: string,
  files: readonly string[],
  declaration: AppDeclaration | undefined,
  config: DiscoveryConfig,
  substitutions: Substitutions,
): Versioned<PlainApp> {
  const { kubernetesVersion, ...environment } = environmentOf(path, [], declaration?.environment, undefined, config);
  const substitution = substitutionAt(path, substitutions);
  const sorted = files.toSorted();
  const isFile = files.length === 1 && files[0] === path;
  const app: PlainApp = {
    kind: "plain",
    id: `plain:${declaration?.name ?? (isFile ? path : `${path || "."}/`)}`,
    path,
    ...environment,
    guessed: false,
    declaredIn: declaration === undefined ? (sorted[0] ?? config.file) : config.file,
    assumptions: substitution === undefined ? [] : [substitution],
    isSubstituted: substitution !== undefined,
    files: sorted,
  };
  return { app, kubernetesVersion: declaration?.kubernetesVersion ?? kubernetesVersion };
}

function findObjects(
  layout: RepositoryLayout,
  config: DiscoveryConfig,
): { readonly agents: readonly AgentObject[]; readonly crdSources: readonly string[] } {
  const agents: AgentObject[] = [];
  const crdSources: string[] = [];
  for (const [file, facts] of layout.facts) {
    if (facts?.kind !== "manifests" || (!facts.hasCrd && facts.agents.length === 0)) continue;
    if (layout.patches.has(file)) continue;
    if (isFileExcluded(file, layout, config) || isFoundElsewhere(file, layout, config)) continue;
    if (facts.hasCrd) crdSources.push(file);
    for (const { agent, kind, namespace, name } of facts.agents) agents.push({ agent, kind, namespace, name, file });
  }
  const key = (agent: AgentObject): string => [agent.file, agent.kind, agent.namespace, agent.name].join("\n");
  return { agents: agents.sort((left, right) => compare(key(left), key(right))), crdSources: crdSources.sort() };
}

/** Whether this is a link to a file that is looked at under its own name. */
function isFoundElsewhere(file: string, layout: RepositoryLayout, config: DiscoveryConfig): boolean {
  const target = layout.links.get(file);
  return target !== undefined && layout.facts.has(target) && !isFileExcluded(target, layout, config);
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
