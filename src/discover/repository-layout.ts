import type { DiscoveryConfig } from "./discovery-config.ts";
import type { AgentFacts, ChartFacts, ContentFacts, FileFacts, KustomizationFacts } from "./file-facts.ts";
import { followLinks, followPath } from "./follow-links.ts";
import type { FollowedLinks } from "./follow-links.ts";
import { isMatch } from "./is-excluded.ts";
import { baseName, folderOf, resolvePath } from "./repository-path.ts";

export interface KustomizationFolder {
  readonly file: string;
  readonly facts: KustomizationFacts;
  /** What it names, relative to the repository's root, itself left out; through links also what these lead to. */
  readonly references: readonly string[];
  /** Those of `references` that it names as patches alone. */
  readonly patches: readonly string[];
}

export interface ChartFolder {
  readonly file: string;
  readonly facts: ChartFacts;
  /** Folders of its `file://` dependencies, relative to the repository's root. */
  readonly dependencies: readonly string[];
}

/** What discovery's rules say about one folder, by what is in it and above it. */
export interface FolderState {
  readonly isExcluded: boolean;
  readonly isIncluded: boolean;
  /** The chart that this folder belongs to, its own folder included. */
  readonly chart: string | undefined;
  /** The nearest folder with a kustomization, this one included: it decides what of this folder is built. */
  readonly kustomization: string | undefined;
}

/** The repository as discovery sees it: files by folder, and the folders that mean something. */
export interface RepositoryLayout {
  /** Every folder with its state, parents before children. */
  readonly folders: ReadonlyMap<string, FolderState>;
  /** Folder → the names of the files directly in it that can be values files. */
  readonly fileNames: ReadonlyMap<string, readonly string[]>;
  /** Folder → the files directly in it that are manifests, templates of them, or links that nobody can read. */
  readonly manifests: ReadonlyMap<string, readonly string[]>;
  readonly kustomizations: ReadonlyMap<string, KustomizationFolder>;
  readonly charts: ReadonlyMap<string, ChartFolder>;
  /** Folders and files that some kustomization names. */
  readonly referenced: ReadonlySet<string>;
  /** Files that kustomizations name as patches alone: what they hold are parts of objects that stand elsewhere. */
  readonly patches: ReadonlySet<string>;
  /** Folders that an Argo CD or Flux object applies, but for the root. */
  readonly agentFolders: ReadonlySet<string>;
  readonly facts: FollowedLinks["facts"];
  readonly links: FollowedLinks["links"];
}

/** Arranges the facts of all files by folder. Linear in files and references. */
export function layOutRepository(
  given: ReadonlyMap<string, FileFacts | undefined>,
  config: DiscoveryConfig,
): RepositoryLayout {
  const { facts, links } = followLinks(given);
  const fileNames = new Map<string, string[]>();
  const manifests = new Map<string, string[]>();
  const kustomizations = new Map<string, KustomizationFolder>();
  const charts = new Map<string, ChartFolder>();
  const agentFolders = new Set<string>();
  for (const [path, file] of facts) {
    if (file === undefined) continue;
    const folder = folderOf(path);
    if (file.kind === "kustomization") addKustomization(kustomizations, path, file, links);
    else if (file.kind === "chart") charts.set(folder, readChartFolder(path, file, facts, links));
    else if (file.kind === "manifests" || file.kind === "template") addTo(manifests, folder, path);
    else addTo(fileNames, folder, baseName(path));
    // Nobody knows whether values or manifests were meant.
    if (file.kind === "unreadable") addTo(manifests, folder, path);
    if (file.kind === "manifests" && file.agents.length > 0)
      for (const applied of file.agents.flatMap((agent) => appliedFolders(agent, links))) agentFolders.add(applied);
  }
  const referenced = new Set<string>();
  for (const { references } of kustomizations.values()) for (const path of references) referenced.add(path);
  const states = new Map<string, FolderState>();
  for (const group of [fileNames, manifests, kustomizations, charts]) {
    for (const folder of group.keys()) judgeFolder(folder, states, kustomizations, charts, agentFolders, config);
  }
  const patches = findPatches(kustomizations);
  const found = { fileNames, manifests, kustomizations, charts, referenced, patches, agentFolders };
  return { folders: states, ...found, facts, links };
}

function addTo(groups: Map<string, string[]>, key: string, item: string): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [item]);
  else group.push(item);
}

function addKustomization(
  known: Map<string, KustomizationFolder>,
  path: string,
  facts: KustomizationFacts,
  links: FollowedLinks["links"],
): void {
  const folder = folderOf(path);
  const other = known.get(folder);
  // Two files in one folder: kustomize refuses them; the smaller name stands for both, whatever the order.
  if (other !== undefined && other.file < path) return;
  const resolve = (reference: string): string[] => {
    const resolved = resolvePath(folder, reference);
    if (resolved === undefined) return [];
    return [...new Set([resolved, followPath(resolved, links)])].filter((named) => named !== folder);
  };
  const references = facts.references.flatMap(resolve);
  known.set(folder, { file: path, facts, references, patches: facts.patches.flatMap(resolve) });
}

function findPatches(kustomizations: ReadonlyMap<string, KustomizationFolder>): ReadonlySet<string> {
  const patches = new Set<string>();
  for (const kustomization of kustomizations.values()) for (const path of kustomization.patches) patches.add(path);
  if (patches.size === 0) return patches;
  for (const { references, patches: own } of kustomizations.values()) {
    const named = new Set(own);
    for (const path of references) if (!named.has(path)) patches.delete(path);
  }
  return patches;
}

function readChartFolder(
  path: string,
  facts: ChartFacts,
  files: ReadonlyMap<string, ContentFacts | undefined>,
  links: FollowedLinks["links"],
): ChartFolder {
  const folder = folderOf(path);
  const requirements = files.get(folder === "" ? "requirements.yaml" : `${folder}/requirements.yaml`);
  const old = requirements?.kind === "requirements" ? requirements.fileDependencies : [];
  const dependencies = [...facts.fileDependencies, ...old].flatMap((path) => {
    const dependency = resolvePath(folder, path);
    return dependency === undefined ? [] : [followPath(dependency, links)];
  });
  return { file: path, facts, dependencies };
}

/** The folders of this repository that an agent's object applies. */
export function appliedFolders(agent: AgentFacts, links: FollowedLinks["links"]): readonly string[] {
  // An artifact or a bucket has paths of its own.
  if (agent.source !== "" && !agent.source.startsWith("GitRepository/")) return [];
  return agent.paths.flatMap((path) => {
    const folder = resolvePath("", path.replace(/^\/+/, ""));
    const real = folder === undefined ? "" : followPath(folder, links);
    return real === "" ? [] : [real];
  });
}

const OUTSIDE: FolderState = { isExcluded: false, isIncluded: false, chart: undefined, kustomization: undefined };
/** The folders of a chart at the repository's root: everything else beside it is not the chart's. */
const CHART_PARTS = new Set(["templates", "charts", "crds"]);

/** Finds the state of a folder and, before it, of those above it. */
function judgeFolder(
  folder: string,
  states: Map<string, FolderState>,
  kustomizations: ReadonlyMap<string, KustomizationFolder>,
  charts: ReadonlyMap<string, ChartFolder>,
  agentFolders: ReadonlySet<string>,
  config: DiscoveryConfig,
): FolderState {
  const known = states.get(folder);
  if (known !== undefined) return known;
  const parent =
    folder === "" ? OUTSIDE : judgeFolder(folderOf(folder), states, kustomizations, charts, agentFolders, config);
  const isBesideRootChart = parent.chart === "" && !folder.includes("/") && !CHART_PARTS.has(folder);
  const chart = isBesideRootChart ? undefined : parent.chart;
  const above = agentFolders.has(folder) ? undefined : parent.kustomization;
  const state = {
    isExcluded: parent.isExcluded || isMatch(folder, config.exclude),
    isIncluded: parent.isIncluded || isMatch(folder, config.include),
    chart: chart ?? (charts.has(folder) ? folder : undefined),
    kustomization: kustomizations.has(folder) ? folder : above,
  };
  states.set(folder, state);
  return state;
}

/** Whether `include` and `exclude` leave this file out. */
export function isFileExcluded(path: string, layout: RepositoryLayout, config: DiscoveryConfig): boolean {
  return isFileOfFolderExcluded(path, layout.folders.get(folderOf(path)) ?? OUTSIDE, config);
}

/** The same, where the state of the file's folder is at hand. */
export function isFileOfFolderExcluded(path: string, state: FolderState, config: DiscoveryConfig): boolean {
  if (state.isExcluded || isMatch(path, config.exclude)) return true;
  return !state.isIncluded && !isMatch(path, config.include);
}
