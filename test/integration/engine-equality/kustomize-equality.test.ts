import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { callEngine, listCases, runNative, startEngine } from "./engine-case.ts";
import type { EngineCase } from "./engine-case.ts";

interface BuildOptions {
  readonly path: string;
  readonly isLoadUnrestricted: boolean;
}

/** The overlay of a case is built, where it has one. */
function readOptions({ directory, options }: EngineCase): BuildOptions {
  const path = existsSync(join(directory, "overlay")) ? "overlay" : "";
  return { path, isLoadUnrestricted: false, ...options };
}

describe("kustomize renders as the native tool", () => {
  const cases = listCases("kustomize");
  assert.ok(cases.length >= 30, "the cases are gone");
  let directory = "";
  let engine = startEngine("kustomize", () => directory);

  for (const one of cases) {
    it(one.name, (test) => {
      const options = readOptions(one);
      const restrictor = options.isLoadUnrestricted ? ["--load-restrictor", "LoadRestrictionsNone"] : [];
      const native = runNative(test, "kustomize", ["build", join(one.directory, options.path), ...restrictor]);
      if (native === undefined) return;
      directory = one.directory;
      const output = callEngine(engine, { op: "build", ...options });
      if (output.taint === true) engine = startEngine("kustomize", () => directory);
      assert.equal(output.resources.map(({ yaml }) => yaml).join("---\n"), native);
      assert.notEqual(native, "");
    });
  }
});
