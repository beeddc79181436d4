import { posix } from "node:path";
import type { AppReport, CommentableLines } from "../model/index.ts";
import type { ChangeCluster, LikeChanges } from "../report/outline.ts";

/**
 * Which changed file brings which rendered changes, as far as it is certain: the file that the change names; else the
 * only changed file among the app's own; else, where none of the apps has one of its own, the only changed file that
 * belongs to no app, such as a base. A change that two files may have brought is with neither.
 */
export function attributeChanges(
  clusters: readonly ChangeCluster[],
  apps: ReadonlyMap<string, AppReport>,
  commentable: CommentableLines,
): ReadonlyMap<string, readonly LikeChanges[]> {
  const files = [...commentable.keys()].filter(isSource).toSorted();
  const isOwned = new Set(files.filter((file) => [...apps.values()].some((app) => owns(app, file))));
  const shared = files.filter((file) => !isOwned.has(file));
  const byFile = new Map<string, LikeChanges[]>();
  for (const changes of clusters.flatMap((cluster) => cluster.changes)) {
    const file = findSource(changes, { files, shared, apps });
    if (file === undefined) continue;
    const list = byFile.get(file) ?? [];
    list.push(changes);
    byFile.set(file, list);
  }
  return byFile;
}

interface Sources {
  readonly files: readonly string[];
  readonly shared: readonly string[];
  readonly apps: ReadonlyMap<string, AppReport>;
}

function findSource({ change, places }: LikeChanges, { files, shared, apps }: Sources): string | undefined {
  const named = change.location?.file;
  if (named !== undefined && files.includes(named)) return named;
  const reached = places.flatMap(({ app }) => apps.get(app) ?? []);
  const own = files.filter((file) => reached.some((app) => owns(app, file)));
  return own.length > 0 ? onlyOne(own) : onlyOne(shared);
}

function onlyOne(files: readonly string[]): string | undefined {
  return files.length === 1 ? files[0] : undefined;
}

/** Files that cannot change what is rendered are no candidates. */
function isSource(file: string): boolean {
  return !/(^|\/)(\.github|docs)\/|\.(md|txt)$|(^|\/)(LICENSE|CODEOWNERS|\.gitignore)$/iu.test(file);
}

/** A Helm app's values files are often beside those of its sisters: only those of its own name are its own. */
function owns({ id, kind, path }: AppReport, file: string): boolean {
  const isInside = path === "" || file === path || file.startsWith(`${path}/`);
  if (kind !== "helm") return isInside;
  const values = id.split("#")[1];
  if (values !== undefined && file === posix.join(path, values)) return true;
  return isInside && !isLayeredValues(posix.relative(path, file));
}

function isLayeredValues(file: string): boolean {
  return /^(values[-.].+|(values|environments|envs?)\/.+)\.ya?ml$/u.test(file);
}
