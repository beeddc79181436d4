import { posix } from "node:path";
import type { AppReport, CommentableLines } from "../model/index.ts";
import type { ChangeCluster, LikeChanges } from "../report/outline.ts";

/**
 * Which changed file brings which rendered changes, as far as it is certain: the file that the change names; else the
 * only changed file among the app's own; else, where none of the apps has one of its own, the only changed file that
 * belongs to no app, such as a base. A change that two files may have brought is with neither, and one of plain
 * manifests alone with none: they are deployed as they stand in the pull request's own diff.
 */
export function attributeChanges(
  clusters: readonly ChangeCluster[],
  apps: ReadonlyMap<string, AppReport>,
  commentable: CommentableLines,
): ReadonlyMap<string, readonly LikeChanges[]> {
  const files = [...commentable.keys()].filter(isSource).toSorted();
  const { byApp, shared } = findOwners(files, [...apps.values()]);
  const sources: Sources = { files: new Set(files), byApp, shared };
  const byFile = new Map<string, LikeChanges[]>();
  for (const changes of clusters.flatMap((cluster) => cluster.changes)) {
    if (changes.places.every(({ app }) => apps.get(app)?.kind === "plain")) continue;
    const file = findSource(changes, sources);
    if (file === undefined) continue;
    const list = byFile.get(file) ?? [];
    list.push(changes);
    byFile.set(file, list);
  }
  return byFile;
}

interface Sources {
  readonly files: ReadonlySet<string>;
  /** The changed files that are an app's own, by its id. */
  readonly byApp: ReadonlyMap<string, readonly string[]>;
  /** Those that are no app's. */
  readonly shared: readonly string[];
}

/** Goes up from each file, so that its cost does not grow with files times apps. */
function findOwners(files: readonly string[], apps: readonly AppReport[]): Pick<Sources, "byApp" | "shared"> {
  const byPath = Map.groupBy(apps, ({ path }) => path);
  const byValues = Map.groupBy(apps, findValuesFile);
  const byApp = new Map<string, string[]>();
  const shared: string[] = [];
  for (const file of files) {
    const around = [file, ...listParents(file)].flatMap((path) => byPath.get(path) ?? []);
    const owners = new Set([...(byValues.get(file) ?? []), ...around.filter((app) => isOwnWithin(app, file))]);
    if (owners.size === 0) shared.push(file);
    for (const { id } of owners) {
      const own = byApp.get(id) ?? [];
      own.push(file);
      byApp.set(id, own);
    }
  }
  return { byApp, shared };
}

function listParents(file: string): readonly string[] {
  const names = file.split("/").slice(0, -1);
  return names.map((_, index) => names.slice(0, names.length - index).join("/")).concat("");
}

function findSource({ change, places }: LikeChanges, { files, byApp, shared }: Sources): string | undefined {
  const named = change.location?.file;
  if (named !== undefined && files.has(named)) return named;
  const own = new Set<string>();
  for (const { app } of places) {
    for (const file of byApp.get(app) ?? []) own.add(file);
    if (own.size > 1) return undefined;
  }
  return onlyOne(own.size > 0 ? [...own] : shared);
}

function onlyOne(files: readonly string[]): string | undefined {
  return files.length === 1 ? files[0] : undefined;
}

/** Files that cannot change what is rendered are no candidates. */
function isSource(file: string): boolean {
  return !/(^|\/)(\.github|docs)\/|\.(md|txt)$|(^|\/)(LICENSE|CODEOWNERS|\.gitignore)$/iu.test(file);
}

/** The values file that a Helm app is named after. */
function findValuesFile({ id, kind, path }: AppReport): string | undefined {
  const values = kind === "helm" ? id.split("#")[1] : undefined;
  return values === undefined ? undefined : posix.join(path, values);
}

/** A Helm app's values files are often beside those of its sisters: only those of its own name are its own. */
function isOwnWithin({ kind, path }: AppReport, file: string): boolean {
  return kind !== "helm" || !isLayeredValues(posix.relative(path, file));
}

function isLayeredValues(file: string): boolean {
  return /^(values[-.].+|(values|environments|envs?)\/.+)\.ya?ml$/u.test(file);
}
