import { readRepositoryConfig } from "../config/index.ts";
import { isWithin } from "../discover/index.ts";
import { decideOutcome, decidePolicyOutcome, judgeFailure, judgeFindings, type AppComparison } from "../judge/index.ts";
import {
  nameSubject,
  type App,
  type AppFailure,
  type AppId,
  type CheckFamily,
  type JudgedFinding,
  type KubernetesVersion,
  type ListKeys,
  type Outcome,
  type RawFinding,
  type Report,
  type Side,
  type Tree,
  type TreeChange,
} from "../model/index.ts";
import { compareApp, type RenderedSide } from "./compare-app.ts";
import { compareCrdSource, withoutSources } from "./compare-crd-sources.ts";
import { LostCrd } from "./crds.ts";
import { findBereft } from "./find-partners.ts";
import { linkMoves } from "./link-moves.ts";
import { checkOfRule, type PolicyJudge } from "./judge-policies.ts";
import { openSides, type PolicySides } from "./policy-sides.ts";
import { preparePolicies, type PolicyServices, type PreparedPolicies } from "./prepare-policies.ts";
import { findEnd, printException, type BaselineEntry } from "../policy/index.ts";
import { CONFIG_FILE, judgeConfig, readTextFile } from "./load-config.ts";
import { raiseConfig, type GovernedConfig } from "./organization.ts";
import type { AppJudge } from "./app-judge.ts";
import { byWeight, countTotals, listNamedPolicies } from "./order-report.ts";
import { describeApp, type AppView } from "./describe-app.ts";
import { digestInputs, type ChangedInput, type UnrenderedSide } from "./digest-app.ts";
import { identifyPath } from "./identify-path.ts";
import { listFiles } from "./list-files.ts";
import { listAdmissionNames, previewPolicies, type AdmissionNames } from "./preview-policies.ts";
import { previewConfig } from "./preview-config.ts";
import { listUsedSchemas, withoutFetched } from "./render-fetching.ts";
import { inputsHold } from "./render-memory.ts";
import { isCrdSource, type AppRecord, type Snapshot } from "./snapshot.ts";
import { allRecords, recordOf, type Survey } from "./survey.ts";
import { surveySides, type SurveyedTrees, type Surveys, type SurveySidesServices } from "./survey-sides.ts";

export interface CheckRequest extends SurveyedTrees {
  readonly repository: string;
  readonly base: Side;
  readonly head: Side;
  readonly config: GovernedConfig;
  /** Reports on every app of the head instead of those that the change touches. */
  readonly isAll: boolean;
}

export interface CheckServices extends SurveySidesServices, Omit<PolicyServices, "config"> {
  readonly judge: AppJudge;
  readonly versions: Omit<Report["versions"], "kubernetes">;
  /** Tells it of apps for which the config says these versions (undefined: none). */
  readonly describeKubernetes: (asked: readonly (KubernetesVersion | undefined)[]) => KubernetesUse;
  readonly listKeys: ListKeys;
}

/** Which Kubernetes versions apps are judged by, and sentences about what was assumed. */
export interface KubernetesUse {
  readonly versions: readonly KubernetesVersion[];
  readonly notes: readonly string[];
}

export interface CheckResult {
  readonly report: Report;
  /** A snapshot worth keeping instead of the one that was handed in. */
  readonly snapshot: Snapshot | undefined;
  readonly work: readonly Survey["work"][];
  /** What policies find on the head, as a baseline has it. */
  readonly baseline: readonly BaselineEntry[];
  /** Rules of the API server's own policies that apps of the head bring. */
  readonly listAdmission: () => Promise<AdmissionNames>;
}

/** The pure heart behind both doors: two trees and a config in, one report out. */
export async function checkTrees(request: CheckRequest, services: CheckServices): Promise<CheckResult> {
  try {
    return await checkFromSnapshot(request, services);
  } catch (error) {
    if (!(error instanceof LostCrd) || request.snapshot === undefined) throw error;
    // Looking at every app again writes all CRDs again.
    return await checkFromSnapshot({ ...request, snapshot: undefined }, services);
  }
}

async function checkFromSnapshot(request: CheckRequest, services: CheckServices): Promise<CheckResult> {
  const surveys = await surveySides(request, services);
  const changes = await services.changesBetween(request.baseTree.id, request.headTree.id);
  const changedPaths = new Set(changes.map(({ path }) => path));
  const views: AppView[] = [];
  const bereft = findBereft(surveys.base, surveys.head);
  const selected = [...new Set([...selectApps(surveys, changes, request.isAll), ...bereft.apps])].sort();
  const sides = openSides(surveys, services.judge);
  const opened = await openPolicies(request, sides, selected, changes, services);
  const policies = { ...opened, notes: [...opened.notes, ...bereft.notes] };
  const listChanged = once(() => identifyChanges(surveys, changes));
  const tree = { changes, changedPaths, bereft: new Set(bereft.apps), listChanged };
  for (const id of selected.filter((id) => !isCrdSource(id))) {
    const view = await viewApp(id, sides, tree, policies.judge, services);
    if (view !== undefined) views.push(view);
  }
  const linked = linkMoves(views, services.listKeys);
  const sources = await compareSources(selected.filter(isCrdSource), sides, request.isAll, services);
  const report = await assembleReport(request, services, surveys, linked, sources, policies, changes);
  return {
    ...{ report, snapshot: surveys.keep, work: [surveys.base.work, surveys.head.work] },
    baseline: policies.baseline.baseline.listAsked(),
    listAdmission: () => listAdmissionNames(sides.head),
  };
}

/** Opens the policies of the base, with the exceptions that the change adds, and tells what a change of them would mean. */
async function openPolicies(
  { headTree, config }: CheckRequest,
  sides: PolicySides,
  judged: readonly AppId[],
  changes: readonly TreeChange[],
  services: CheckServices,
): Promise<PreparedPolicies> {
  const reading = readRepositoryConfig(await readTextFile(headTree, CONFIG_FILE), CONFIG_FILE);
  const own = reading.kind === "invalid" ? undefined : reading.config;
  const headConfig = own && raiseConfig(own, config);
  const said = headConfig?.policy.exceptions ?? [];
  const known = new Set(config.config.policy.exceptions.map(printException));
  const added = said.filter((exception) => !known.has(printException(exception)));
  const prepared = await preparePolicies(sides, judged, added, services, headConfig);
  const { ofBase } = prepared;
  const preview = await previewPolicies(
    { sides, headConfig, changes, ofBase, own: { base: config.own, head: own } },
    services,
  );
  return {
    ...prepared,
    broken: [...prepared.broken, ...preview.findings],
    notes: [...prepared.notes, ...preview.notes],
  };
}

/** Apps and CRD sources that differ from the snapshot on either side, and all that do not render; with `--all` every app. */
function selectApps({ base, head }: Surveys, changes: readonly TreeChange[], isAll: boolean): readonly AppId[] {
  const ids = new Set([...base.changed.keys(), ...head.changed.keys(), ...base.snapshot.failed]);
  if (isAll) for (const record of allRecords(head)) ids.add(record.app.id);
  // Without a change there is nothing to compare, whatever the snapshot has been made from.
  if (changes.length === 0 && !isAll)
    for (const id of ids) if (recordOf(head, id)?.failure === undefined) ids.delete(id);
  return [...ids].sort();
}

interface ChangedTree {
  readonly changes: readonly TreeChange[];
  /** Of all of them. */
  readonly changedPaths: ReadonlySet<string>;
  /** Apps from which it takes what another app brought. */
  readonly bereft: ReadonlySet<AppId>;
  /** Read when an app asks that could not be rendered, and kept for the next. */
  readonly listChanged: () => Promise<readonly ChangedInput[]>;
}

/** Undefined for an app that is on neither side. */
async function viewApp(
  id: AppId,
  sides: PolicySides,
  { changes, changedPaths, bereft, listChanged }: ChangedTree,
  policies: PolicyJudge,
  services: CheckServices,
): Promise<AppView | undefined> {
  const base = recordOf(sides.base.survey, id);
  const head = recordOf(sides.head.survey, id);
  const record = head ?? base;
  if (record === undefined) return undefined;
  const { judge, listKeys } = services;
  const opened = base === undefined ? undefined : await judge.open(base, sides.base.facts);
  const openedHead = head === undefined ? undefined : await judge.open(head, sides.head.facts);
  const isTouched = bereft.has(id) || (await isAppTouched(base, head, opened, sides.head.survey, changes));
  const said = await policies.judge(opened, openedHead);
  const before = withFindings(opened, said.base);
  const after = withFindings(openedHead, said.head);
  const locate = (side: RenderedSide) => judge.locate(side, sides.head.facts);
  const compared = await compareApp(before, after, listKeys, locate, changedPaths);
  const failure = judgeAppFailure(base, head, isTouched, services);
  const schemas = [before, after].flatMap((side) => (side === undefined ? [] : listUsedSchemas(side.rendering.trace)));
  const contentDigest =
    compared.contentDigest ??
    (await digestInputs(
      [toUnrendered(opened, sides.base.facts.tree), toUnrendered(openedHead, sides.head.facts.tree)],
      await listChanged(),
    ));
  const inputs = listInputs([before, after], record.app.path, changes);
  const mayReadMore = failure !== undefined && (await canReadElsewhere(record.app, sides.head.survey.tree));
  return { ...{ id, record, base, head, isTouched, failure, compared, contentDigest, inputs, mayReadMore }, schemas };
}

/**
 * Changed files that the renders of an app read. One that stopped early has not read all that it is made of, so that
 * everything in its folder counts beside that.
 */
function listInputs(
  sides: readonly (RenderedSide | undefined)[],
  folder: string,
  changes: readonly TreeChange[],
): readonly string[] {
  const known = sides.filter((side) => side !== undefined);
  const read = new Set(known.flatMap(({ rendering }) => rendering.trace.map(({ path }) => path)));
  const isWhole = known.every(({ rendering }) => rendering.kind === "rendered");
  const paths = changes.map(({ path }) => path);
  return paths.filter((path) => read.has(path) || (!isWhole && isWithin(path, folder))).sort();
}

/** Plain manifests are the files of their folder, unless a link leads out of it. */
async function canReadElsewhere({ kind, path }: App, tree: Tree): Promise<boolean> {
  if (kind !== "plain") return true;
  let isFolder = false;
  for await (const file of tree.walk(path)) {
    if (file.kind === "symlink") return true;
    isFolder = true;
  }
  return !isFolder;
}

async function identifyChanges(
  { base, head }: Surveys,
  changes: readonly TreeChange[],
): Promise<readonly ChangedInput[]> {
  const changed: ChangedInput[] = [];
  for (const { path } of changes) {
    const [before, after] = [await identifyPath(base.tree, path), await identifyPath(head.tree, path)];
    changed.push({ path, base: before, head: after });
  }
  return changed;
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => (reading ??= read());
}

function toUnrendered(side: RenderedSide | undefined, tree: Tree): UnrenderedSide | undefined {
  return side === undefined ? undefined : { app: side.app, tree, trace: side.rendering.trace };
}

function withFindings(side: RenderedSide | undefined, findings: readonly RawFinding[]): RenderedSide | undefined {
  return side === undefined || findings.length === 0 ? side : { ...side, findings: [...side.findings, ...findings] };
}

async function compareSources(
  ids: readonly AppId[],
  { base, head }: PolicySides,
  isAll: boolean,
  { judge, listKeys }: CheckServices,
): Promise<readonly AppComparison[]> {
  const compared: AppComparison[] = [];
  for (const id of ids) {
    const comparison = await compareCrdSource(id, base, head, { judge, listKeys, isAll });
    if (comparison !== undefined) compared.push(comparison);
  }
  return compared;
}

async function isAppTouched(
  base: AppRecord | undefined,
  head: AppRecord | undefined,
  before: RenderedSide | undefined,
  survey: Survey,
  changes: readonly TreeChange[],
): Promise<boolean> {
  if (base === undefined || head === undefined || before === undefined) return true;
  if (JSON.stringify(base.app) !== JSON.stringify(head.app)) return true;
  if (head.failure !== undefined && changes.some(({ path }) => isWithin(path, head.app.path))) return true;
  // How far a failed render came differs from run to run when its time was up; what it had read by then is compared.
  const haveFailed = base.failure !== undefined && head.failure !== undefined;
  if (!haveFailed && base.result !== head.result) return true;
  const trace = withoutFetched(before.rendering.trace);
  return !(inputsHold(trace, survey.crds) && (await survey.tree.holds(trace)));
}

/** A failure on the head is judged; an app that only the base could not render is mended and counts as changed. */
function judgeAppFailure(
  base: AppRecord | undefined,
  head: AppRecord | undefined,
  isTouched: boolean,
  { config }: CheckServices,
): AppFailure | undefined {
  if (head?.failure === undefined) return undefined;
  const { failure, app } = head;
  return judgeFailure({
    app,
    failure,
    base: base === undefined ? "absent" : base.failure === undefined ? "rendered" : "failed",
    isTouched,
    isStrict: config.strict,
    isAccepted: config.accept.some(({ apps, reason }) => reason === failure.kind && apps.matches(app.id)),
  });
}

async function assembleReport(
  request: CheckRequest,
  services: CheckServices,
  surveys: Surveys,
  views: readonly AppView[],
  sources: readonly AppComparison[],
  policies: PreparedPolicies,
  changes: readonly TreeChange[],
): Promise<Report> {
  const { repository, base, config } = request;
  const { head } = surveys;
  const changesApps = views.filter(({ isTouched }) => isTouched || request.isAll);
  const configFindings = await judgeConfigChange(request);
  const isMended = configFindings.length === 0;
  const comparisons = [...changesApps.map(({ compared }) => compared.comparison), ...sources];
  const judged = withoutSources(judgeFindings(comparisons, checkOfRule, policies.marks));
  const findings = [...configFindings, ...policies.broken, ...judged];
  const stale = policies.baseline.describeStale({
    judged: new Set(comparisons.flatMap((compared) => compared.head?.app.id ?? [])),
    isOnHead: (app) => recordOf(head, app) !== undefined,
  });
  const shown = views.filter(({ isTouched, failure }) => isTouched || request.isAll || failure !== undefined);
  const apps = shown.map(describeApp).sort(byWeight(findings));
  const kubernetes = services.describeKubernetes(shown.map(({ record }) => record.askedVersion));
  const touched = new Set(views.filter(({ isTouched }) => isTouched).map(({ id }) => id));
  const outcome = decideOutcome({ apps, findings, touched });
  const of = (check: CheckFamily) => findings.filter((finding) => finding.check === check);
  const manifests = decideOutcome({ apps, findings: of("manifests"), touched });
  const ofPolicies = decidePolicyOutcome({ apps, findings: of("policy"), touched });
  const unruled = config.obstacle === undefined ? undefined : withoutRules(config.obstacle);
  const invalid = config.isNeverValid && !isMended ? NO_VALID_CONFIG : undefined;
  const blocked = (said: Outcome): Outcome => (said.exitCode === 0 ? (invalid ?? unruled ?? said) : said);
  return {
    version: 1,
    repository,
    base,
    head: request.head,
    apps,
    findings,
    policies: listNamedPolicies(policies.rules, findings),
    files: await listFiles(surveys, changes),
    agents: [...head.layout.agents],
    totals: countTotals(apps, findings, countApps(head), touched.size),
    outcome: blocked(outcome),
    outcomes: {
      manifests: blocked(manifests),
      policy: ofPolicies.exitCode === 0 ? (unruled ?? ofPolicies) : ofPolicies,
    },
    obstacles: { manifests: invalid ?? unruled, policy: unruled },
    notes: [
      ...config.notes,
      ...policies.notes,
      ...stale,
      ...(await previewConfig(request.baseTree, request.headTree, config)),
      ...kubernetes.notes,
      ...describeSchemas(shown),
      ...head.layout.notes,
    ],
    decision: { needs: listNeeds(findings), changesAt: findEnd(findings) },
    versions: { ...services.versions, kubernetes: kubernetes.versions },
  };
}

/** What the checks wait for, as far as the report knows. */
function listNeeds(findings: readonly JudgedFinding[]): readonly string[] {
  const waiting = findings.flatMap((finding) => {
    const { rule, exception } = finding;
    if (exception?.state !== "waiting") return [];
    const who = exception.approvers === undefined ? "an approver" : `team ${exception.approvers}`;
    return [`approval by ${who} of the exception from ${rule} for ${nameSubject(finding)}`];
  });
  return [...new Set(waiting)].sort();
}

/** Names what came from outside, so that a result can be told from one with other schemas. */
function describeSchemas(views: readonly AppView[]): readonly string[] {
  const notes = views.flatMap(({ schemas }) =>
    schemas.map(({ address, digest }) => `Schema ${withoutQuery(address)}: sha256 ${digest}`),
  );
  return [...new Set(notes)].sort();
}

/** A query can hold a token. */
function withoutQuery(address: string): string {
  return address.replace(/[?#].*$/su, "");
}

const NO_VALID_CONFIG: Outcome = {
  status: "failed",
  exitCode: 1,
  title: "Make .github/drydock.yaml valid: it never was",
};

function withoutRules(title: string): Outcome {
  return { status: "not-checked", exitCode: 2, title };
}

/** Problems of a config that the change brings or leaves: only those of lines that the base did not have are new. */
async function judgeConfigChange({ baseTree, headTree }: CheckRequest): Promise<readonly JudgedFinding[]> {
  const before = new Set((await judgeConfig(baseTree)).map(({ message }) => message));
  const after = await judgeConfig(headTree);
  return after.map((finding) => ({ ...finding, check: "manifests", isNew: !before.has(finding.message), apps: [] }));
}

function countApps(survey: Survey): number {
  let count = survey.snapshot.apps;
  for (const [id, record] of survey.changed) {
    if (isCrdSource(id)) continue;
    count += Number(record !== undefined) - Number(survey.snapshot.record(id) !== undefined);
  }
  return count;
}
