import type { AppsOutput } from "./cli/doors.ts";
import { nearestName } from "./config/nearest-name.ts";
import { emitYaml } from "./diff/index.ts";
import { decodeManifest, UsageError, type App, type Tree } from "./model/index.ts";
import type { LoadedConfig } from "./pipeline/load-config.ts";
import { discoverTree } from "./pipeline/survey.ts";
import { kubernetesOf, renderSettings, type Workbench } from "./workbench.ts";

/** The apps of one tree, without rendering any. */
export async function listApps(tree: Tree, { config, notes }: LoadedConfig): Promise<AppsOutput> {
  const discovery = await discoverTree(tree, config);
  return { apps: discovery.apps, agents: discovery.agents, notes: [...notes, ...discovery.notes] };
}

export interface RenderOneOptions {
  /** Prints the values of Secrets as they are. Such a render is never stored. */
  readonly isRevealed: boolean;
  readonly kubernetesVersion: string | undefined;
}

/** The YAML of one app, named by its id or its directory. Throws a UsageError when there is none or it fails. */
export async function renderOne(
  bench: Workbench,
  tree: Tree,
  loaded: LoadedConfig,
  name: string,
  { isRevealed, kubernetesVersion }: RenderOneOptions,
): Promise<string> {
  const discovery = await discoverTree(tree, loaded.config);
  const app = chooseApp(discovery.apps, name);
  const kubernetes = kubernetesOf(bench.schemasDirectory, kubernetesVersion, loaded);
  const crds = { id: "none", byKind: new Map() };
  bench.engine.prepare(crds);
  const rendering = await bench.engine.render({
    ...renderSettings(loaded),
    app,
    tree: tree.id,
    kubernetes: kubernetes.pick(discovery.kubernetesVersions.get(app.id)),
    crdSet: crds.id,
    isRevealed,
  });
  if (rendering.kind === "failed") {
    const { message, location } = rendering.failure;
    const place =
      location === undefined ? "" : `${location.file}${location.line === undefined ? "" : `:${location.line}`}: `;
    throw new UsageError(`${app.id} does not render\n${place}${message}`);
  }
  return rendering.manifests
    .map((manifest) => `---\n${emitYaml(decodeManifest(manifest), () => "!sealed").join("\n")}\n`)
    .join("");
}

function chooseApp(apps: readonly App[], name: string): App {
  const path = name.replace(/^\.\//u, "").replace(/\/+$/u, "");
  const exact = apps.find((app) => app.id === name);
  if (exact !== undefined) return exact;
  const inDirectory = apps.filter((app) => app.path === path);
  const [only] = inDirectory;
  if (only !== undefined && inDirectory.length === 1) return only;
  const choice = (only === undefined ? apps : inDirectory).map((app) => `  ${app.id}`).slice(0, 20);
  const near = nearestName(path, only === undefined ? apps.flatMap((app) => [app.id, app.path]) : []);
  const question = near === undefined ? "" : `; did you mean ${near}?`;
  const problem =
    only === undefined ? `there is no app "${name}"${question}` : `"${name}" holds ${inDirectory.length} apps`;
  throw new UsageError(`${problem}${question === "" ? "; name" : " Name"} one of\n${choice.join("\n")}`);
}
