/**
 * Measures the render engine alone: `bench/engine.ts [ROUNDS]`. Prints milliseconds: the median, the 95th percentile.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createRenderEngine } from "../src/engine/index.ts";
import { openScratch } from "../src/git/index.ts";
import type { App, RenderRequest } from "../src/model/index.ts";
import type { RenderEngine } from "../src/pipeline/ports.ts";
import { readBundledVersions } from "../src/schemas/index.ts";

const ROOT = join(import.meta.dirname, "..");
const SCHEMAS = join(ROOT, "schemas/kubernetes");
const APPS = 40;

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:1"}]}
`;
const PATCH = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 3, template: {spec: {containers: [{name: web, env: [{name: A, value: b}]}]}}}
`;

function makeFiles(): Map<string, string> {
  const files = new Map<string, string>();
  files.set("base/kustomization.yaml", "resources: [deployment.yaml]\n");
  files.set("base/deployment.yaml", DEPLOYMENT);
  for (let app = 0; app < APPS; app++) {
    files.set(`overlays/${app}/kustomization.yaml`, "resources: [../../base]\npatches: [{path: patch.yaml}]\n");
    files.set(`overlays/${app}/patch.yaml`, PATCH);
    files.set(`charts/${app}/Chart.yaml`, `apiVersion: v2\nname: chart${app}\nversion: 1.0.0\n`);
    files.set(`charts/${app}/values.yaml`, "replicas: 2\n");
    files.set(
      `charts/${app}/templates/deployment.yaml`,
      DEPLOYMENT.replace("replicas: 1", "replicas: {{ .Values.replicas }}"),
    );
    files.set(`plain/${app}/deployment.yaml`, DEPLOYMENT);
  }
  return files;
}

function writeRepository(directory: string, files: ReadonlyMap<string, string>): string {
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", directory, ...args], { encoding: "utf8" }).trim();
  git("init", "-q");
  for (const [path, text] of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  git("add", "-A");
  return git("write-tree");
}

function makeApps(kind: App["kind"]): App[] {
  return Array.from({ length: APPS }, (_, app): App => {
    const base = {
      environment: undefined,
      isEnvironmentDeclared: false,
      guessed: false,
      declaredIn: "",
      assumptions: [],
      isSubstituted: false,
    };
    switch (kind) {
      case "plain":
        return {
          ...base,
          kind,
          id: `plain:plain/${app}`,
          path: `plain/${app}`,
          files: [`plain/${app}/deployment.yaml`],
        };
      case "kustomize":
        return { ...base, kind, id: `kustomize:overlays/${app}`, path: `overlays/${app}`, isLoadUnrestricted: false };
      case "helm": {
        const release = { releaseName: "web", namespace: "shop", valuesFiles: [], apiVersions: [], includeCrds: true };
        return { ...base, kind, id: `helm:charts/${app}`, path: `charts/${app}`, ...release };
      }
    }
  });
}

function report(name: string, times: readonly number[]): void {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  console.log(`${name.padEnd(44)} median ${at(0.5).padStart(7)} ms   95 % ${at(0.95).padStart(7)} ms`);
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function renderAll(engine: RenderEngine, requests: readonly RenderRequest[]): Promise<number[]> {
  const times: number[] = [];
  for (const request of requests) {
    times.push(
      await time(async () => {
        const rendering = await engine.render(request);
        if (rendering.kind === "failed") throw new Error(rendering.failure.message);
      }),
    );
  }
  return times;
}

const rounds = Number(process.argv[2] ?? 5);
const directory = mkdtempSync(join(tmpdir(), "drydock-bench-"));
const tree = writeRepository(directory, makeFiles());
const scratch = await openScratch(directory);
const kubernetes = readBundledVersions(SCHEMAS).at(-1) ?? "";
const limits = { seconds: 60, outputBytes: 2 ** 25, files: 1000, documents: 1000 };
const requestsOf = (kind: App["kind"]): RenderRequest[] =>
  makeApps(kind).map((app) => ({
    app,
    tree,
    kubernetes,
    crdSet: "none",
    schemaLocations: [],
    missingSchema: "notice",
    limits,
  }));
const open = (jobs: number): RenderEngine => {
  const options = { engines: join(ROOT, "engines/dist"), objects: scratch.directory, kubernetesSchemas: SCHEMAS };
  const engine = createRenderEngine({ ...options, macKey: "00", jobs });
  engine.prepare({ id: "none", byKind: new Map() });
  return engine;
};

for (const kind of ["plain", "kustomize", "helm"] as const) {
  const cold: number[] = [];
  const requests = requestsOf(kind);
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    const engine = open(1);
    await renderAll(engine, requests.slice(0, 1));
    cold.push(performance.now() - start);
    await engine.close();
  }
  report(`${kind}: creation to first render`, cold);
  const engine = open(1);
  await renderAll(engine, requests);
  const warm: number[] = [];
  for (let round = 0; round < rounds; round++) warm.push(...(await renderAll(engine, requests)));
  report(`${kind}: one of ${APPS} apps, reused worker`, warm);
  await engine.close();
}

const engine = open(2);
const everything = (["plain", "kustomize", "helm"] as const).flatMap(requestsOf);
const run = (): Promise<number> => time(() => Promise.all(everything.map((request) => engine.render(request))));
report(`${everything.length} apps on 2 workers, cold`, [await run()]);
report(`${everything.length} apps on 2 workers, again`, [await run()]);
console.log(`peak memory ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
await engine.close();
scratch.close();
rmSync(directory, { recursive: true, force: true });
