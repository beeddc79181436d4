import { assembleApps, type Discovery } from "../discover/index.ts";
import type { RepositoryConfig } from "../config/index.ts";
import type { AppId, Trace, Tree, TreeChange } from "../model/index.ts";
import { NO_PARTNERS, type Partners } from "../policy/index.ts";
import { analyzeChanges, analyzeTree, keepBuiltFiles, type AnalyzedFiles, type BuiltFiles } from "./analyze-changes.ts";
import { mergeFacts, planRenders } from "./plan-renders.ts";
import { renderUntilCrdsSettle, type RenderServices } from "./render-until-settled.ts";
import { buildSnapshot, indexReaders, isCrdSource, type AppRecord, type Layout, type Snapshot } from "./snapshot.ts";

export interface SurveyServices extends RenderServices {
  readonly config: RepositoryConfig;
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
  /** Of the apps in `changed`. */
  readonly partners: ReadonlyMap<AppId, Partners>;
  readonly facts: AnalyzedFiles["facts"];
  readonly linkTraces: AnalyzedFiles["linkTraces"];
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
  base?: BuiltFiles,
): Promise<Survey> {
  const { config } = services;
  const analyzed =
    changes === "everything" ? await analyzeTree(tree, config) : await analyzeChanges(tree, changes, snapshot, config);
  const facts = base === undefined ? analyzed.facts : keepBuiltFiles(analyzed.facts, base);
  const plan = planRenders(snapshot, facts, changes, config);
  const rendered = await renderUntilCrdsSettle(tree, snapshot, plan, services);
  return {
    tree,
    snapshot,
    changed: rendered.records,
    traces: rendered.traces,
    partners: rendered.partners,
    facts,
    linkTraces: analyzed.linkTraces,
    layout: plan.layout,
    crds: rendered.crds,
    work: { rendered: rendered.rendered, reused: rendered.reused, files: facts.size },
  };
}

/** The record of an app in this tree. */
export function recordOf(survey: Survey, id: AppId): AppRecord | undefined {
  return survey.changed.has(id) ? survey.changed.get(id) : survey.snapshot.record(id);
}

/** What an app of this tree brings for others and needs of them. */
export function partnersIn({ changed, partners, snapshot }: Survey, id: AppId): Partners {
  return changed.has(id) ? (partners.get(id) ?? NO_PARTNERS) : snapshot.partnersOf(id);
}

/**
 * Whether an app of the user's reads a file in this tree: any, or one that renders. Cost: once, the traces of apps that
 * are not as the snapshot has them.
 */
export function findReadFiles(
  { snapshot, changed, traces }: Survey,
  readers: "all" | "rendered",
): (file: string) => boolean {
  const isReader = (id: AppId, record: AppRecord | undefined): boolean =>
    !isCrdSource(id) && record !== undefined && (readers === "all" || record.failure === undefined);
  const own = [...traces].flatMap(([id, trace]) =>
    isReader(id, changed.get(id) ?? snapshot.record(id)) ? trace.map(({ path }) => path) : [],
  );
  const read = new Set(own);
  return (file) =>
    read.has(file) || snapshot.readersOf(file).some((id) => !changed.has(id) && isReader(id, snapshot.record(id)));
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
  return buildSnapshot({
    tree: survey.tree.id,
    facts,
    records,
    partners: new Map(
      [...survey.snapshot.allPartners()].filter(([id]) => !survey.changed.has(id)).concat([...survey.partners]),
    ),
    readers: mergeReaders(survey.snapshot.allReaders(), survey.changed, survey.traces),
    links: mergeReaders(survey.snapshot.allLinks(), survey.facts, survey.linkTraces),
    crds: survey.crds,
    layout: survey.layout,
  });
}

/**
 * Taken over from the snapshot for what stands as it was, not from stored traces: one that is lost, or was never kept,
 * would leave an app that no change leads to.
 */
function mergeReaders(
  known: ReadonlyMap<string, readonly string[]>,
  changed: ReadonlyMap<string, unknown>,
  traces: ReadonlyMap<string, Trace>,
): Map<string, readonly string[]> {
  const readers = new Map<string, readonly string[]>(indexReaders(traces));
  for (const [path, ids] of known) {
    const kept = ids.filter((id) => !changed.has(id));
    if (kept.length > 0) readers.set(path, [...kept, ...(readers.get(path) ?? [])]);
  }
  return readers;
}

/** The apps of one tree, looked for afresh. */
export async function discoverTree(tree: Tree, config: RepositoryConfig): Promise<Discovery> {
  return assembleApps((await analyzeTree(tree, config)).facts, config);
}
