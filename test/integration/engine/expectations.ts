import assert from "node:assert/strict";
import { decodeManifest, NumberText } from "../../../src/model/index.ts";
import type { CrdSet, Manifest, Rendering, Trace } from "../../../src/model/index.ts";

export function expectRendered(rendering: Rendering): Rendering & { kind: "rendered" } {
  assert.ok(rendering.kind === "rendered", JSON.stringify(rendering));
  return rendering;
}

export function expectFailure(rendering: Rendering): Rendering & { kind: "failed" } {
  assert.ok(rendering.kind === "failed", JSON.stringify(rendering));
  return rendering;
}

/** Kind and path of each fact, sorted. */
export function factsOf(trace: Trace): string[] {
  return trace.map(({ kind, path }) => `${kind} ${path}`).sort();
}

/** One mapping of a manifest, numbers as their text. */
export function yamlMap(manifest: Manifest | undefined, key: string): Map<string, unknown> {
  assert.ok(manifest !== undefined);
  const root = decodeManifest(manifest);
  assert.ok(root instanceof Map);
  const map: unknown = root.get(key);
  assert.ok(map instanceof Map);
  const entries = [...(map as Map<string, unknown>)];
  return new Map(entries.map(([name, value]) => [name, value instanceof NumberText ? value.text : value]));
}

/** A set with one CRD of one version. */
export function crdSchemaOf(group: string, kind: string, version: string, schema: object): CrdSet {
  const versions = new Map([[version, JSON.stringify(schema)]]);
  const crd = {
    group,
    kind,
    plural: "x",
    isNamespaced: true,
    versions,
    statusVersions: [],
    digest: `digest ${version}`,
  };
  return { id: `set ${version}`, byKind: new Map([[`${group}/${kind}`, crd]]) };
}
