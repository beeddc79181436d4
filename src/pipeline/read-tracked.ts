import { readChartVersions } from "../discover/index.ts";
import type { App, TrackedApp, TrackedFile, TrackedValue, Tree, TreeChange } from "../model/index.ts";
import type { AppJudge, SideFacts } from "./app-judge.ts";
import { listPlaces } from "./describe-app.ts";
import { readTextFile } from "./load-config.ts";
import { isCrdSource, type Snapshot } from "./snapshot.ts";
import { surveySides, type SurveyedTrees, type SurveySidesServices } from "./survey-sides.ts";
import { allRecords, type Survey } from "./survey.ts";
import { trackChart, trackValues } from "./track-values.ts";

/** What is asked of two trees. */
export interface TrackedRequest {
  /** Fields that are tracked beside images and charts, by their labels. */
  readonly fields: readonly string[];
  /** Apps that nobody asks for are not opened. */
  readonly isWanted: (app: Omit<TrackedApp, "values">) => boolean;
  /** Whether every file of the base is wanted too. */
  readonly isWhole: boolean;
}

export interface TrackedTrees {
  /** Apps of each side that were asked for, sorted by id. */
  readonly base: readonly TrackedApp[];
  readonly head: readonly TrackedApp[];
  /** Every path that differs, with what it is on the head. */
  readonly changed: readonly TrackedFile[];
  /** Every file of the base, where that was asked for. */
  readonly files: readonly TrackedFile[];
}

export interface TrackedServices extends SurveySidesServices {
  readonly judge: AppJudge;
}

/** What of the apps of two trees is promoted: rendered, from memory where they were rendered before. */
export async function readTracked(
  trees: SurveyedTrees & TrackedRequest,
  services: TrackedServices,
): Promise<TrackedTrees & { readonly snapshot: Snapshot | undefined }> {
  const { baseTree, headTree, isWhole } = trees;
  const { base, head, keep } = await surveySides(trees, services);
  const changes = await services.changesBetween(baseTree.id, headTree.id);
  return {
    base: await readSide(base, trees, services),
    head: baseTree.id === headTree.id ? [] : await readSide(head, trees, services),
    changed: await identifyChanged(headTree, changes),
    files: isWhole ? await listFiles(baseTree) : [],
    snapshot: keep,
  };
}

async function readSide(
  survey: Survey,
  { fields, isWanted }: TrackedRequest,
  { judge }: TrackedServices,
): Promise<readonly TrackedApp[]> {
  const facts: SideFacts = { tree: survey.tree, crds: survey.crds, removedCrds: new Set() };
  const apps: TrackedApp[] = [];
  for (const record of allRecords(survey)) {
    const { app } = record;
    if (isCrdSource(app.id)) continue;
    const files = app.kind === "plain" ? app.files : [];
    const known = { id: app.id, environment: app.environment, places: [...listPlaces(record), ...files] };
    if (!isWanted(known)) continue;
    const rendering = await judge.render(record, facts);
    const values =
      rendering.kind === "rendered"
        ? [...trackValues(rendering.manifests, fields), ...(await trackChartFile(app, survey.tree))]
        : undefined;
    apps.push({ ...known, values });
  }
  return apps;
}

/** A chart's own version and those of the charts that it is made of. */
async function trackChartFile({ kind, path }: App, tree: Tree): Promise<readonly TrackedValue[]> {
  if (kind !== "helm") return [];
  const text = await readTextFile(tree, path === "" ? "Chart.yaml" : `${path}/Chart.yaml`);
  return text === undefined ? [] : readChartVersions(text).map(([name, version]) => trackChart(name, version));
}

async function identifyChanged(tree: Tree, changes: readonly TreeChange[]): Promise<readonly TrackedFile[]> {
  const files: TrackedFile[] = [];
  for (const { path } of changes) files.push({ path, value: await identify(tree, path) });
  return files;
}

/** What stands at a path itself: a link is not what it leads to. */
async function identify(tree: Tree, path: string): Promise<string> {
  let value = "gone";
  await tree.resolve(path, (fact) => {
    if (fact.kind === "entry" && fact.path === path) value = nameEntry(fact.entryKind ?? "file", fact.id);
  });
  return value;
}

async function listFiles(tree: Tree): Promise<readonly TrackedFile[]> {
  const files: TrackedFile[] = [];
  for await (const { path, kind, id } of tree.walk()) files.push({ path, value: nameEntry(kind, id) });
  return files;
}

function nameEntry(kind: string, id: string): string {
  return kind === "file" ? id : `${kind} ${id}`;
}
