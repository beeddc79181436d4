import { assembleApps, type FileFacts } from "../discover/index.ts";
import type { RepositoryConfig } from "../config/index.ts";
import type { App, AppId, FailureKind, KubernetesVersion, PlainApp, TreeChange } from "../model/index.ts";
import { CRD_SOURCE_PREFIX, findReaders, type Layout, type Snapshot } from "./snapshot.ts";

/** What could not be reached, or took too long on a busy machine, may be there the next time. */
const PASSING_FAILURES: ReadonlySet<FailureKind> = new Set<FailureKind>(["remote-input", "limit", "engine"]);

/** An app to render, with what the config says of its Kubernetes version. */
export interface PlannedApp {
  readonly app: App;
  readonly askedVersion: KubernetesVersion | undefined;
}

/** What there is to do so that everything is known of a tree. */
export interface RenderPlan {
  readonly stale: ReadonlyMap<AppId, PlannedApp>;
  readonly gone: readonly AppId[];
  readonly layout: Layout;
}

/** Which apps have to be looked at again: those whose definition differs and those that read something changed. */
export function planRenders(
  snapshot: Snapshot,
  facts: ReadonlyMap<string, FileFacts | undefined>,
  changes: readonly TreeChange[] | "everything",
  config: RepositoryConfig,
): RenderPlan {
  const stale = new Map<AppId, PlannedApp>();
  if (changes !== "everything") {
    for (const id of findReaders(
      changes,
      (path) => snapshot.readersOf(path),
      (path) => snapshot.readersThrough(path),
    )) {
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

/** The facts of a whole tree, told as its difference from a snapshot. Cost: the whole repository. */
export function mergeFacts(
  snapshot: Snapshot,
  changed: ReadonlyMap<string, FileFacts | undefined>,
): Map<string, FileFacts> {
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
