import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AppFiles } from "../../../src/engine/app-files.ts";
import type { DecodedFinding, DecodeResult } from "../../../src/engine/decoded-document.ts";
import { placeLeaks, readValuesFiles } from "../../../src/engine/place-leaks.ts";
import type { App } from "../../../src/model/index.ts";

const helm = { kind: "helm", id: "helm:chart", path: "chart", valuesFiles: ["prod.yaml"] } as unknown as App;
const kustomize = { kind: "kustomize", id: "kustomize:k", path: "k" } as unknown as App;

/** Files by path; a text that begins with `->` is a link. */
function filesOf(texts: Readonly<Record<string, string>>): AppFiles {
  return {
    lookup: (path) => {
      const text = texts[path];
      if (text === undefined) return Buffer.from("a");
      return Buffer.from(text.startsWith("->") ? `l${text.slice(2)}` : `f${text}`);
    },
    trace: () =>
      Object.entries(texts).map(([path, text]) => {
        const link = text.startsWith("->") ? { entryKind: "symlink" as const } : {};
        return { kind: "entry" as const, path, id: "0", ...link };
      }),
    lookupAll: () => [],
    prefetch: () => undefined,
    record: () => undefined,
  };
}

const resource = { group: "", version: "v1", kind: "ConfigMap", namespace: "", name: "c" };
const finding = (rule: string, more: Partial<DecodedFinding> = {}): DecodedFinding => ({
  ...{ rule, level: "error", message: "m", resource, path: ["data", "a"], file: "chart/templates/a.yaml" },
  ...more,
});

function result(leaks: readonly (readonly [DecodedFinding, readonly string[]])[]): DecodeResult {
  return {
    documents: [],
    findings: leaks.map(([leak]) => leak),
    needles: leaks.map(([, texts], index) => ({ finding: index, texts })),
  };
}

const places = (found: ReturnType<typeof placeLeaks>): readonly string[] =>
  found.map(({ rule, file, line, column }) => `${rule} ${file ?? ""}:${line ?? ""}:${column ?? ""}`);

describe("places of secrets", () => {
  it("are those of the one file that holds the secret", () => {
    const files = filesOf({ "chart/values.yaml": "a: 1\nb: made-up-secret\n", "chart/templates/a.yaml": "{{ .b }}" });
    const found = placeLeaks(result([[finding("credential"), ["made-up-secret"]]]), helm, files);
    assert.deepEqual(places(found), ["credential chart/values.yaml:2:4"]);
    assert.deepEqual(found[0]?.resource, resource);
    assert.doesNotMatch(JSON.stringify(found), /made-up/u);
  });

  it("are left to who locates fields where the secret stands twice, or is short", () => {
    const files = filesOf({ "k/a.yaml": "x: made-up-secret", "k/b.yaml": "x: made-up-secret # short" });
    const leaks = result([
      [finding("credential", { file: "k/a.yaml" }), ["made-up-secret"]],
      [finding("secret-plaintext", { file: "k/a.yaml" }), ["short"]],
    ]);
    assert.deepEqual(places(placeLeaks(leaks, kustomize, files)), [
      "credential k/a.yaml::",
      "secret-plaintext k/a.yaml::",
    ]);
  });

  it("are nowhere for what a chart makes up, which is not told", () => {
    const leaks = result([[finding("credential"), ["made-up-secret"]]]);
    assert.deepEqual(placeLeaks(leaks, helm, filesOf({ "chart/values.yaml": "a: 1" })), []);
    assert.equal(placeLeaks(leaks, kustomize, filesOf({})).length, 1);
  });

  it("are told once where a values file and a resource show the same", () => {
    const inValues = finding("credential", { resource: undefined, path: [], file: "prod.yaml", line: 1, column: 4 });
    const leaks = result([
      [inValues, ["made-up-secret"]],
      [{ ...inValues, line: 2 }, ["another-secret"]],
      [finding("credential"), ["made-up-secret"]],
    ]);
    const files = filesOf({ "prod.yaml": "a: made-up-secret\n# another-secret\n" });
    assert.deepEqual(places(placeLeaks(leaks, helm, files)), ["credential prod.yaml:2:4", "credential prod.yaml:1:4"]);
  });

  it("of credentials are looked for first where there are many", () => {
    const many = Array.from({ length: 300 }, (_, i) => [finding("secret-plaintext"), [`value-number-${i}-x`]] as const);
    const text = `made-up-secret ${many.map(([, [value]]) => value).join(" ")}`;
    const leaks = result([...many, [finding("credential"), ["made-up-secret"]]]);
    const found = placeLeaks(leaks, helm, filesOf({ "prod.yaml": text }));
    assert.ok(found.some(({ rule }) => rule === "credential"));
  });
});

describe("values files of a chart", () => {
  it("are those that the render has read, where links lead to", () => {
    const files = filesOf({
      "chart/values.yaml": "a: 1",
      "prod.yaml": "->shared/prod.yaml",
      "shared/prod.yaml": "b: 2",
    });
    assert.deepEqual(readValuesFiles(helm, files), [
      { file: "chart/values.yaml", text: "a: 1" },
      { file: "shared/prod.yaml", text: "b: 2" },
    ]);
    assert.deepEqual(readValuesFiles(kustomize, files), []);
  });
});
