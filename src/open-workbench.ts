import { createHash, randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FILE_FACTS_VERSION } from "./discover/index.ts";
import type { ProxySettings } from "./egress/index.ts";
import {
  createPolicyEngine,
  createRenderEngine,
  ENGINE_NAMES,
  POLICY_ENGINE_NAMES,
  type EnginePoolOptions,
} from "./engine/index.ts";
import type { Repository } from "./git/index.ts";
import { UsageError } from "./model/index.ts";
import type { PolicyEngine } from "./pipeline/policy-ports.ts";
import type { RenderEngine, Store } from "./pipeline/ports.ts";
import { sweepFileStore } from "./store/file-store.ts";
import { createFileStore, createMemoryStore } from "./store/index.ts";
import type { Workbench } from "./workbench.ts";

/** What the composition root hands to the server. */
export interface ServerSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Resolves when the process is told to end. */
  readonly untilStopped: () => Promise<void>;
}

/** What the composition root knows of the machine. */
export interface Surroundings {
  /** Drydock's own directory: engines, schemas and the demo's files are below it. */
  readonly root: string;
  /** Where results are kept between runs; undefined keeps none. */
  readonly cacheDirectory: string | undefined;
  /** Where programs are found. */
  readonly path: string;
  /** What the server is configured by, and what tells it to end; undefined where there is no server. */
  readonly server?: ServerSurroundings;
  /** The proxies that the environment names; none by default. */
  readonly proxies?: ProxySettings;
}

const ONE_DAY = 24 * 3600 * 1000;
/** Stored results that no check has used for this long are removed. Milliseconds: thirty days. */
const KEEP_RESULTS = 30 * ONE_DAY;

/** Opens engines and cache for one repository. Without a cache directory nothing outlives the process. */
export function openWorkbench(
  { root, cacheDirectory, proxies }: Surroundings,
  repository: Repository,
  options: { readonly cache: boolean; readonly jobs?: number },
): Workbench {
  const cache = options.cache ? cacheDirectory : undefined;
  const macKey = cache === undefined ? randomBytes(32).toString("hex") : readSealKey(cache);
  const equipment = readEquipment(root, macKey);
  if (cache !== undefined) sweepOncePerDay(cache);
  const engine = createRenderEngine({
    ...equipment.engines,
    objects: repository.scratchDirectory,
    jobs: options.jobs,
  });
  const store = cache === undefined ? createMemoryStore() : createFileStore(cache);
  const policyEngine = createPolicyEngine(equipment.engines.engines);
  return { ...assembleWorkbench(equipment, repository, { engine, policyEngine }, store), proxies };
}

/** What checks are made with on this machine, whatever the repository. */
export interface Equipment extends Pick<Workbench, "build" | "versions" | "schemasDirectory"> {
  readonly engines: EnginePoolOptions;
}

/** Reads what is below Drydock's own directory. Fails with a UsageError when the engines are not built. */
export function readEquipment(root: string, macKey: string): Equipment {
  const engines = join(root, "engines", "dist");
  const schemasDirectory = join(root, "schemas", "kubernetes");
  const builds = readEngineBuilds(engines);
  const versions = { drydock: readVersion(root), engines: readEngineVersions(root) };
  return {
    engines: { engines, kubernetesSchemas: schemasDirectory, macKey },
    build: digest([versions, builds, digest(macKey), FILE_FACTS_VERSION]),
    versions,
    schemasDirectory,
  };
}

/** Puts the parts together for one repository. */
export function assembleWorkbench(
  { build, versions, schemasDirectory }: Equipment,
  repository: Repository,
  engines: { readonly engine: RenderEngine; readonly policyEngine: PolicyEngine },
  store: Store,
): Workbench {
  return {
    ...engines,
    store,
    build,
    versions,
    schemasDirectory,
    changesBetween: rememberLast((base, head) => repository.diffTrees(base, head)),
    hasTree: async (id) => (await repository.objects.describe(id))?.type === "tree",
    repositoryKey: repository.key,
  };
}

/**
 * The key under which macs of secret values are made; made once, readable by its owner alone. Written whole and put in
 * place in one step, so that two processes that start at once get the same one. A damaged one is replaced: results
 * made under it are not found any more.
 */
export function readSealKey(cache: string): string {
  const file = join(cache, "seal.key");
  const known = readKey(file);
  if (known !== undefined) return known;
  const made = randomBytes(32).toString("hex");
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    writeFileSync(temporary, made, { mode: 0o600 });
    if (existsSync(file)) renameSync(temporary, file);
    else placeFirst(temporary, file);
  } catch {
    // Nothing can be written here: reading tells.
  }
  return readKey(file) ?? made;
}

/** Another process may be first; its key counts. */
function placeFirst(temporary: string, file: string): void {
  try {
    linkSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function readKey(file: string): string | undefined {
  try {
    const text = readFileSync(file, "utf8");
    return /^[0-9a-f]{64}$/u.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

function sweepOncePerDay(cache: string): void {
  const stamp = join(cache, "swept");
  const now = Date.now();
  try {
    if (now - (statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0) < ONE_DAY) return;
    writeFileSync(stamp, "");
  } catch {
    return; // Nothing can be written here, so nothing has to be swept.
  }
  sweepFileStore(cache, KEEP_RESULTS, now);
}

export function readVersion(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  return version;
}

/** What makes renders of one build differ from those of another: the digests that the engines' build left. */
function readEngineBuilds(engines: string): string {
  try {
    return [...ENGINE_NAMES, ...POLICY_ENGINE_NAMES]
      .map((name) => readFileSync(join(engines, `${name}.wasm.stamp`), "utf8").trim())
      .join(" ");
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
    opa: versionOf("github\\.com/open-policy-agent/opa"),
  };
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

/** A check asks for the same comparison more than once; the last few answers serve for that. */
function rememberLast(compare: Workbench["changesBetween"]): Workbench["changesBetween"] {
  const answers = new Map<string, ReturnType<Workbench["changesBetween"]>>();
  return (base, head) => {
    const key = `${base} ${head}`;
    const answer = answers.get(key) ?? compare(base, head);
    answers.set(key, answer);
    for (const oldest of answers.keys()) if (answers.size > 4) answers.delete(oldest);
    return answer;
  };
}
