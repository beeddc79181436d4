import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configDoor } from "./cli/config-door.ts";
import type {
  AppsOutput,
  AppsRequest,
  CheckOutput,
  CheckRequest,
  DemoRequest,
  Doors,
  Presentation,
  RenderRequestOptions,
  ReportProgress,
} from "./cli/doors.ts";
import { runDemo } from "./demo/run-demo.ts";
import { FILE_FACTS_VERSION } from "./discover/index.ts";
import { createRenderEngine, ENGINE_NAMES } from "./engine/index.ts";
import { openRepository, type Repository } from "./git/index.ts";
import { UsageError, type Report, type Tree } from "./model/index.ts";
import { CONFIG_FILE, loadConfig, parseGivenConfig, type LoadedConfig } from "./pipeline/load-config.ts";
import { sweepFileStore } from "./store/file-store.ts";
import { loadReportAssets } from "./report/assets.ts";
import { renderReport } from "./report/index.ts";
import { createFileStore, createMemoryStore } from "./store/index.ts";
import { listApps, renderOne } from "./one-side.ts";
import { reportConflict, resolveSides, type MergedSides } from "./sides.ts";
import { runCheck, type CheckedTrees, type Workbench } from "./workbench.ts";

/** What the composition root knows of the machine. */
export interface Surroundings {
  /** Drydock's own directory: engines, schemas and the demo's files are below it. */
  readonly root: string;
  /** Where results are kept between runs; undefined keeps none. */
  readonly cacheDirectory: string | undefined;
  /** Where programs are found. */
  readonly path: string;
}

/** How many earlier versions of the config are tried for a valid one. */
const CONFIG_HISTORY = 50;
const ONE_DAY = 24 * 3600 * 1000;
/** Stored results that no check has used for this long are removed. Milliseconds: thirty days. */
const KEEP_RESULTS = 30 * 24 * 3600 * 1000;

/** What the commands do, wired to git, the engines and the cache of this machine. */
export function createDoors(surroundings: Surroundings): Doors {
  const check: Doors["check"] = (request, onProgress) => checkDoor(surroundings, request, onProgress);
  return {
    version: readVersion(surroundings.root),
    check,
    render: (request) => renderDoor(surroundings, request),
    apps: (request) => appsDoor(surroundings, request),
    config: (request) => Promise.resolve(configDoor(request, CONFIG_FILE)),
    demo: (request, print) => demoDoor(surroundings, request, print, check),
    writeFile: (path, text) => writeFile(path, text),
  };
}

async function checkDoor(
  surroundings: Surroundings,
  request: CheckRequest & Presentation,
  onProgress: ReportProgress,
): Promise<CheckOutput> {
  const repository = await openRepository(request.repo);
  const bench = openWorkbench(surroundings, repository, request);
  try {
    const started = performance.now();
    const sides = await resolveSides(repository, request);
    const checked =
      sides.kind === "conflict"
        ? {
            report: reportConflict(repository.name, sides, { ...bench.versions, kubernetes: [] }),
            rendered: 0,
            reused: 0,
            files: 0,
          }
        : await runCheck(bench, {
            ...sides,
            repository: repository.name,
            config: await chooseConfig(repository, sides, request.config),
            isAll: request.all === true,
            kubernetesVersion: request.kubernetesVersion,
            onProgress,
          });
    return {
      text: await printReport(checked.report, request),
      exitCode: checked.report.outcome.exitCode,
      stats: printStats(checked, performance.now() - started),
    };
  } finally {
    await bench.engine.close();
    await repository.close();
  }
}

async function chooseConfig(
  repository: Repository,
  { baseTree, base }: MergedSides,
  given: string | undefined,
): Promise<LoadedConfig> {
  if (given !== undefined) return parseGivenConfig(readGivenFile(given), given);
  const { commit } = base;
  return loadConfig(baseTree, () =>
    commit === undefined ? noHistory() : repository.fileHistory(commit, CONFIG_FILE, CONFIG_HISTORY),
  );
}

 
async function* noHistory(): AsyncIterable<never> {
  // A bare tree has no history.
}

function readGivenFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new UsageError(`${file} cannot be read`, { cause });
  }
}

async function printReport(
  report: Report,
  { format, width, color, all, output }: CheckRequest & Presentation,
): Promise<string> {
  return renderReport(report, format, {
    text: { width, color: color && output === undefined, showKnown: all === true },
    ...(format === "html" ? { assets: await loadReportAssets() } : {}),
  });
}

function printStats({ rendered, reused, files }: CheckedTrees, milliseconds: number): string {
  const seconds = (milliseconds / 1000).toFixed(2);
  return `${rendered} rendered, ${reused} reused, ${files} files read, ${seconds} s\n`;
}

async function renderDoor(surroundings: Surroundings, request: RenderRequestOptions): Promise<string> {
  return withTree(surroundings, request, async (bench, tree, config) => {
    const isRevealed = request.showSecrets === true;
    return await renderOne(bench, tree, config, request.app, {
      isRevealed,
      kubernetesVersion: request.kubernetesVersion,
    });
  });
}

async function appsDoor(surroundings: Surroundings, request: AppsRequest): Promise<AppsOutput> {
  return withTree(surroundings, request, (_bench, tree, config) => listApps(tree, config));
}

async function withTree<T>(
  surroundings: Surroundings,
  request: { readonly repo: string; readonly ref: string },
  use: (bench: Workbench, tree: Tree, config: LoadedConfig) => Promise<T>,
): Promise<T> {
  const repository = await openRepository(request.repo);
  const bench = openWorkbench(surroundings, repository, { cache: false, jobs: 1 });
  try {
    const side = await repository.resolveRef(request.ref);
    const tree = repository.openTree(side.tree);
    const sides = { kind: "trees", base: side, head: side, baseTree: tree, headTree: tree } as const;
    return await use(bench, tree, await chooseConfig(repository, sides, undefined));
  } finally {
    await bench.engine.close();
    await repository.close();
  }
}

/** Opens engines and cache for one repository. Without a cache directory nothing outlives the process. */
function openWorkbench(
  { root, cacheDirectory }: Surroundings,
  repository: Repository,
  options: { readonly cache: boolean; readonly jobs?: number },
): Workbench {
  const cache = options.cache ? cacheDirectory : undefined;
  const engines = join(root, "engines", "dist");
  const schemasDirectory = join(root, "schemas", "kubernetes");
  const builds = readEngineBuilds(engines);
  const macKey = cache === undefined ? randomBytes(32).toString("hex") : readSealKey(cache);
  const versions = { drydock: readVersion(root), engines: readEngineVersions(root) };
  if (cache !== undefined) sweepOncePerDay(cache);
  return {
    engine: createRenderEngine({
      engines,
      objects: repository.scratchDirectory,
      kubernetesSchemas: schemasDirectory,
      macKey,
      jobs: options.jobs,
    }),
    store: cache === undefined ? createMemoryStore() : createFileStore(cache),
    build: digest([versions, builds, digest(macKey), FILE_FACTS_VERSION]),
    versions,
    schemasDirectory,
    changesBetween: (base, head) => repository.diffTrees(base, head),
    repositoryKey: repository.key,
  };
}

/** The key under which macs of secret values are made; made once, readable by its owner alone. */
function readSealKey(cache: string): string {
  const file = join(cache, "seal.key");
  try {
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    writeFileSync(file, randomBytes(32).toString("hex"), { mode: 0o600, flag: "wx" });
  } catch {
    // It exists already, or nothing can be written here: reading tells.
  }
  try {
    return readFileSync(file, "utf8");
  } catch {
    return randomBytes(32).toString("hex");
  }
}

function sweepOncePerDay(cache: string): void {
  const stamp = join(cache, "swept");
  const now = Date.now();
  if (now - (statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0) < ONE_DAY) return;
  writeFileSync(stamp, "");
  sweepFileStore(cache, KEEP_RESULTS, now);
}

function readVersion(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  return version;
}

/** What makes renders of one build differ from those of another: the digests that the engines' build left. */
function readEngineBuilds(engines: string): string {
  try {
    return ENGINE_NAMES.map((name) => readFileSync(join(engines, `${name}.wasm.stamp`), "utf8").trim()).join(" ");
  } catch (cause) {
    throw new UsageError("the engines are not built; run `npm run setup`", { cause });
  }
}

/** Versions of the engines' modules as a report names them: the same on every machine that runs this version. */
function readEngineVersions(root: string): Readonly<Record<string, string>> {
  const modules = readFileSync(join(root, "engines", "go.mod"), "utf8");
  const versionOf = (module: string): string => new RegExp(`\\s${module} v(\\S+)`).exec(modules)?.[1] ?? "unknown";
  return {
    helm: versionOf("helm\\.sh/helm/v4"),
    kubeconform: versionOf("github\\.com/yannh/kubeconform"),
    kustomize: versionOf("sigs\\.k8s\\.io/kustomize/api"),
  };
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

async function demoDoor(
  surroundings: Surroundings,
  request: DemoRequest,
  print: (text: string) => void,
  check: Doors["check"],
): Promise<0> {
  const directory = request.directory ?? mkdtempSync(join(tmpdir(), "drydock-demo-"));
  const repository = join(directory, "harbor-config");
  const pageOf = (branch: string): string => join(directory, `${branch}.html`);
  await runDemo({
    source: join(surroundings.root, "demo"),
    repository,
    path: surroundings.path,
    print,
    pageOf,
    check: async (branch, page) => {
      const { width, color } = request;
      const asked = { width, color, repo: repository, base: "main", head: branch, merge: true, cache: true } as const;
      const html = await check({ ...asked, format: "html" }, () => undefined);
      await writeFile(page, html.text);
      return check({ ...asked, format: "text" }, () => undefined);
    },
  });
  return 0;
}
