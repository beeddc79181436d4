import type { DiscoveryConfig } from "./discovery-config.ts";
import { isFileOfFolderExcluded } from "./repository-layout.ts";
import type { FolderState, RepositoryLayout } from "./repository-layout.ts";
import { folderOf } from "./repository-path.ts";

/** A file that looks like manifests and is in no app: nobody builds it, or it is a template of another tool. */
export interface UnusedFile {
  readonly path: string;
  readonly reason: "not-referenced" | "template";
}

export interface PlainFolders {
  /** Root folder → its manifest files. */
  readonly files: ReadonlyMap<string, readonly string[]>;
  readonly unused: readonly UnusedFile[];
}

/**
 * Groups the manifests that no kustomization, chart or patch claims. The root of a plain app is the topmost folder
 * that holds manifests itself, so that a new folder beside it never renames it; the repository's root takes only its
 * own files, because a stray manifest there must not swallow every other app. A folder that an agent applies is a root.
 *
 * Below a kustomization, a file that it does not name is built by nobody (unless an agent applies its folder): it is no
 * app, so that leftovers never fail a pull request. `declared` folders are roots whatever is around them.
 */
export function groupPlainFiles(
  layout: RepositoryLayout,
  config: DiscoveryConfig,
  declared: ReadonlySet<string>,
): PlainFolders {
  const roots = new Map<string, PlainRoot>();
  const files = new Map<string, string[]>();
  const unused: UnusedFile[] = [];
  for (const [folder, state] of layout.folders) {
    const paths = (layout.manifests.get(folder) ?? NO_PATHS).filter((path) => !declared.has(path));
    const inherited = folder === "" ? undefined : roots.get(folderOf(folder));
    const open = findRoot(folder, state, inherited, layout, declared);
    const isDeclared = open?.isDeclared === true;
    const candidates = isDeclared ? paths : paths.filter((path) => isCandidate(path, state, layout, config));
    const isStart = mayStart(state) && candidates.some((path) => layout.facts.get(path)?.kind === "manifests");
    const root = open ?? (isStart ? { folder, isDeclared: false } : undefined);
    const manifests = candidates.filter((path) => isDeclared || isBuilt(path, layout));
    if (root !== undefined && (root.folder !== "" || root.isDeclared)) roots.set(folder, root);
    if (root !== undefined && manifests.length > 0) append(files, root.folder, manifests);
    if (state.chart !== undefined) continue;
    for (const path of candidates) {
      const kind = layout.facts.get(path)?.kind;
      if (kind === "template" && !isDeclared) unused.push({ path, reason: "template" });
      else if (root === undefined && kind === "manifests") unused.push({ path, reason: "not-referenced" });
    }
  }
  for (const [folder, paths] of layout.links.size === 0 ? [] : files) files.set(folder, dropRepeated(paths, layout));
  return { files, unused };
}

/** A link that nobody can read is one of the manifests it stands among: an agent that applies them fails on it. */
function isBuilt(path: string, { facts }: RepositoryLayout): boolean {
  const kind = facts.get(path)?.kind;
  return kind === "manifests" || kind === "unreadable";
}

/** A file that an app holds under several names is read once, under its own name when that is among them. */
function dropRepeated(paths: readonly string[], { links }: RepositoryLayout): string[] {
  const seen = new Set(paths.filter((path) => !links.has(path)));
  const linked = paths.filter((path) => links.has(path)).toSorted();
  const kept = linked.filter((path) => {
    const target = links.get(path) ?? path;
    return !seen.has(target) && seen.add(target);
  });
  return [...paths.filter((path) => !links.has(path)), ...kept];
}

const NO_PATHS: readonly string[] = [];

interface PlainRoot {
  readonly folder: string;
  readonly isDeclared: boolean;
}

function findRoot(
  folder: string,
  state: FolderState,
  inherited: PlainRoot | undefined,
  layout: RepositoryLayout,
  declared: ReadonlySet<string>,
): PlainRoot | undefined {
  if (declared.has(folder)) return { folder, isDeclared: true };
  if (!mayStart(state)) return undefined;
  if (layout.agentFolders.has(folder) && inherited?.isDeclared !== true) return { folder, isDeclared: false };
  return inherited;
}

function mayStart(state: FolderState): boolean {
  return state.chart === undefined && state.kustomization === undefined;
}

function isCandidate(path: string, state: FolderState, layout: RepositoryLayout, config: DiscoveryConfig): boolean {
  return !layout.referenced.has(path) && !isFileOfFolderExcluded(path, state, config);
}

function append(files: Map<string, string[]>, folder: string, paths: readonly string[]): void {
  const known = files.get(folder);
  if (known === undefined) files.set(folder, [...paths]);
  else for (const path of paths) known.push(path);
}
