/**
 * Builds the engines (`engines/<name>/` with a `main.go`) to `engines/dist/<name>.wasm`, and with `--native` also the
 * command-line tools of the same names to `engines/dist/native/`, to compare with. What is up to date is left alone.
 *
 *   build-engines.ts [--native] [NAME…]
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exposeGlobals } from "../packages/kubeconform-wasm/src/module-binary.ts";
import { instantiateReactor } from "../packages/kubeconform-wasm/src/reactor.ts";
import { bakeState } from "./wasm-image.ts";

const engines = join(import.meta.dirname, "..", "engines");
const dist = join(engines, "dist");
const minimumGo = [1, 26] as const;

/** The Go packages of the native tools, from the same module as the engines. */
const nativeTools: Readonly<Record<string, string>> = {
  kustomize: "sigs.k8s.io/kustomize/kustomize/v5",
  helm: "helm.sh/helm/v4/cmd/helm",
  kubeconform: "github.com/yannh/kubeconform/cmd/kubeconform",
};

/** The code that makes a module of what Go linked, besides the engine's own. */
const bakingCode = [
  "wasm-image.ts",
  "../packages/kubeconform-wasm/src/reactor.ts",
  "../packages/kubeconform-wasm/src/wasi.ts",
];

/**
 * Native tools that no engine is made of, by the engine they are compared with. They come from a module of their own
 * (`engines/compare`), whose many dependencies stay out of the engines'.
 */
const comparedTools: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  rego: { regopeer: "./regopeer" },
};
const compareFolder = "compare";

const wasmFlags = ["-buildmode=c-shared", "-trimpath", "-buildvcs=false"];
const nativeFlags = ["-trimpath", "-buildvcs=false", "-ldflags=-s -w"];

const pagesPerMiB = 16;
const defaultMemoryMiB = 384;
/**
 * The most memory an instance may take, in MiB. Go declares no maximum, so that a hostile input could grow an instance
 * to 4 GiB. Renderers hold a whole app as YAML nodes, which take about fifty times the bytes of their text.
 */
const memoryMiB: Readonly<Record<string, number>> = { kustomize: 512, helm: 512 };

class BuildError extends Error {}

function listEngines(): string[] {
  return globSync("*/main.go", { cwd: engines })
    .map((path) => path.slice(0, -"/main.go".length))
    .sort();
}

function readGoVersion(): string {
  const go = spawnSync("go", ["env", "GOVERSION"], { cwd: engines, encoding: "utf8" });
  if (go.error !== undefined)
    throw new BuildError("The engines are built with Go 1.26 or newer, and there is no `go`.");
  const version = go.stdout.trim();
  const [major = 0, minor = 0] = version.replace(/^go/, "").split(".").map(Number.parseFloat);
  if (go.status !== 0 || major < minimumGo[0] || (major === minimumGo[0] && minor < minimumGo[1])) {
    const found = version === "" ? go.stderr.trim().replaceAll("\n", " ") : `this one is ${version.slice(2)}`;
    throw new BuildError(`The engines are built with Go ${minimumGo.join(".")} or newer (${found}).`);
  }
  return version;
}

/** Digest of all that a build depends on: the engine's folder, the packages it may share, the modules and the flags. */
function digestSources(folders: readonly string[], facts: readonly string[]): string {
  return digestFiles(["go.mod", "go.sum", ...folders.map((folder) => `${folder}/**/*`)], facts);
}

function digestFiles(patterns: readonly string[], facts: readonly string[]): string {
  const hash = createHash("sha256").update(JSON.stringify(facts));
  for (const path of globSync(patterns, { cwd: engines }).sort()) {
    if (path.endsWith("_test.go") || !statSync(join(engines, path)).isFile()) continue;
    const content = readFileSync(join(engines, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/** Runs `build` unless `target` was built from the same digest. Says what it does, because Helm takes minutes, and what it did. */
function buildOnce(name: string, target: string, digest: string, build: (temporary: string) => void): void {
  const stamp = `${target}.stamp`;
  if (existsSync(target) && existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return;
  const temporary = `${target}.${process.pid}.tmp`;
  const start = performance.now();
  process.stdout.write(`building ${name}\n`);
  try {
    build(temporary);
    rmSync(stamp, { force: true });
    renameSync(temporary, target);
    writeFileSync(stamp, digest);
  } finally {
    rmSync(temporary, { force: true });
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const megabytes = (statSync(target).size / 1e6).toFixed(1);
  process.stdout.write(`built ${name}: ${seconds} s, ${megabytes} MB\n`);
}

function compile(name: string, arguments_: readonly string[], environment: Readonly<Record<string, string>>): void {
  try {
    execFileSync("go", ["build", ...arguments_], {
      cwd: engines,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "inherit", "inherit"],
    });
  } catch (cause) {
    throw new BuildError(`Go could not build ${name}; its own words are above.`, { cause });
  }
}

/** Kustomize writes its version into labels (`buildMetadata: [managedByLabel]`) and takes it from its own main module. */
function linkerFlags(name: string): string {
  const strip = "-ldflags=-s -w";
  if (name !== "kustomize") return strip;
  const version = /kustomize\/kustomize\/v5 (v\S+)/.exec(readFileSync(join(engines, "go.mod"), "utf8"))?.[1];
  if (version === undefined) throw new BuildError("go.mod does not say which kustomize this is.");
  return `${strip} -X sigs.k8s.io/kustomize/api/provenance.version=${version}`;
}

function buildEngine(name: string, sharedFolders: readonly string[], goVersion: string): void {
  const pages = (memoryMiB[name] ?? defaultMemoryMiB) * pagesPerMiB;
  const flags = [...wasmFlags, linkerFlags(name)];
  const baking = bakingCode.map((file) => readFileSync(join(import.meta.dirname, file), "utf8"));
  const digest = digestSources(
    [name, ...sharedFolders],
    [goVersion, ...flags, String(pages), "globals exposed", ...baking],
  );
  buildOnce(`${name}.wasm`, join(dist, `${name}.wasm`), digest, (temporary) => {
    compile(name, [...flags, "-o", temporary, `./${name}`], { GOOS: "wasip1", GOARCH: "wasm" });
    // Done here because doing it at every start would copy the largest module once more.
    writeFileSync(temporary, exposeGlobals(warmUp(name, readFileSync(temporary), pages)));
  });
}

function buildNativeTools(engine: string, goVersion: string): void {
  const goPackage = nativeTools[engine];
  if (goPackage !== undefined) {
    const digest = digestSources([], [goVersion, goPackage, ...nativeFlags]);
    buildNativeTool(engine, goPackage, digest, nativeFlags);
  }
  for (const [tool, compared] of Object.entries(comparedTools[engine] ?? {})) {
    const digest = digestFiles(
      [`${compareFolder}/go.*`, `${compareFolder}/${tool}/*`],
      [goVersion, compared, ...nativeFlags],
    );
    buildNativeTool(tool, compared, digest, ["-C", compareFolder, ...nativeFlags]);
  }
}

function buildNativeTool(name: string, goPackage: string, digest: string, flags: readonly string[]): void {
  const target = join(dist, "native", process.platform === "win32" ? `${name}.exe` : name);
  buildOnce(`native ${name}`, target, digest, (temporary) => {
    compile(name, [...flags, "-o", temporary, goPackage], {});
  });
}

/**
 * Runs the program once as `warm.json` of its folder says, if there is one, and keeps the state it is in then. A warm
 * program gives the same results: instances are used again and again anyway.
 */
function warmUp(name: string, wasm: Uint8Array, pages: number): Uint8Array {
  const file = join(engines, name, "warm.json");
  const warmth = (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { files: {} }) as WarmUp;
  const module = new WebAssembly.Module(exposeGlobals(wasm));
  const reactor = instantiateReactor(module, { seed: "drydock", lookup: (path) => lookUp(warmth.files, path) });
  for (const request of [...(warmth.requests ?? []), { op: "settle" }]) {
    const answer = reactor.call(request) as { error?: { message: string } };
    if (answer.error !== undefined) throw new BuildError(`${name} does not warm up: ${answer.error.message}`);
  }
  return bakeState(wasm, reactor.snapshot(), pages);
}

interface WarmUp {
  readonly files: Readonly<Record<string, string>>;
  readonly requests?: readonly object[];
}

/** The reply to a lookup in a repository of a few files (see the package comment of engines/abi). */
function lookUp(files: WarmUp["files"], path: string): Uint8Array {
  const content = files[path];
  if (content !== undefined) return Buffer.from(`f${content}`);
  const below = Object.keys(files).filter((file) => file.startsWith(`${path}/`));
  if (below.length === 0) return Buffer.from("a");
  const entries = below.map((file) => {
    const [name = "", ...rest] = file.slice(path.length + 1).split("/");
    return [name, rest.length === 0 ? "file" : "directory"] as const;
  });
  return Buffer.from(`d${JSON.stringify(Array.from(new Map(entries), ([entry, kind]) => ({ name: entry, kind })))}`);
}

function buildAll(arguments_: readonly string[]): void {
  const wanted = arguments_.filter((argument) => !argument.startsWith("--"));
  const all = listEngines();
  const unknown = wanted.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new BuildError(`There is no engine ${unknown}; there are ${all.join(", ")}.`);
  const goVersion = readGoVersion();
  mkdirSync(join(dist, "native"), { recursive: true });
  const folders = globSync("*/", { cwd: engines }).map((folder) => folder.replace(/\/$/, ""));
  const shared = folders.filter((folder) => !["dist", compareFolder].includes(folder) && !all.includes(folder));
  const names = wanted.length > 0 ? wanted : all;
  for (const name of names) buildEngine(name, shared, goVersion);
  if (!arguments_.includes("--native")) return;
  for (const name of names) buildNativeTools(name, goVersion);
}

if (import.meta.main) {
  try {
    buildAll(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
