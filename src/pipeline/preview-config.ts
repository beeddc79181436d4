import { readRepositoryConfig, type RepositoryConfig } from "../config/index.ts";
import type { App, AppId, Tree } from "../model/index.ts";
import { CONFIG_FILE, readTextFile } from "./load-config.ts";
import { discoverTree } from "./survey.ts";

/** Ids named in a sentence; the rest are counted. */
const NAMED = 5;

/**
 * Says what the config that a change brings would mean once it is on the base: which apps come, go or are rendered
 * another way, and which other parts differ. Empty when the change leaves the config alone or breaks it (that is a
 * finding). `config` is the one that this check goes by.
 */
export async function previewConfig(
  baseTree: Tree,
  headTree: Tree,
  config: RepositoryConfig,
): Promise<readonly string[]> {
  const [before, after] = [await readTextFile(baseTree, CONFIG_FILE), await readTextFile(headTree, CONFIG_FILE)];
  if (before === after) return [];
  const reading = readRepositoryConfig(after, CONFIG_FILE);
  if (reading.kind === "invalid") return [];
  const now = await discoverDefinitions(headTree, config);
  const then = await discoverDefinitions(headTree, reading.config);
  const parts = [
    listApps(
      "app would be added",
      "apps would be added",
      [...then.keys()].filter((id) => !now.has(id)),
    ),
    listApps(
      "app would be gone",
      "apps would be gone",
      [...now.keys()].filter((id) => !then.has(id)),
    ),
    listApps(
      "app would be rendered another way",
      "apps would be rendered another way",
      [...then.keys()].filter((id) => now.has(id) && now.get(id) !== then.get(id)),
    ),
    ...listSections(config, reading.config),
  ].filter((part) => part !== undefined);
  const meaning = parts.length === 0 ? "no app and no rule would differ" : parts.join("; ");
  return [`This change edits ${CONFIG_FILE}, which counts once it is on the base: ${meaning}.`];
}

async function discoverDefinitions(tree: Tree, config: RepositoryConfig): Promise<ReadonlyMap<AppId, string>> {
  const { apps, kubernetesVersions } = await discoverTree(tree, config);
  // Where an app is declared says nothing about what is rendered.
  const define = (app: App): string => JSON.stringify([{ ...app, declaredIn: "" }, kubernetesVersions.get(app.id)]);
  return new Map(apps.map((app) => [app.id, define(app)]));
}

function listApps(one: string, many: string, ids: readonly AppId[]): string | undefined {
  if (ids.length === 0) return undefined;
  const more = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : "";
  return `${ids.length} ${ids.length === 1 ? one : many} (${ids.slice(0, NAMED).join(", ")}${more})`;
}

/** Parts of the config that discovery does not see. Lines are left out: moving an entry changes nothing. */
function listSections(before: RepositoryConfig, after: RepositoryConfig): string[] {
  const sections = [
    "strict",
    "kubernetes",
    "accept",
    "mode",
    "comment",
    "review",
    "checks",
    "labels",
    "limits",
  ] as const;
  const print = (value: unknown): string =>
    JSON.stringify(value, (key, item: unknown) => (key === "line" ? undefined : item));
  return sections.filter((key) => print(before[key]) !== print(after[key])).map((key) => `"${key}" would differ`);
}
