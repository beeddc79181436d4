import {
  analyzeFile,
  assembleApps,
  isExcluded,
  keepBuilt,
  mayMatter,
  type Discovery,
  type FileFacts,
} from "../discover/index.ts";
import type { RepositoryConfig } from "../config/index.ts";
import type {
  App,
  AppId,
  CrdSet,
  FailureKind,
  KubernetesVersion,
  Manifest,
  PlainApp,
  Trace,
  Tree,
  TreeChange,
  TreeFile,
} from "../model/index.ts";
import { collectCrds } from "../validate/index.ts";
import { crdSetOf, mergeCrds, readCrd, writeCrd } from "./crds.ts";
import type { Store } from "./ports.ts";
import { crdKeyOf, inputsHold, type RememberedRendering, type RenderMemory } from "./render-memory.ts";
import {
  buildSnapshot,
  CRD_SOURCE_PREFIX,
  foldersAbove,
  indexReaders,
  isCrdSource,
  type AppRecord,
  type Layout,
  type Snapshot,
} from "./snapshot.ts";

/** Renders in flight at once: enough to keep every worker busy, few enough to bound memory. */
const RENDERS_IN_FLIGHT = 32;
/** Blobs asked from git in one batch while discovering. */
const BLOBS_PER_BATCH = 512;
/** Rounds until CRDs that come out of renders have reached every render that uses them. */
const CRD_ROUNDS = 4;

/** What could not be reached, or took too long on a busy machine, may be there the next time. */
const PASSING_FAILURES: ReadonlySet<FailureKind> = new Set<FailureKind>(["remote-input", "limit", "engine"]);

export interface SurveyServices {
  readonly memory: RenderMemory;
  readonly store: Store;
  readonly config: RepositoryConfig;
  /** The exact Kubernetes version to judge by, given what the config says for an app. */
  readonly pickKubernetes: (asked: KubernetesVersion | undefined) => KubernetesVersion;
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Everything known of one tree, told as its difference from a snapshot of a (usually near) other tree: apps that are
 * not in `changed` are in this tree exactly as the snapshot has them.
 */
export interface Survey {
  readonly tree: Tree;
  readonly snapshot: Snapshot;
  /** Undefined where the app is not in this tree. */
  readonly changed: ReadonlyMap<AppId, AppRecord | undefined>;
  readonly traces: ReadonlyMap<AppId, Trace>;
  readonly facts: ReadonlyMap<string, FileFacts | undefined>;
  readonly layout: Layout;
  readonly crds: ReadonlyMap<string, string>;
  readonly work: { readonly rendered: number; readonly reused: number; readonly files: number };
}

/**
 * Discovers and renders what differs in `tree` from `snapshot`; `changes` leads from the snapshot's tree to it. `base` is
 * the survey that a head is compared with: what was built there is not left out on the head.
 */
export async function surveyTree(
  tree: Tree,
  snapshot: Snapshot,
  changes: readonly TreeChange[] | "everything",
  services: SurveyServices,
  base?: Pick<Survey, "facts" | "snapshot">,
): Promise<Survey> {
  const analyzed = await analyzeChanges(tree, changes, services.config);
  const facts = base === undefined ? analyzed : keepBuiltFiles(analyzed, base);
  const plan = planRenders(snapshot, facts, changes, services.config);
  const rendered = await renderUntilCrdsSettle(tree, snapshot, plan, services);
  return {
    tree,
    snapshot,
    changed: rendered.records,
    traces: rendered.traces,
    facts,
    layout: plan.layout,
    crds: rendered.crds,
    work: { rendered: rendered.rendered, reused: rendered.reused, files: facts.size },
  };
}

/** Also where the head is as the snapshot has it and only the base differs: that is a change like any other. */
function keepBuiltFiles(
  facts: ReadonlyMap<string, FileFacts | undefined>,
  base: Pick<Survey, "facts" | "snapshot">,
): ReadonlyMap<string, FileFacts | undefined> {
  const kept = new Map<string, FileFacts | undefined>();
  for (const [path, after] of facts) {
    const before = base.facts.has(path) ? base.facts.get(path) : base.snapshot.factsOf(path);
    kept.set(path, keepBuilt(before, after));
  }
  for (const [path, before] of base.facts) {
    if (!facts.has(path)) kept.set(path, keepBuilt(before, base.snapshot.factsOf(path)));
  }
  return kept;
}

/** The record of an app in this tree. */
export function recordOf(survey: Survey, id: AppId): AppRecord | undefined {
  return survey.changed.has(id) ? survey.changed.get(id) : survey.snapshot.record(id);
}

/** All records of this tree, CRD sources among them, sorted by id. Cost: the whole repository. */
export function allRecords(survey: Survey): AppRecord[] {
  const records = new Map(survey.snapshot.allRecords().map((record) => [record.app.id, record]));
  for (const [id, record] of survey.changed) {
    if (record === undefined) records.delete(id);
    else records.set(id, record);
  }
  return [...records.values()].sort((a, b) => (a.app.id < b.app.id ? -1 : 1));
}

/** Makes the survey a snapshot of its own. Cost: the whole repository. */
export function toSnapshot(survey: Survey): Snapshot {
  const facts = mergeFacts(survey.snapshot, survey.facts);
  const records = allRecords(survey);
  const readers = mergeReaders(survey);
  return buildSnapshot({ tree: survey.tree.id, facts, records, readers, crds: survey.crds, layout: survey.layout });
}

/**
 * Taken over from the snapshot for apps that stand as they were, not from their stored traces: one that is lost, or
 * was never kept, would leave an app that no change leads to.
 */
function mergeReaders({ snapshot, changed, traces }: Survey): Map<string, AppId[]> {
  const readers = indexReaders(traces);
  for (const [path, ids] of snapshot.allReaders()) {
    const kept = ids.filter((id) => !changed.has(id));
    if (kept.length > 0) readers.set(path, [...kept, ...(readers.get(path) ?? [])]);
  }
  return readers;
}

/** The apps of one tree, looked for afresh. */
export async function discoverTree(tree: Tree, config: RepositoryConfig): Promise<Discovery> {
  return assembleApps(await analyzeChanges(tree, "everything", config), config);
}

/** Facts of every file that differs; undefined for one that is gone. What discovery leaves out is left out here. */
async function analyzeChanges(
  tree: Tree,
  changes: readonly TreeChange[] | "everything",
  config: RepositoryConfig,
): Promise<Map<string, FileFacts | undefined>> {
  const facts = new Map<string, FileFacts | undefined>();
  const present: TreeFile[] = [];
  if (changes === "everything") {
    for await (const file of tree.walk("", (directory) => isExcluded(directory, config))) {
      if (!isExcluded(file.path, config)) present.push(file);
    }
  } else {
    const seen = changes.filter(({ path }) => !isExcluded(path, config));
    for (const { path } of seen) facts.set(path, undefined);
    present.push(...(await presentFiles(tree, seen)));
  }
  for (const { path } of present) facts.set(path, { kind: "other" });
  const relevant = present.filter((file) => file.kind === "file" && mayMatter(file.path));
  for (let start = 0; start < relevant.length; start += BLOBS_PER_BATCH) {
    const batch = relevant.slice(start, start + BLOBS_PER_BATCH);
    const blobs = await tree.readBlobs(batch.map((file) => file.id));
    batch.forEach((file, index) => facts.set(file.path, analyzeFile(file.path, blobs[index] ?? new Uint8Array())));
  }
  return facts;
}

async function presentFiles(tree: Tree, changes: readonly TreeChange[]): Promise<TreeFile[]> {
  const files: TreeFile[] = [];
  for (const { path, action } of changes) {
    if (action === "removed") continue;
    const found = await tree.resolve(path);
    const isItself = found.kind === "file" && found.path === path;
    files.push(isItself ? { path, kind: "file", id: found.id } : { path, kind: "symlink", id: "" });
  }
  return files;
}

/** An app to render, with what the config says of its Kubernetes version. */
interface PlannedApp {
  readonly app: App;
  readonly askedVersion: KubernetesVersion | undefined;
}

interface RenderPlan {
  readonly stale: ReadonlyMap<AppId, PlannedApp>;
  readonly gone: readonly AppId[];
  readonly layout: Layout;
}

/** Which apps have to be looked at again: those whose definition differs and those that read something changed. */
function planRenders(
  snapshot: Snapshot,
  facts: ReadonlyMap<string, FileFacts | undefined>,
  changes: readonly TreeChange[] | "everything",
  config: RepositoryConfig,
): RenderPlan {
  const stale = new Map<AppId, PlannedApp>();
  if (changes !== "everything") {
    for (const id of findReaders(snapshot, changes)) {
      const record = snapshot.record(id);
      if (record !== undefined) stale.set(id, record);
    }
    for (const id of snapshot.failed) {
      const record = snapshot.record(id);
      if (record?.failure !== undefined && PASSING_FAILURES.has(record.failure.kind)) stale.set(id, record);
    }
    if (!isLayoutTouched(snapshot, facts)) return { stale, gone: [], layout: snapshot.layout };
  }
  const { present, layout } = layOut(snapshot, facts, config);
  const known = new Map(snapshot.allRecords().map((record) => [record.app.id, definitionOf(record)]));
  for (const id of [...stale.keys()]) if (!present.has(id)) stale.delete(id);
  for (const [id, planned] of present) {
    if (stale.has(id) || known.get(id) !== definitionOf(planned)) stale.set(id, planned);
  }
  return { stale, gone: [...known.keys()].filter((id) => !present.has(id)), layout };
}

function layOut(
  snapshot: Snapshot,
  facts: ReadonlyMap<string, FileFacts | undefined>,
  config: RepositoryConfig,
): { present: ReadonlyMap<AppId, PlannedApp>; layout: Layout } {
  const discovery = assembleApps(mergeFacts(snapshot, facts), config);
  const apps = [...discovery.apps, ...toCrdSourceApps(discovery.crdSources)];
  const present = new Map(apps.map((app) => [app.id, { app, askedVersion: discovery.kubernetesVersions.get(app.id) }]));
  return { present, layout: { agents: discovery.agents, notes: discovery.notes } };
}

function mergeFacts(snapshot: Snapshot, changed: ReadonlyMap<string, FileFacts | undefined>): Map<string, FileFacts> {
  const facts = snapshot.allFacts();
  for (const [path, fact] of changed) {
    if (fact === undefined) facts.delete(path);
    else facts.set(path, fact);
  }
  return facts;
}

function definitionOf({ app, askedVersion }: PlannedApp): string {
  return JSON.stringify([app, askedVersion]);
}

function isLayoutTouched(snapshot: Snapshot, facts: ReadonlyMap<string, FileFacts | undefined>): boolean {
  for (const [path, fact] of facts) {
    if (JSON.stringify(snapshot.factsOf(path)) !== JSON.stringify(fact)) return true;
  }
  return false;
}

/** A path that appears, goes or changes its kind alters the listing of every directory above it that it makes or empties. */
function findReaders(snapshot: Snapshot, changes: readonly TreeChange[]): Set<AppId> {
  const ids = new Set<AppId>();
  const paths = new Set<string>();
  for (const { path, action } of changes) {
    paths.add(path);
    if (action === "modified") continue;
    for (const folder of foldersAbove(path)) paths.add(folder);
    paths.add("");
    for (const id of snapshot.readersThrough(path)) ids.add(id);
  }
  for (const path of paths) for (const id of snapshot.readersOf(path)) ids.add(id);
  return ids;
}

/** One app of plain files a directory, rendered only for the CRDs in it. */
function toCrdSourceApps(files: readonly string[]): PlainApp[] {
  const byDirectory = new Map<string, string[]>();
  for (const file of files) {
    const directory = file.slice(0, Math.max(0, file.lastIndexOf("/")));
    const siblings = byDirectory.get(directory);
    if (siblings === undefined) byDirectory.set(directory, [file]);
    else siblings.push(file);
  }
  return [...byDirectory].map(([path, siblings]) => ({
    id: `${CRD_SOURCE_PREFIX}${path}`,
    kind: "plain",
    path,
    files: siblings,
    environment: undefined,
    isEnvironmentDeclared: false,
    guessed: true,
    declaredIn: siblings[0] ?? path,
    assumptions: [],
    isSubstituted: false,
  }));
}

interface RenderedApps {
  readonly records: ReadonlyMap<AppId, AppRecord | undefined>;
  readonly traces: ReadonlyMap<AppId, Trace>;
  readonly crds: ReadonlyMap<string, string>;
  readonly rendered: number;
  readonly reused: number;
}

/**
 * Renders the stale apps, CRD sources first. CRDs can come out of renders and are an input of others (a `crd:` fact),
 * so whatever was validated against a set that turned out to be another one is rendered again, until nothing moves.
 */
async function renderUntilCrdsSettle(
  tree: Tree,
  snapshot: Snapshot,
  plan: RenderPlan,
  services: SurveyServices,
): Promise<RenderedApps> {
  const records = new Map<AppId, AppRecord | undefined>(plan.gone.map((id) => [id, undefined]));
  const traces = new Map<AppId, Trace>();
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
      const before = records.get(app.id) ?? (plan.stale.has(app.id) ? undefined : snapshot.record(app.id));
      records.set(app.id, toRecord(planned, remembered, before, services.store));
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
      if (record !== undefined && isOutdated(traces.get(record.app.id), crds)) waiting.set(record.app.id, record);
    }
    if (waiting.size === 0) break;
    await renderAll([...waiting.values()]);
    pending = [];
  }
  return { records, traces, crds, ...work };
}

function isOutdated(trace: Trace | undefined, crds: ReadonlyMap<string, string>): boolean {
  return (
    trace !== undefined &&
    !inputsHold(
      trace.filter((fact) => crdKeyOf(fact) !== undefined),
      crds,
    )
  );
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
  store: Store,
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
  };
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
