import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createRenderEngine } from "../../../src/engine/index.ts";
import type { RenderEngineOptions } from "../../../src/engine/index.ts";
import { openScratch } from "../../../src/git/index.ts";
import type { App, CrdSet, HelmApp, KustomizeApp, PlainApp, RenderRequest } from "../../../src/model/index.ts";
import type { RenderEngine } from "../../../src/pipeline/ports.ts";
import { readBundledVersions } from "../../../src/schemas/index.ts";

const ROOT = join(import.meta.dirname, "../../..");
const SCHEMAS = join(ROOT, "schemas/kubernetes");
const NEWEST = readBundledVersions(SCHEMAS).at(-1) ?? "";

export const NO_CRDS: CrdSet = { id: "none", byKind: new Map() };

/** A link, or a submodule, where a text stands for a file. */
export type Content = string | { readonly link: string } | { readonly submodule: string };

export interface RenderFixture {
  readonly engine: RenderEngine;
  request(app: App, changes?: Partial<RenderRequest>): RenderRequest;
  close(): Promise<void>;
}

/** An engine over a repository with one tree of these files. */
export async function createRenderFixture(
  files: Readonly<Record<string, Content>>,
  options: Partial<RenderEngineOptions> = {},
): Promise<RenderFixture> {
  const directory = mkdtempSync(join(tmpdir(), "drydock-render-"));
  const tree = writeTree(directory, files);
  const scratch = await openScratch(directory);
  const engine = createRenderEngine({
    engines: join(ROOT, "engines/dist"),
    objects: scratch.directory,
    kubernetesSchemas: SCHEMAS,
    macKey: "0123456789abcdef",
    jobs: 1,
    ...options,
  });
  engine.prepare(NO_CRDS);
  return {
    engine,
    request: (app, changes = {}) => ({
      app,
      tree,
      kubernetes: NEWEST,
      crdSet: NO_CRDS.id,
      schemaLocations: [],
      missingSchema: "notice",
      limits: { seconds: 60, outputBytes: 32 * 1024 * 1024, files: 1000, documents: 1000 },
      ...changes,
    }),
    close: async () => {
      await engine.close();
      scratch.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function writeTree(directory: string, files: Readonly<Record<string, Content>>): string {
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", directory, ...args], {
      env: { PATH: process.env["PATH"], GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" },
      encoding: "utf8",
    }).trim();
  git("init", "-q", "-b", "main");
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    if (typeof content === "string") writeFileSync(join(directory, path), content);
    else if ("link" in content) symlinkSync(content.link, join(directory, path));
    else git("update-index", "--add", "--cacheinfo", `160000,${content.submodule},${path}`);
  }
  for (const [path, content] of Object.entries(files)) {
    if (typeof content === "string" || "link" in content) git("add", path);
  }
  return git("write-tree");
}

const BASE = {
  environment: undefined,
  isEnvironmentDeclared: false,
  guessed: false,
  declaredIn: "",
  assumptions: [],
  isSubstituted: false,
};

export function plainApp(...files: string[]): PlainApp {
  return { ...BASE, kind: "plain", id: "plain:", path: "", files };
}

export function kustomizeApp(path: string): KustomizeApp {
  return { ...BASE, kind: "kustomize", id: `kustomize:${path}`, path, isLoadUnrestricted: false };
}

export function helmApp(path: string, ...valuesFiles: string[]): HelmApp {
  const release = { releaseName: "web", namespace: "shop", valuesFiles, apiVersions: [], includeCrds: true };
  return { ...BASE, kind: "helm", id: `helm:${path}`, path, ...release };
}
