import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { exposeGlobals } from "../../../packages/kubeconform-wasm/src/module-binary.ts";
import { instantiateReactor } from "../../../packages/kubeconform-wasm/src/reactor.ts";
import type { Reactor } from "../../../packages/kubeconform-wasm/src/reactor.ts";

const repository = join(import.meta.dirname, "..", "..", "..");
const dist = join(repository, "engines", "dist");

/** One folder of `test/fixtures/equality/<engine>/`. `case.json` in it holds options, where the usual ones do not do. */
export interface EngineCase {
  readonly name: string;
  readonly directory: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface RenderedResource {
  readonly yaml: string;
  readonly file: string;
  readonly document: number | null;
  readonly shapedBy: readonly string[];
  readonly hooks?: readonly string[];
}

export interface EngineOutput {
  readonly resources: readonly RenderedResource[];
  readonly taint?: boolean;
}

export function listCases(engine: "kustomize" | "helm"): readonly EngineCase[] {
  const folder = join(repository, "test", "fixtures", "equality", engine);
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const directory = join(folder, name);
      const file = join(directory, "case.json");
      const options = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>) : {};
      return { name, directory, options };
    });
}

/** A fresh instance of an engine that reads the files of `directory`. */
export function startEngine(engine: "kustomize" | "helm", directory: () => string): Reactor {
  const module = new WebAssembly.Module(exposeGlobals(readFileSync(join(dist, `${engine}.wasm`))));
  return instantiateReactor(module, { seed: "equality", lookup: (path) => readPath(join(directory(), path)) });
}

export function callEngine(reactor: Reactor, request: object): EngineOutput {
  const { ok, error } = reactor.call(request) as { ok?: EngineOutput; error?: { kind: string; message: string } };
  if (ok === undefined) throw new Error(`${error?.kind ?? "no answer"}: ${error?.message ?? ""}`);
  return ok;
}

function readPath(path: string): Uint8Array {
  if (!existsSync(path)) return Buffer.from("a");
  if (!statSync(path).isDirectory()) return Buffer.concat([Buffer.from("f"), readFileSync(path)]);
  const entries = readdirSync(path, { withFileTypes: true });
  const list = entries.map((entry) => ({ name: entry.name, kind: entry.isDirectory() ? "directory" : "file" }));
  return Buffer.from(`d${JSON.stringify(list)}`);
}

/**
 * What the native tool of the same module versions prints. They take minutes to build, so that only CI insists on them;
 * elsewhere the test is skipped and says how to build them.
 */
export function runNative(
  test: TestContext,
  tool: "kustomize" | "helm",
  arguments_: readonly string[],
): string | undefined {
  const binary = join(dist, "native", tool);
  if (!existsSync(binary) && process.env["CI"] === undefined) {
    test.skip(`no native ${tool}: build it with "scripts/node.sh scripts/build-engines.ts --native ${tool}"`);
    return undefined;
  }
  return execFileSync(binary, arguments_, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}
