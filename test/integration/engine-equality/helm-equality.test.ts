import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { loadAll } from "js-yaml";
import { callEngine, listCases, runNative, startEngine } from "./engine-case.ts";
import type { EngineCase } from "./engine-case.ts";

interface TemplateOptions {
  readonly releaseName: string;
  readonly namespace: string;
  readonly kubeVersion: string;
  readonly valuesFiles: readonly string[];
  readonly apiVersions: readonly string[];
  readonly includeCrds: boolean;
}

const usual: TemplateOptions = {
  releaseName: "app",
  namespace: "default",
  kubeVersion: "1.33.0",
  valuesFiles: [],
  apiVersions: [],
  includeCrds: false,
};

/** These cases are there to give nothing. */
const emptyCases = new Set(["no-templates"]);

function commandLine({ directory }: EngineCase, options: TemplateOptions): string[] {
  const { releaseName, namespace, kubeVersion, valuesFiles, apiVersions, includeCrds } = options;
  return [
    ...["template", releaseName, join(directory, "chart"), "--namespace", namespace, "--kube-version", kubeVersion],
    ...valuesFiles.flatMap((file) => ["--values", join(directory, file)]),
    ...apiVersions.flatMap((version) => ["--api-versions", version]),
    ...(includeCrds ? ["--include-crds"] : []),
  ];
}

/** The documents that Helm prints, without its own comment at the head of each, and without those that hold nothing. */
function splitNative(printed: string): string[] {
  const pieces = printed.split(/^---\n# Source: .*\n/m).map((piece) => piece.trim());
  return pieces.flatMap((piece) => piece.split(/^---[ \t]*\n/m)).filter(holdsSomething);
}

function holdsSomething(text: string): boolean {
  return loadAll(text).some((document) => document != null);
}

describe("helm renders as the native tool", () => {
  const cases = listCases("helm");
  assert.ok(cases.length >= 25, "the cases are gone");
  let directory = "";
  const engine = startEngine("helm", () => directory);
  const start = engine.snapshot();

  for (const one of cases) {
    it(one.name, (test) => {
      const options = { ...usual, ...one.options };
      const native = runNative(test, "helm", commandLine(one, options));
      if (native === undefined) return;
      directory = one.directory;
      engine.restore(start, one.name);
      const output = callEngine(engine, { op: "template", chart: "chart", ...options });
      const rendered = output.resources.map(({ yaml }) => yaml.trim());
      assert.deepEqual(
        rendered,
        splitNative(native).map((text) => text.trim()),
      );
      assert.equal(rendered.length === 0, emptyCases.has(one.name), "a case that gives nothing shows nothing");
    });
  }
});
