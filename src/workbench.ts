import { createHash } from "node:crypto";
import type { RepositoryConfig } from "./config/index.ts";
import { createEgress, type ProxySettings } from "./egress/index.ts";
import type { LoadedConfig } from "./pipeline/load-config.ts";
import { createAppJudge, type VersionFacts } from "./pipeline/app-judge.ts";
import {
  checkTrees,
  type CheckRequest,
  type CheckResult,
  type CheckServices,
  type KubernetesUse,
} from "./pipeline/check.ts";
import { governConfig, type GovernedConfig, type OrganizationRules } from "./pipeline/organization.ts";
import { readTracked, type TrackedRequest, type TrackedTrees } from "./pipeline/read-tracked.ts";
import { createRenderMemory, type RenderMemory, type RenderSettings } from "./pipeline/render-memory.ts";
import type { PolicyEngine } from "./pipeline/policy-ports.ts";
import type { RenderEngine, Store } from "./pipeline/ports.ts";
import { BUILT_IN_RULES, type BaselineEntry } from "./policy/index.ts";
import { decodeSnapshot, SNAPSHOT_FORMAT, type Snapshot } from "./pipeline/snapshot.ts";
import {
  UsageError,
  type KubernetesVersion,
  type PullRequestFacts,
  type Report,
  type TreeChange,
} from "./model/index.ts";
import { loadKubernetesSchemas, pickVersion, readBundledVersions, type KubernetesSchemas } from "./schemas/index.ts";

/** What one repository is checked with, opened once and used for as many checks as wanted. */
export interface Workbench {
  readonly engine: RenderEngine;
  readonly policyEngine: PolicyEngine;
  readonly store: Store;
  /** Changes whenever results of the same inputs may change: Drydock's version, engine builds, the seal key. */
  readonly build: string;
  readonly versions: { readonly drydock: string; readonly engines: Readonly<Record<string, string>> };
  readonly schemasDirectory: string;
  readonly changesBetween: (base: string, head: string) => Promise<readonly TreeChange[]>;
  /** Whether the repository still has this tree: objects that no ref reaches are collected some day. */
  readonly hasTree: (id: string) => Promise<boolean>;
  /** Names the repository among those that share a store. */
  readonly repositoryKey: string;
  /** What connects in our place to hosts that are allowed; none by default. */
  readonly proxies?: ProxySettings | undefined;
}

/** A check as a door asks for it; the snapshot is found here. */
export interface CheckOfTrees extends Omit<CheckRequest, "snapshot" | "config"> {
  /** Of the repository. */
  readonly config: LoadedConfig;
  /** Rules that stand over it; none by default. */
  readonly organization?: OrganizationRules | undefined;
  readonly kubernetesVersion: string | undefined;
  /** Hosts that inputs outside of the repository may be fetched from, as `readAllowedHosts` takes them; none by default. */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly onProgress: (done: number, total: number) => void;
  /** What the pull request says of itself; undefined on the command line. */
  readonly pullRequest?: PullRequestFacts | undefined;
  /** Today in UTC, `2027-01-31`; by default the machine's. */
  readonly today?: string | undefined;
  /** Nobody has, by default. */
  readonly isExceptionApproved?: CheckServices["isExceptionApproved"] | undefined;
}

export interface CheckedTrees {
  readonly report: Report;
  /** What it went by, undefined where nothing was judged. */
  readonly config?: RepositoryConfig;
  /** What policies find on the head, as a baseline has it; undefined where the two could not be merged. */
  readonly baseline?: readonly BaselineEntry[];
  /** Rules of the API server's own policies on the head; undefined where the two could not be merged. */
  readonly listAdmission?: CheckResult["listAdmission"];
  readonly rendered: number;
  readonly reused: number;
  readonly files: number;
}

/** Checks two trees and keeps what was learned for the next check. */
export async function runCheck(bench: Workbench, asked: CheckOfTrees): Promise<CheckedTrees> {
  const config = governConfig(asked.config, asked.organization);
  const check = { ...asked, config };
  const { services, slot } = createServices(bench, check);
  const result = await checkTrees({ ...check, snapshot: await readSnapshot(bench, slot) }, services);
  if (result.snapshot !== undefined) bench.store.write("snapshots", slot, result.snapshot.encode());
  const sum = (pick: (work: (typeof result.work)[number]) => number): number =>
    result.work.reduce((total, work) => total + pick(work), 0);
  return {
    report: result.report,
    config: config.config,
    baseline: result.baseline,
    listAdmission: result.listAdmission,
    rendered: sum((work) => work.rendered),
    reused: sum((work) => work.reused),
    files: sum((work) => work.files),
  };
}

/** Reads what of the apps of two trees is promoted, and keeps what was learned as a check does. */
export async function runTracking(bench: Workbench, asked: CheckOfTrees & TrackedRequest): Promise<TrackedTrees> {
  const check = { ...asked, config: governConfig(asked.config, asked.organization) };
  const { services, slot } = createServices(bench, check);
  const { snapshot, ...tracked } = await readTracked({ ...check, snapshot: await readSnapshot(bench, slot) }, services);
  if (snapshot !== undefined) bench.store.write("snapshots", slot, snapshot.encode());
  return tracked;
}

type GovernedCheck = Omit<CheckOfTrees, "config"> & { readonly config: GovernedConfig };

function createServices(
  bench: Workbench,
  check: GovernedCheck,
): { readonly services: CheckServices; readonly slot: string } {
  const { config } = check;
  const kubernetes = kubernetesOf(bench.schemasDirectory, check.kubernetesVersion, config);
  const memory = createMemory(bench, check);
  const slot = snapshotSlot(bench, check, kubernetes.standard);
  const services: CheckServices = {
    memory,
    store: bench.store,
    rules: BUILT_IN_RULES,
    policyEngine: bench.policyEngine,
    build: bench.build,
    versionFacts: kubernetes.facts,
    pullRequest: check.pullRequest,
    today: check.today ?? new Date().toISOString().slice(0, 10),
    isExceptionApproved: check.isExceptionApproved ?? (() => false),
    config: config.config,
    organization: config.organization,
    pickKubernetes: kubernetes.pick,
    listKeys: kubernetes.newest.listKeys,
    onProgress: check.onProgress,
    changesBetween: bench.changesBetween,
    describeKubernetes: kubernetes.describe,
    versions: bench.versions,
    judge: createAppJudge({
      memory,
      store: bench.store,
      pickKubernetes: kubernetes.pick,
      versionFacts: kubernetes.facts,
      listKeys: kubernetes.newest.listKeys,
      policy: config.config.policy,
    }),
  };
  return { services, slot };
}

function createMemory(
  { engine, store, build, proxies }: Workbench,
  { config, allowedHosts = [] }: GovernedCheck,
): RenderMemory {
  return createRenderMemory(engine, store, build, renderSettings(config), createEgress({ allowedHosts, proxies }));
}

/** What a repository's config says of every render. */
export function renderSettings({ config }: LoadedConfig): RenderSettings {
  const { seconds, outputMiB, files, documents } = config.limits;
  return {
    schemaLocations: config.kubernetes.schemaLocations,
    missingSchema: config.kubernetes.missingSchema,
    limits: { seconds, outputBytes: outputMiB * 1024 * 1024, files, documents },
  };
}

/** What was said about the version of the clusters. */
export interface AskedKubernetes {
  /** `--kubernetes-version`: counts for every app, whatever the config says. */
  readonly flag: string | undefined;
  /** `kubernetes.version` of the config: counts where neither an app nor its environment has one. */
  readonly configured: KubernetesVersion | undefined;
  /** Whether schemas of a version that is not bundled can come from anywhere. */
  readonly hasLocations: boolean;
}

export interface Kubernetes {
  /** The version of apps for which nothing else is said. */
  readonly standard: KubernetesVersion;
  readonly newest: KubernetesSchemas;
  readonly pick: (asked: KubernetesVersion | undefined) => KubernetesVersion;
  readonly facts: (asked: KubernetesVersion | undefined) => VersionFacts;
  readonly describe: (asked: readonly (KubernetesVersion | undefined)[]) => KubernetesUse;
}

/**
 * The Kubernetes versions that a check judges by. A version of the config that is not bundled is taken as it is: its
 * schemas come from the schema locations, or its apps cannot be checked. Throws a UsageError for a flag that is no
 * version, or one that nothing has schemas for.
 */
export function createKubernetes(directory: string, said: AskedKubernetes): Kubernetes {
  const bundled = readBundledVersions(directory);
  const newest = loadKubernetesSchemas(directory, bundled.at(-1) ?? "");
  const { lifecycles, scope } = newest;
  const choose = (asked: string | undefined): ChosenVersion => {
    const wanted = said.flag ?? asked ?? said.configured;
    const picked = pickVersion(bundled, wanted);
    if (picked.kind === "bundled") return picked;
    if (picked.minor === undefined || (said.flag !== undefined && !said.hasLocations))
      throw new UsageError(picked.message);
    return { version: completeVersion(wanted ?? picked.minor), isAssumed: false };
  };
  const { version } = choose(undefined);
  return {
    standard: version,
    newest,
    pick: (asked) => choose(asked).version,
    facts: (asked) => {
      const chosen = choose(asked);
      return { kubernetesVersion: chosen.version, isVersionAssumed: chosen.isAssumed, lifecycles, scope };
    },
    describe: (asked) => describeKubernetes(asked.length === 0 ? [choose(undefined)] : asked.map(choose)),
  };
}

interface ChosenVersion {
  readonly version: KubernetesVersion;
  readonly isAssumed: boolean;
}

function describeKubernetes(chosen: readonly ChosenVersion[]): KubernetesUse {
  const versions = [...new Set(chosen.map(({ version }) => version))].sort(
    new Intl.Collator("en", { numeric: true }).compare,
  );
  const assumed = chosen.find(({ isAssumed }) => isAssumed);
  if (assumed === undefined) return { versions, notes: [] };
  const areAll = chosen.every(({ isAssumed }) => isAssumed);
  const whose = areAll ? "is configured: apps" : "is configured for some apps: they";
  return {
    versions,
    notes: [`No Kubernetes version ${whose} are judged by ${assumed.version}, and APIs it removed only warn.`],
  };
}

/** `1.28` as `1.28.0`: paths of schema locations and charts' conditions are about whole versions. */
function completeVersion(asked: string): KubernetesVersion {
  const [major = "", minor = "", patch = "0"] = asked.replace(/^v|[-+].*$/gu, "").split(".");
  return `${major}.${minor}.${patch}`;
}

/** As `createKubernetes`, by what a config says. */
export function kubernetesOf(directory: string, flag: string | undefined, { config }: LoadedConfig): Kubernetes {
  const { version, schemaLocations } = config.kubernetes;
  return createKubernetes(directory, { flag, configured: version, hasLocations: schemaLocations.length > 0 });
}

/**
 * One snapshot is kept for a repository, its config, the flags and the engines: the tip of the base moves on slowly.
 */
function snapshotSlot(bench: Workbench, check: CheckOfTrees, kubernetes: KubernetesVersion): string {
  const flags = [kubernetes, check.kubernetesVersion !== undefined, [...(check.allowedHosts ?? [])].sort()];
  // What rules ask other apps is remembered with an app, and an organisation's floor switches rules on too.
  const policy = JSON.stringify(check.config.config.policy, (_key, value: unknown) => {
    return value instanceof Map ? [...(value as ReadonlyMap<string, unknown>)] : value;
  });
  const parts = [SNAPSHOT_FORMAT, bench.repositoryKey, bench.build, check.config.text ?? "", policy, ...flags];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

async function readSnapshot({ store, hasTree }: Workbench, slot: string): Promise<Snapshot | undefined> {
  const bytes = store.read("snapshots", slot);
  const snapshot = bytes === undefined ? undefined : decodeSnapshot(bytes);
  return snapshot !== undefined && (await hasTree(snapshot.tree)) ? snapshot : undefined;
}
