import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { after } from "node:test";
import { compileEngines } from "../../../src/engine/engine-modules.ts";
import { createRegoEngine, type RegoEngine, type RegoEngineOptions } from "../../../src/engine/rego-engine.ts";
import type { PolicyContext, PolicyInput, PolicySubject } from "../../../src/model/index.ts";
import type { PolicyLimits, RegoSource } from "../../../src/pipeline/policy-ports.ts";

export const ROOT = join(import.meta.dirname, "..", "..", "..");
const modules = compileEngines(join(ROOT, "engines", "dist"), ["rego"]);

export const LIMITS: PolicyLimits = { seconds: 30, answers: 100 };
export const CONTEXT: PolicyContext = { app: "plain:app", environment: undefined, pullRequest: undefined };

/** An engine over the built module, closed when the tests of the file have ended. */
export function openEngine(options: Omit<RegoEngineOptions, "module"> = { workers: 1 }): RegoEngine {
  const engine = createRegoEngine({ module: () => modules.get("rego"), ...options });
  after(() => engine.close());
  return engine;
}

/** A source of one file or several, named `a.rego`, `b.rego`, … */
export function sourceOf(...texts: readonly string[]): RegoSource {
  const files = texts.map((text, index) => ({ file: `${String.fromCharCode(97 + index)}.rego`, text }));
  return { modules: files, data: [], namespaces: undefined };
}

/** The policies of a folder with the data beside them, as the pipeline reads them. */
export function readSource(folders: readonly string[], dataFolder: string | undefined): RegoSource {
  const read = (folder: string, pattern: string): { file: string; text: string }[] =>
    globSync(pattern, { cwd: folder })
      .sort()
      .map((file) => ({ file, text: readFileSync(join(folder, file), "utf8") }));
  const data = dataFolder === undefined ? [] : read(dataFolder, "**/*.{json,yaml,yml}");
  return {
    modules: folders.flatMap((folder) =>
      read(folder, "**/*.rego").map(({ file, text }) => ({ file: `${basename(folder)}/${file}`, text })),
    ),
    data: data.map(({ file, text }) => ({
      file,
      text,
      at: dirname(file)
        .split(sep)
        .filter((step) => step !== "."),
    })),
    namespaces: undefined,
  };
}

export function created(object: object): PolicyInput {
  return { object: subjectOf(object), before: undefined };
}

export function subjectOf(object: object, sealed: readonly string[] = []): PolicySubject {
  return { json: JSON.stringify(object), sealed };
}
