import type { App } from "../model/index.ts";

/** A resource that claims something, as far as it says where it ends up. */
export interface Claimant {
  /** As messages name it: `Ingress/shop/web`. */
  readonly resource: string;
  /** The file that it comes from: what two apps make of one file are copies of each other. */
  readonly source: string;
  readonly app: App;
}

/** Words of folders and names that tell stages, of which each usually has a cluster or hosts of its own. */
const STAGES =
  /^(?:dev|develop|development|test|testing|tst|qa|qs|uat|sit|int|integration|stage|staging|stg|preview|pre|preprod|nonprod|sandbox|demo|perf|load|canary|prod|production|prd|live|local|ci)\d*$/u;

/** Words that tell clusters, regions and providers. */
const CLUSTERS =
  /^(?:cluster|region|zone|site|dc|edge|hub|spoke|mgmt|onprem|dr|blue|green|primary|secondary|eu|us|uk|ap|apac|emea|amer|latam|asia|europe|america|africa|australia|east|west|north|south|central|northeast|northwest|southeast|southwest|aws|gcp|azure|eks|gke|aks|kind|k3s)\d*$/u;

/** Folders whose folders are clusters, whatever they are called. */
const CLUSTER_FOLDERS = new Set([
  "cluster",
  "clusters",
  "region",
  "regions",
  "site",
  "sites",
  "datacenters",
  "locations",
]);

/** Folders that every app may have: they tell nothing apart. */
const CONVENTIONAL =
  /^(?:base|chart|charts|config|deploy|deployment|helm|ingress|k8s|kubernetes|kustomize|manifests|overlay|overlays)$/u;

/**
 * Whether two different resources certainly end up in one cluster: by environment, and by nothing that tells them apart.
 * A repository does not say which clusters there are, so what is not certain is taken to be apart. `isOnePlace` says
 * whether the repository is for a single place, as far as it shows.
 */
export function areInOneCluster(a: Claimant, b: Claimant, isOnePlace: () => boolean): boolean {
  if (a.app.id === b.app.id) return true;
  const { environment } = a.app;
  if (environment !== b.app.environment) return false;
  const [left, right] = [splitPath(a.app), splitPath(b.app)];
  const parts = tellApart(left.rest, right.rest);
  if ([...parts.left, ...parts.right].some(isClusterWord) || parts.isBelowClusters) return false;
  if (a.app.isEnvironmentDeclared && b.app.isEnvironmentDeclared) return true;
  if (environment === undefined) {
    if ([...parts.left, ...parts.right].some(isStageWord) || !isOnePlace()) return false;
    // Nothing says that a chart is released with the values that it comes with.
    if ([a, b].some(({ app }) => app.kind === "helm" && app.guessed)) return false;
  } else if (left.root !== undefined && left.root === right.root) return true;
  return !areCopies(a, b) && !parts.areParallel;
}

interface SplitPath {
  /** Up to the folder of the environment; undefined where no folder is named for it. */
  readonly root: string | undefined;
  /** Folders without it. */
  readonly rest: readonly string[];
}

function splitPath({ path, environment }: App): SplitPath {
  const folders = path.split("/").filter((folder) => folder !== "");
  const at = environment === undefined ? -1 : folders.indexOf(environment, 1);
  if (at < 0) return { root: undefined, rest: folders };
  return { root: folders.slice(0, at + 1).join("/"), rest: [...folders.slice(0, at - 1), ...folders.slice(at + 1)] };
}

interface Difference {
  /** Words of the folders in which the paths differ. */
  readonly left: readonly string[];
  readonly right: readonly string[];
  readonly isBelowClusters: boolean;
  /** Whether both end alike below folders that differ, as the copies of one app for two places do. */
  readonly areParallel: boolean;
}

function tellApart(a: readonly string[], b: readonly string[]): Difference {
  const [left, right] = [[...a], [...b]];
  let above: string | undefined;
  while (left.length > 0 && left[0] === right[0]) {
    above = left.shift();
    right.shift();
  }
  let areParallel = false;
  while (left.length > 0 && left.at(-1) === right.at(-1)) {
    if (!CONVENTIONAL.test(left.pop() ?? "")) areParallel = true;
    right.pop();
  }
  return {
    ...{ left: left.flatMap(listWords), right: right.flatMap(listWords) },
    isBelowClusters: above !== undefined && CLUSTER_FOLDERS.has(above),
    areParallel: areParallel && left.length + right.length > 0,
  };
}

/** Objects of one kind with one name in two namespaces, with names that tell stages apart, or made of one file. */
function areCopies(a: Claimant, b: Claimant): boolean {
  if (a.source === b.source) return true;
  const nameOf = ({ resource }: Claimant): string => resource.slice(resource.lastIndexOf("/") + 1);
  const [left, right] = [nameOf(a), nameOf(b)];
  if (left === right) return true;
  const [ofLeft, ofRight] = [new Set(listWords(left)), new Set(listWords(right))];
  const differing = [
    ...[...ofLeft].filter((word) => !ofRight.has(word)),
    ...[...ofRight].filter((word) => !ofLeft.has(word)),
  ];
  const { environment } = a.app;
  return differing.some((word) => isClusterWord(word) || (environment === undefined && isStageWord(word)));
}

function listWords(text: string): readonly string[] {
  return text.toLowerCase().split(/[^a-z0-9]+/u);
}

function isStageWord(word: string): boolean {
  return STAGES.test(word);
}

function isClusterWord(word: string): boolean {
  return CLUSTERS.test(word);
}
