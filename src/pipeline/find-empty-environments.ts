import type { EnvironmentRules } from "../config/index.ts";
import type { App, Tree } from "../model/index.ts";

/**
 * Environments of a config whose rules concern nothing in a tree: without a branch, and no app has their name, and no app
 * or file lies below their paths. Whoever misspelt one learns it here. Cost: the whole tree, where there may be any.
 */
export async function findEmptyEnvironments(
  environments: readonly EnvironmentRules[],
  apps: readonly App[],
  tree: Tree,
): Promise<readonly EnvironmentRules[]> {
  const named = new Set(apps.map(({ environment }) => environment));
  let empty = environments.filter(({ branch, name }) => branch === undefined && !named.has(name));
  if (empty.every(({ paths }) => paths.length === 0)) return empty;
  const seen = new Set<string>();
  for await (const { path } of tree.walk()) {
    for (const place of listPlaces(path, seen)) {
      empty = empty.filter(({ paths }) => !paths.some((glob) => glob.matches(place)));
    }
    if (empty.length === 0) break;
  }
  return empty;
}

/** A path, and the folders that it is in and that were not seen before. */
function listPlaces(path: string, seen: Set<string>): readonly string[] {
  const places = [path];
  for (let end = path.lastIndexOf("/"); end >= 0; end = path.lastIndexOf("/", end - 1)) {
    const folder = path.slice(0, end);
    if (seen.has(folder) || end === 0) break;
    seen.add(folder);
    places.push(folder);
  }
  return places;
}
