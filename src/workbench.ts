import { createHash } from "node:crypto";
import type { LoadedConfig } from "./pipeline/load-config.ts";
import { createAppJudge, type VersionFacts } from "./pipeline/app-judge.ts";
import { checkTrees, type CheckServices } from "./pipeline/check.ts";
import { createRenderMemory, type RenderMemory, type RenderSettings } from "./pipeline/render-memory.ts";
import type { RenderEngine, Store } from "./pipeline/ports.ts";
import { decodeSnapshot, type Snapshot } from "./pipeline/snapshot.ts";
import {
  UsageError,
  type KubernetesVersion,
  type Report,
  type Side,
  type Tree,
  type TreeChange,
} from "./model/index.ts";
import { loadKubernetesSchemas, pickVersion, readBundledVersions, type KubernetesSchemas } from "./schemas/index.ts";

/** What one repository is checked with, opened once and used for as many checks as wanted. */
export interface Workbench {
  readonly engine: RenderEngine;
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
}

export interface CheckOfTrees {
  readonly repository: string;
  readonly base: Side;
  readonly head: Side;
  readonly baseTree: Tree;
  readonly headTree: Tree;
  readonly config: LoadedConfig;
  readonly isAll: boolean;
  readonly kubernetesVersion: string | undefined;
  readonly onProgress: (done: number, total: number) => void;
}

export interface CheckedTrees {
  readonly report: Report;
  readonly rendered: number;
  readonly reused: number;
  readonly files: number;
}

/** Checks two trees and keeps what was learned for the next check. */
export async function runCheck(bench: Workbench, check: CheckOfTrees): Promise<CheckedTrees> {
  const { config } = check;
  const kubernetes = createKubernetes(
    bench.schemasDirectory,
    check.kubernetesVersion ?? config.config.kubernetes.version,
  );
  const memory = createMemory(bench, config);
  const slot = snapshotSlot(bench, config, kubernetes.standard);
  const services: CheckServices = {
    memory,
    store: bench.store,
    config: config.config,
    pickKubernetes: kubernetes.pick,
    listKeys: kubernetes.newest.listKeys,
    onProgress: check.onProgress,
    changesBetween: bench.changesBetween,
    notes: kubernetes.notes,
    versions: { ...bench.versions, kubernetes: [kubernetes.standard] },
    judge: createAppJudge({
      memory,
      store: bench.store,
      pickKubernetes: kubernetes.pick,
      versionFacts: kubernetes.facts,
      listKeys: kubernetes.newest.listKeys,
    }),
  };
  const result = await checkTrees({ ...check, snapshot: await readSnapshot(bench, slot) }, services);
  if (result.snapshot !== undefined) bench.store.write("snapshots", slot, result.snapshot.encode());
  const sum = (pick: (work: (typeof result.work)[number]) => number): number =>
    result.work.reduce((total, work) => total + pick(work), 0);
  return {
    report: result.report,
    rendered: sum((work) => work.rendered),
    reused: sum((work) => work.reused),
    files: sum((work) => work.files),
  };
}

function createMemory(bench: Workbench, config: LoadedConfig): RenderMemory {
  return createRenderMemory(bench.engine, bench.store, bench.build, renderSettings(config));
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

export interface Kubernetes {
  /** The version of apps for which nothing else is said. */
  readonly standard: KubernetesVersion;
  readonly newest: KubernetesSchemas;
  readonly notes: readonly string[];
  readonly pick: (asked: KubernetesVersion | undefined) => KubernetesVersion;
  readonly facts: (asked: KubernetesVersion | undefined) => VersionFacts;
}

/** The Kubernetes versions that a check judges by. Throws a UsageError for one that is not bundled. */
export function createKubernetes(directory: string, standard: string | undefined): Kubernetes {
  const bundled = readBundledVersions(directory);
  const opened = new Map<KubernetesVersion, KubernetesSchemas>();
  const open = (version: KubernetesVersion): KubernetesSchemas => {
    const schemas = opened.get(version) ?? loadKubernetesSchemas(directory, version);
    opened.set(version, schemas);
    return schemas;
  };
  const choose = (asked: string | undefined): { version: KubernetesVersion; isAssumed: boolean } => {
    const picked = pickVersion(bundled, asked ?? standard);
    if (picked.kind === "not-bundled") throw new UsageError(picked.message);
    return picked;
  };
  const { version, isAssumed } = choose(undefined);
  const newest = open(bundled.at(-1) ?? version);
  return {
    standard: version,
    newest,
    notes: isAssumed
      ? [`No Kubernetes version is configured: apps are judged by ${version}, and APIs it removed only warn.`]
      : [],
    pick: (asked) => choose(asked).version,
    facts: (asked) => {
      const chosen = choose(asked);
      const { lifecycles, scope } = open(chosen.version);
      return { kubernetesVersion: chosen.version, isVersionAssumed: chosen.isAssumed, lifecycles, scope };
    },
  };
}

/** One snapshot is kept for a repository, its config and the engines: the tip of the base moves on slowly. */
function snapshotSlot(bench: Workbench, config: LoadedConfig, kubernetes: KubernetesVersion): string {
  const parts = [bench.repositoryKey, bench.build, config.text ?? "", kubernetes];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

async function readSnapshot({ store, hasTree }: Workbench, slot: string): Promise<Snapshot | undefined> {
  const bytes = store.read("snapshots", slot);
  const snapshot = bytes === undefined ? undefined : decodeSnapshot(bytes);
  return snapshot !== undefined && (await hasTree(snapshot.tree)) ? snapshot : undefined;
}
