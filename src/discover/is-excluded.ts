import type { DiscoveryConfig, PathMatcher } from "./discovery-config.ts";

type Bounds = Pick<DiscoveryConfig, "include" | "exclude">;

/** Whether `include` and `exclude` leave a file or folder out. What holds for a folder holds for all below it. */
export function isExcluded(path: string, bounds: Bounds): boolean {
  let isIncluded = isMatch("", bounds.include);
  let end = path.indexOf("/");
  for (;;) {
    const part = end < 0 ? path : path.slice(0, end);
    if (isMatch(part, bounds.exclude)) return true;
    isIncluded ||= isMatch(part, bounds.include);
    if (end < 0) return !isIncluded;
    end = path.indexOf("/", end + 1);
  }
}

export function isMatch(path: string, globs: readonly PathMatcher[]): boolean {
  return globs.some((glob) => glob.matches(path));
}
