import type { CrdSchema, Finding, KubernetesVersion, ListKeys, RawFinding, Rendering, Tree } from "../model/index.ts";
import type { PolicyConfig } from "../config/index.ts";
import { applyLevels, BUILT_IN_RULES } from "../policy/index.ts";
import { listSourceFiles, locateFindings } from "../locate/index.ts";
import { dropExplained, validateManifests, type RuleFacts, type Scope } from "../validate/index.ts";
import type { RenderedSide } from "./compare-app.ts";
import { crdSetOf, recallCrd } from "./crds.ts";
import { readTextFile } from "./load-config.ts";
import type { Store } from "./ports.ts";
import type { RenderMemory } from "./render-memory.ts";
import type { AppRecord } from "./snapshot.ts";

/** One side of a check as rules see it. */
export interface SideFacts {
  readonly tree: Tree;
  /** `<group>/<kind>` → digest of the CRD. */
  readonly crds: ReadonlyMap<string, string>;
  /** CRDs that the other side (the base) has and this one no longer has. */
  readonly removedCrds: ReadonlySet<string>;
}

/** The parts of the rule facts that the Kubernetes version decides. */
export type VersionFacts = Pick<RuleFacts, "kubernetesVersion" | "isVersionAssumed" | "lifecycles" | "scope">;

/** Opens an app's stored rendering with everything that rules say of it, and finds the lines of its findings. */
export interface AppJudge {
  /** As `open`, without what rules say. */
  render(record: AppRecord, side: SideFacts): Promise<Rendering>;
  open(record: AppRecord, side: SideFacts): Promise<RenderedSide>;
  locate(rendered: RenderedSide, side: SideFacts): Promise<readonly Finding[]>;
}

export interface AppJudgeServices {
  readonly memory: RenderMemory;
  readonly store: Store;
  readonly pickKubernetes: (asked: KubernetesVersion | undefined) => KubernetesVersion;
  readonly versionFacts: (asked: KubernetesVersion | undefined) => VersionFacts;
  readonly listKeys: ListKeys;
  /** Levels that the config gives to rules. */
  readonly policy: PolicyConfig;
}

export function createAppJudge(services: AppJudgeServices): AppJudge {
  return {
    render: (record, side) => reopen(record, side, services),
    async open(record, side) {
      const rendering = await reopen(record, side, services);
      return { app: record.app, rendering, findings: judgeRendering(record, rendering, side, services) };
    },
    async locate({ app, rendering, findings }, { tree }) {
      if (rendering.kind === "failed") return [];
      const files = new Map<string, string | undefined>();
      for (const path of listSourceFiles(findings, rendering.manifests, app)) {
        files.set(path, await readTextFile(tree, path));
      }
      return locateFindings(findings, rendering.manifests, app, (path) => files.get(path));
    },
  };
}

/** What the store has lost, or never kept (limits), is rendered again. */
async function reopen(record: AppRecord, side: SideFacts, services: AppJudgeServices): Promise<Rendering> {
  const remembered = services.memory.recall(record.result);
  if (remembered !== undefined) return remembered;
  const crds = { digests: side.crds, loaded: crdSetOf(side.crds, services.store) };
  const version = services.pickKubernetes(record.askedVersion);
  return (await services.memory.render(record.app, version, side.tree, crds)).rendering;
}

function judgeRendering(
  record: AppRecord,
  rendering: Rendering,
  { crds, removedCrds }: SideFacts,
  services: AppJudgeServices,
): readonly RawFinding[] {
  if (rendering.kind === "failed") return [];
  const version = services.versionFacts(record.askedVersion);
  const scope = (group: string, kind: string): Scope =>
    version.scope(group, kind) ?? scopeOfCrd(group, kind, crds, services.store);
  const facts: RuleFacts = { ...version, scope, removedCrds, isSubstituted: record.app.isSubstituted };
  const found = [...dropExplained(rendering.findings, facts), ...validateManifests(rendering.manifests, facts)];
  const { environment } = record.app;
  const { isVersionAssumed } = version;
  return applyLevels(found, BUILT_IN_RULES, services.policy, { environment, isVersionAssumed });
}

/** The scope of a kind that a CRD of the tree defines. */
function scopeOfCrd(group: string, kind: string, crds: ReadonlyMap<string, string>, store: Store): Scope {
  const crd = findCrd(group, kind, crds, store);
  return crd === undefined ? undefined : crd.isNamespaced ? "namespaced" : "cluster";
}

/** The CRD of the tree that defines a kind. */
export function findCrd(
  group: string,
  kind: string,
  crds: ReadonlyMap<string, string>,
  store: Store,
): CrdSchema | undefined {
  const digest = crds.get(`${group}/${kind}`);
  return digest === undefined ? undefined : recallCrd(store, digest);
}
