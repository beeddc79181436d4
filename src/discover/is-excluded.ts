import type { DiscoveryConfig, PathMatcher } from "./discovery-config.ts";
import { isWithin } from "./repository-path.ts";

/**
 * Whether `exclude` takes a file, or a folder with everything below it, out of discovery. What the config declares as an
 * app is looked at wherever it is, and so are the folders that lead to it. `include` is left to `assembleApps`: what it
 * leaves out is no app, but what that uses counts as used.
 */
export function isExcluded(path: string, config: Pick<DiscoveryConfig, "exclude" | "apps">): boolean {
  if (config.apps.some((app) => isWithin(path, app.path) || isWithin(app.path, path))) return false;
  for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) {
    if (isMatch(path.slice(0, end), config.exclude)) return true;
  }
  return isMatch(path, config.exclude);
}

export function isMatch(path: string, globs: readonly PathMatcher[]): boolean {
  return globs.some((glob) => glob.matches(path));
}
