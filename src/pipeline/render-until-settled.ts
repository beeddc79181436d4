import {
  nameResource,
  type AppId,
  type CrdSet,
  type KubernetesVersion,
  type Manifest,
  type Trace,
  type Tree,
} from "../model/index.ts";
import type { RepositoryConfig } from "../config/index.ts";
import { claimsOf, listDestinations, partnersOf, type BuiltInRule, type Partners } from "../policy/index.ts";
import { collectCrds } from "../validate/index.ts";
import { roleInAdmission } from "./admission-kinds.ts";
import { crdSetOf, mergeCrds, readCrd, writeCrd } from "./crds.ts";
import type { PlannedApp, RenderPlan } from "./plan-renders.ts";
import type { Store } from "./ports.ts";
import { crdKeyOf, type RememberedRendering, type RenderMemory } from "./render-memory.ts";
import { isCrdSource, type AppRecord, type Snapshot } from "./snapshot.ts";

/** Renders in flight at once: enough to keep every worker busy, few enough to bound memory. */
const RENDERS_IN_FLIGHT = 32;
/** Rounds until CRDs that come out of renders have reached every render that uses them. */
const CRD_ROUNDS = 4;

export interface RenderServices {
  readonly memory: RenderMemory;
  readonly store: Store;
  /** The exact Kubernetes version to judge by, given what the config says for an app. */
  readonly pickKubernetes: (asked: KubernetesVersion | undefined) => KubernetesVersion;
  readonly onProgress: (done: number, total: number) => void;
  /** The built-in rules: what they say is claimed, and what they look for in other apps, is remembered with an app. */
  readonly rules: ReadonlyMap<string, BuiltInRule>;
  readonly config: Pick<RepositoryConfig, "policy">;
}

/** What came of a plan: records of what is not as the snapshot has it, undefined for apps that are gone. */
export interface RenderedApps {
  readonly records: ReadonlyMap<AppId, AppRecord | undefined>;
  readonly traces: ReadonlyMap<AppId, Trace>;
  /** What these apps bring for others and need of them. */
  readonly partners: ReadonlyMap<AppId, Partners>;
  readonly crds: ReadonlyMap<string, string>;
  readonly rendered: number;
  readonly reused: number;
}

/**
 * Renders the stale apps, CRD sources first. CRDs can come out of renders and are an input of others (a `crd:` fact),
 * so whatever was validated against a set that turned out to be another one is rendered again, until nothing moves.
 */
export async function renderUntilCrdsSettle(
  tree: Tree,
  snapshot: Snapshot,
  plan: RenderPlan,
  services: RenderServices,
): Promise<RenderedApps> {
  const records = new Map<AppId, AppRecord | undefined>(plan.gone.map((id) => [id, undefined]));
  const traces = new Map<AppId, Trace>();
  const partners = new Map<AppId, Partners>();
  const work = { rendered: 0, reused: 0 };
  const sources = [...plan.stale.values()].filter(({ app }) => isCrdSource(app.id));
  let pending = [...plan.stale.values()].filter(({ app }) => !isCrdSource(app.id));
  let crds = new Map(snapshot.crds);
  const total = sources.length + pending.length;

  const renderAll = async (apps: readonly PlannedApp[]): Promise<void> => {
    const known = { digests: crds, loaded: narrowCrds(crds, apps, snapshot, records, services.store) };
    await forEachInFlight(apps, async (planned) => {
      const { app, askedVersion } = planned;
      const remembered = await services.memory.render(app, services.pickKubernetes(askedVersion), tree, known);
      work[remembered.isReused ? "reused" : "rendered"] += 1;
      traces.set(app.id, remembered.rendering.trace);
      if (!isCrdSource(app.id)) partners.set(app.id, toPartners(planned, remembered, services));
      const before = records.get(app.id) ?? (plan.stale.has(app.id) ? undefined : snapshot.record(app.id));
      records.set(app.id, toRecord(planned, remembered, before, services));
      services.onProgress(Math.min(work.rendered + work.reused, total), total);
    });
  };

  await renderAll(sources);
  for (let round = 0; round < CRD_ROUNDS; round += 1) {
    if (providesDiffer(snapshot, records)) crds = mergeCrds(currentRecords(snapshot, records), services.store);
    const waiting = new Map(pending.map((planned) => [planned.app.id, planned]));
    for (const id of readersOfMovedCrds(snapshot, crds)) {
      // What is planned or rendered already has the definition of this tree; the snapshot's may be outdated.
      const record = waiting.has(id) || records.has(id) ? undefined : snapshot.record(id);
      if (record !== undefined) waiting.set(id, record);
    }
    for (const record of records.values()) {
      if (record !== undefined && isOutdated(traces.get(record.app.id) ?? [], crds)) waiting.set(record.app.id, record);
    }
    if (waiting.size === 0) break;
    await renderAll([...waiting.values()]);
    pending = [];
  }
  return { records, traces, partners, crds, ...work };
}

/** Whether it was judged with other CRDs than these. */
function isOutdated(trace: Trace, crds: ReadonlyMap<string, string>): boolean {
  return trace.some((fact) => {
    const key = crdKeyOf(fact);
    return key !== undefined && fact.kind === "input" && crds.get(key) !== fact.id;
  });
}

function readersOfMovedCrds(snapshot: Snapshot, crds: ReadonlyMap<string, string>): Set<AppId> {
  const before = new Map(snapshot.crds);
  const moved = new Set([...before.keys(), ...crds.keys()].filter((key) => before.get(key) !== crds.get(key)));
  return new Set([...moved].flatMap((key) => snapshot.readersOf(`crd:${key}`)));
}

function providesDiffer(snapshot: Snapshot, records: ReadonlyMap<AppId, AppRecord | undefined>): boolean {
  for (const [id, record] of records) {
    const before = snapshot.record(id)?.provides ?? [];
    if (JSON.stringify(before) !== JSON.stringify(record?.provides ?? [])) return true;
  }
  return false;
}

function currentRecords(snapshot: Snapshot, changed: ReadonlyMap<AppId, AppRecord | undefined>): AppRecord[] {
  const kept = snapshot.allRecords().filter((record) => !changed.has(record.app.id));
  return [...kept, ...[...changed.values()].filter((record) => record !== undefined)];
}

/**
 * The CRDs that these apps are known to use, so that a small change does not load hundreds of schemas. An app that
 * turns out to use another one is rendered again in the next round; an app never seen before gets the whole set.
 */
function narrowCrds(
  crds: ReadonlyMap<string, string>,
  apps: readonly PlannedApp[],
  snapshot: Snapshot,
  records: ReadonlyMap<AppId, AppRecord | undefined>,
  store: Store,
): CrdSet {
  const wanted = new Set<string>();
  for (const { app } of apps) {
    const record = records.get(app.id) ?? snapshot.record(app.id);
    if (record === undefined && !isCrdSource(app.id)) return crdSetOf(crds, store);
    for (const key of record?.uses ?? []) wanted.add(key);
  }
  return crdSetOf(new Map([...crds].filter(([key]) => wanted.has(key))), store);
}

/**
 * `before` is what is known of the app in the same tree. Its CRDs stand when it fails by judging with them: otherwise a
 * CRD that breaks the app it comes with would go and come back, round after round.
 */
function toRecord(
  { app, askedVersion }: PlannedApp,
  { rendering, result }: RememberedRendering,
  before: AppRecord | undefined,
  { store, rules }: RenderServices,
): AppRecord {
  const manifests = rendering.kind === "rendered" ? rendering.manifests : [];
  return {
    app,
    askedVersion,
    result,
    failure: rendering.kind === "failed" ? rendering.failure : undefined,
    resources: manifests.length,
    provides: rendering.kind === "failed" && before !== undefined ? before.provides : keepCrds(manifests, store),
    uses: rendering.trace.flatMap((fact) => crdKeyOf(fact) ?? []).sort(),
    claims: claimsOf(manifests, app.environment, rules).map(({ claim, manifest }) => {
      return { key: claim.key, resource: nameResource(manifest.resource), source: manifest.origin.file };
    }),
    destinations: listDestinations(manifests),
    holdsPolicies: manifests.some(({ resource }) => roleInAdmission(resource) !== undefined),
  };
}

function toPartners(
  { app, askedVersion }: PlannedApp,
  { rendering }: RememberedRendering,
  { rules, config: { policy }, pickKubernetes }: RenderServices,
): Partners {
  const manifests = rendering.kind === "rendered" ? rendering.manifests : [];
  const { environment } = app;
  const facts = { kubernetes: pickKubernetes(askedVersion), environment, creators: new Set(policy.creators) };
  return partnersOf(manifests, facts, rules, policy);
}

/** Puts the CRDs among manifests where they are found by digest. */
function keepCrds(manifests: readonly Manifest[], store: Store): AppRecord["provides"] {
  const provided = [...collectCrds(manifests).byKind];
  for (const [, crd] of provided) if (readCrd(store, crd.digest) === undefined) writeCrd(store, crd);
  return provided.map(([key, crd]) => [key, crd.digest] as const).sort(([a], [b]) => (a < b ? -1 : 1));
}

async function forEachInFlight<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const run = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(RENDERS_IN_FLIGHT, items.length) }, run));
}
