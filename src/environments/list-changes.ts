import type { Glob, RuleSet } from "../config/index.ts";
import { isDestructiveRisk } from "../model/index.ts";
import type { AppReport, ChangedApp, EnvironmentChange, Report } from "../model/index.ts";

/**
 * What a report changes, environment by environment, in the order of the config: apps that really differ, and changed
 * files that no app read. An app is in every environment whose branch the pull request is to be merged into, whose paths
 * match where it is, or whose name it has. One that could not be rendered on either side counts as changed.
 */
export function listChanges(report: Report, { environments }: RuleSet, baseRef: string): readonly EnvironmentChange[] {
  return environments.flatMap((environment) => {
    const isOwn = (path: string): boolean => environment.branch === baseRef || isBelow(path, environment.paths);
    const apps = report.apps
      .filter((app) => isChanged(app) && (app.environment === environment.name || app.places.some(isOwn)))
      .map(toChangedApp);
    const files = report.unread.filter(({ path }) => isOwn(path) && !isBelow(path, environment.ignore));
    if (apps.length === 0 && files.length === 0) return [];
    return [{ environment: environment.name, apps: apps.toSorted((a, b) => (a.id < b.id ? -1 : 1)), files }];
  });
}

/** Whether a glob matches a path, or a folder that it is in. */
function isBelow(path: string, globs: readonly Glob[]): boolean {
  for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) {
    if (globs.some((glob) => glob.matches(path.slice(0, end)))) return true;
  }
  return globs.some((glob) => glob.matches(path));
}

/** Noise alone changes nothing. A base that did not render leaves unknown what is changed. */
export function isChanged({ status, failure }: AppReport): boolean {
  return failure === undefined ? status !== "unchanged" : failure.isTouched;
}

function toChangedApp({ id, status, resources, changes, failure, contentDigest }: AppReport): ChangedApp {
  const isRendered = failure === undefined && (status !== "changed" || resources.base !== undefined);
  const real = changes.filter(
    ({ action, fields, noise }) => action !== "changed" || fields.length === 0 || noise < fields.length,
  );
  const risks = real.flatMap((change) => change.risks);
  return {
    id,
    isRendered,
    digest: contentDigest,
    resources: real.length,
    // What an app did before is not known where it did not render, so nobody can say that nothing is lost.
    isDestructive: !isRendered || status === "removed" || risks.some(isDestructiveRisk),
    causes: [...new Set(real.flatMap(({ location }) => location?.file ?? []))].sort(),
  };
}
