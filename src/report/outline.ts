import { isExcepted } from "../model/index.ts";
import type {
  AppFailure,
  AppId,
  AppReport,
  ImageChange,
  JudgedFinding,
  Report,
  ResourceChange,
  ResourceId,
  Risk,
} from "../model/index.ts";

/** An app that could not be looked at, with the reason at hand. */
export interface FailedApp {
  readonly app: AppReport;
  readonly failure: AppFailure;
}

/** One place that a change shows in. */
export interface ChangePlace {
  readonly app: AppId;
  readonly resource: ResourceId;
  /** The change as it is there. */
  readonly change: ResourceChange;
}

/** Changes that say the same, told once. `change` is the first of them in the report's order. */
export interface LikeChanges {
  readonly change: ResourceChange;
  readonly places: readonly ChangePlace[];
}

/** Changes that reach exactly the same apps: one app's own changes, or what forty apps share. */
export interface ChangeCluster {
  readonly apps: readonly AppId[];
  readonly changes: readonly LikeChanges[];
}

export interface RiskEntry {
  readonly risk: Risk;
  readonly changes: LikeChanges;
}

/** One image that moves from one reference to another, wherever it does. */
export interface ImageSummary {
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly containers: readonly string[];
  readonly apps: readonly AppId[];
}

/** A report in the order in which every format tells it: what matters most comes first. */
export interface ReportOutline {
  /** Apps whose failure breaks the check, those that keep it from passing, and those that it passes in spite of. */
  readonly broken: readonly FailedApp[];
  readonly notChecked: readonly FailedApp[];
  readonly tolerated: readonly FailedApp[];
  /** Apps that the change does not touch and that do not render on the base either. */
  readonly knownFailures: readonly FailedApp[];
  /** Apps that render again: what they deployed before is unknown. */
  readonly mended: readonly AppReport[];
  readonly errors: readonly JudgedFinding[];
  readonly warnings: readonly JudgedFinding[];
  readonly notices: readonly JudgedFinding[];
  readonly risks: readonly RiskEntry[];
  readonly images: readonly ImageSummary[];
  readonly clusters: readonly ChangeCluster[];
  /** Apps of the report in which nothing differs, or nothing but noise. */
  readonly quietApps: readonly AppReport[];
  /** Changes that hold nothing but noise, and noisy fields inside changes that are shown. */
  readonly noiseChanges: number;
  /** Findings that stand on the base as well. */
  readonly known: readonly JudgedFinding[];
  /** Findings that an exception takes, new or known: they are in none of the other lists. */
  readonly excepted: readonly JudgedFinding[];
}

/** Sorts what a report holds by what matters most, and groups equal changes. Every app of the report is in it. */
export function outlineReport(report: Report): ReportOutline {
  const failed = report.apps.flatMap((app) => (app.failure === undefined ? [] : [{ app, failure: app.failure }]));
  const standing = report.findings.filter((finding) => !isExcepted(finding));
  const fresh = standing.filter((finding) => finding.isNew);
  const groups = groupLikeChanges(report.apps);
  return {
    broken: failed.filter(({ failure }) => failure.effect === "fails"),
    notChecked: failed.filter(({ failure }) => failure.effect === "not-checked"),
    tolerated: failed.filter(({ failure }) => failure.effect === "passes" && failure.isTouched),
    knownFailures: failed.filter(({ failure }) => failure.effect === "passes" && !failure.isTouched),
    mended: report.apps.filter(isMended),
    errors: fresh.filter(({ level }) => level === "error"),
    warnings: fresh.filter(({ level }) => level === "warning"),
    notices: fresh.filter(({ level }) => level === "notice"),
    risks: listRisks(groups),
    images: summarizeImages(groups),
    clusters: clusterByApps(groups),
    quietApps: report.apps.filter((app) => app.failure === undefined && !isMended(app) && !app.changes.some(isShown)),
    noiseChanges: report.apps.reduce((sum, app) => sum + app.changes.filter((change) => !isShown(change)).length, 0),
    known: standing.filter((finding) => !finding.isNew),
    excepted: report.findings.filter(isExcepted),
  };
}

function isMended({ status, resources }: AppReport): boolean {
  return status === "changed" && resources.base === undefined;
}

/** A change with nothing but noise is counted, not shown. */
function isShown(change: ResourceChange): boolean {
  return (
    change.action !== "changed" ||
    change.risks.length > 0 ||
    change.fields.length === 0 ||
    change.noise < change.fields.length
  );
}

function groupLikeChanges(apps: readonly AppReport[]): LikeChanges[] {
  const groups = new Map<string, { change: ResourceChange; places: ChangePlace[] }>();
  for (const app of apps) {
    for (const change of app.changes.filter(isShown)) {
      const key = `${change.action} ${change.likeness}`;
      const group = groups.get(key) ?? { change, places: [] };
      group.places.push({ app: app.id, resource: change.resource, change });
      groups.set(key, group);
    }
  }
  return [...groups.values()];
}

function listRisks(groups: readonly LikeChanges[]): RiskEntry[] {
  const entries = groups.flatMap((changes) => changes.change.risks.map((risk) => ({ risk, changes })));
  return [
    ...entries.filter(({ risk }) => risk.level === "high"),
    ...entries.filter(({ risk }) => risk.level !== "high"),
  ];
}

function summarizeImages(groups: readonly LikeChanges[]): ImageSummary[] {
  const moves = new Map<string, { image: ImageChange; containers: Set<string>; apps: Set<AppId> }>();
  for (const { change, places } of groups) {
    for (const image of change.images) {
      const key = JSON.stringify([image.before ?? null, image.after ?? null]);
      const move = moves.get(key) ?? { image, containers: new Set<string>(), apps: new Set<AppId>() };
      move.containers.add(image.container);
      for (const place of places) move.apps.add(place.app);
      moves.set(key, move);
    }
  }
  return [...moves.values()].map(({ image, containers, apps }) => ({
    before: image.before,
    after: image.after,
    containers: [...containers],
    apps: [...apps],
  }));
}

/** Puts changes that reach the same apps together; clusters with a risk first, else in the report's order. */
function clusterByApps(groups: readonly LikeChanges[]): ChangeCluster[] {
  const clusters = new Map<string, { apps: AppId[]; changes: LikeChanges[] }>();
  for (const group of groups) {
    const apps = [...new Set(group.places.map((place) => place.app))];
    const key = JSON.stringify(apps);
    const cluster = clusters.get(key) ?? { apps, changes: [] };
    cluster.changes.push(group);
    clusters.set(key, cluster);
  }
  const ordered = [...clusters.values()];
  return [2, 1, 0].flatMap((rank) => ordered.filter((cluster) => rankRisk(cluster.changes) === rank));
}

function rankRisk(changes: readonly LikeChanges[]): number {
  const risks = changes.flatMap(({ change }) => change.risks);
  if (risks.some((risk) => risk.level === "high")) return 2;
  return risks.length > 0 ? 1 : 0;
}
