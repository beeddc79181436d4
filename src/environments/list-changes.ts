import { createHash } from "node:crypto";
import type { EnvironmentRules, Glob, RuleSet } from "../config/index.ts";
import { isDestructiveRisk } from "../model/index.ts";
import type { AppReport, ChangedApp, EnvironmentChange, Report, TouchedFile } from "../model/index.ts";
import { findUntracked } from "./list-untracked.ts";

/**
 * What a report changes, environment by environment, in the order of the config: apps that really differ, and changed
 * files that no app read. An app is in every environment whose branch the pull request is to be merged into, whose paths
 * match where it is, or whose name it has. One that could not be rendered on either side counts as changed as soon as
 * anything is that is not ignored: what it is made of is not known.
 */
export function listChanges(report: Report, { environments }: RuleSet, baseRef: string): readonly EnvironmentChange[] {
  return environments.flatMap((environment) => {
    const touched = leaveOut(report.files, environment.ignore);
    const apps = report.apps
      .filter((app) => isChanged(app, touched) && isOfEnvironment(environment, withInputs(app), baseRef))
      .map((app) => toChangedApp(app, touched, environment));
    const files = touched.filter(({ path, isRead }) => !isRead && isOwnPath(environment, path, baseRef));
    if (apps.length === 0 && files.length === 0) return [];
    return [
      {
        environment: environment.name,
        apps: apps.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
        files: files.map(({ path, blob }) => ({ path, blob })),
      },
    ];
  });
}

/** Files that may change something that deploys. */
export function leaveOut(files: readonly TouchedFile[], ignore: readonly Glob[]): readonly TouchedFile[] {
  return files.filter(({ path }) => !isBelow(path, ignore));
}

/** Whether an app on a branch is of an environment: by the branch, by its name, or by where it is. */
export function isOfEnvironment(
  environment: PlacedEnvironment,
  app: Pick<AppReport, "environment" | "places">,
  branch: string,
): boolean {
  return app.environment === environment.name || app.places.some((place) => isOwnPath(environment, place, branch));
}

type PlacedEnvironment = Pick<EnvironmentRules, "name" | "branch" | "paths">;

function isOwnPath({ branch: own, paths }: PlacedEnvironment, path: string, branch: string): boolean {
  return own === branch || isBelow(path, paths);
}

/** The folder of plain manifests may hold folders of several environments: the changed files tell which of them. */
function withInputs(app: AppReport): Pick<AppReport, "environment" | "places"> {
  return app.kind === "plain" ? { ...app, places: [...app.places, ...app.inputs] } : app;
}

/** Whether a glob matches a path, or a folder that it is in. */
function isBelow(path: string, globs: readonly Glob[]): boolean {
  for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) {
    if (globs.some((glob) => glob.matches(path.slice(0, end)))) return true;
  }
  return globs.some((glob) => glob.matches(path));
}

/**
 * Noise alone changes nothing. A base that did not render leaves unknown what is changed, and a head that did not, whether
 * one of the files that the pull request touches is an input.
 */
export function isChanged({ status, failure, mayReadMore }: AppReport, touched: readonly TouchedFile[]): boolean {
  if (failure === undefined) return status !== "unchanged";
  return failure.isTouched || (mayReadMore && touched.length > 0);
}

/** What a change means for an app: of one whose inputs are not all known, every file that may be among them counts too. */
export function digestApp({ contentDigest, mayReadMore }: AppReport, touched: readonly TouchedFile[]): string {
  if (!mayReadMore || touched.length === 0) return contentDigest;
  const files = touched.map(({ path, blob }) => [path, blob ?? "gone"]);
  return createHash("sha256")
    .update(JSON.stringify([contentDigest, files]))
    .digest("hex");
}

function toChangedApp(
  app: AppReport,
  touched: readonly TouchedFile[],
  { from, promotion }: Pick<EnvironmentRules, "from" | "promotion">,
): ChangedApp {
  const { id, status, resources, changes, failure, inputs } = app;
  // A side without resources has no such app, or it did not render there.
  const needsBase = status === "changed" || status === "removed";
  const isRendered = failure === undefined && (!needsBase || resources.base !== undefined);
  const real = changes.filter(
    ({ action, fields, noise }) => action !== "changed" || fields.length === 0 || noise < fields.length,
  );
  const risks = real.flatMap((change) => change.risks);
  return {
    id,
    isRendered,
    digest: digestApp(app, touched),
    resources: real.length,
    // What an app did before is not known where it did not render, so nobody can say that nothing is lost.
    isDestructive: !isRendered || status === "removed" || risks.some(isDestructiveRisk),
    causes: isRendered ? inputs : [],
    ...(from.length === 0 ? {} : { untracked: findUntracked(real, promotion) }),
  };
}
