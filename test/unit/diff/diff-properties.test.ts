import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { diffManifests } from "../../../src/diff/index.ts";
import type { Manifest, ManifestValue } from "../../../src/model/index.ts";
import { decodeManifest, NumberText, SealedValue } from "../../../src/model/index.ts";
import { usualListKeys } from "../../fakes/list-keys.ts";
import { buildManifest } from "../../fakes/manifests.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const key = fc.oneof(
  fc.constantFrom("name", "a.b/c", "__proto__", "constructor", "labels", "metadata", "containers"),
  fc.string({ maxLength: 6 }),
);
const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.string({ unit: "binary", maxLength: 8 }),
      fc.constantFrom("nginx:1", "a\nb", "!sealed"),
    ),
    fc.array(tie("tree"), { maxLength: 5 }),
    fc.dictionary(key, tie("tree"), { maxKeys: 5 }),
  ),
}));
const containers = fc.uniqueArray(fc.record({ name: fc.string({ maxLength: 5 }), image: fc.string(), extra: tree }), {
  selector: (container) => container.name,
  maxLength: 6,
});
const name = fc.constantFrom("web", "api", "conf-2456789bcd", "conf-2456789bch", "db");
const document = fc.record({
  apiVersion: fc.constantFrom("v1", "apps/v1", "example.org/v1"),
  kind: fc.constantFrom("Deployment", "ConfigMap", "Role", "Service", "PersistentVolumeClaim"),
  metadata: fc.record({ name, namespace: fc.constantFrom("x", "y") }),
  spec: fc.record({ containers, tree }),
});

interface Identified {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
}

function isSameId(a: Identified, b: Identified): boolean {
  const id = (item: Identified) =>
    JSON.stringify([item.apiVersion, item.kind, item.metadata.name, item.metadata.namespace]);
  return id(a) === id(b);
}

const documents = fc.array(document, { maxLength: 6 });
const options = { listKeys: usualListKeys };

function reverseKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reverseKeys);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([field, item]) => [field, reverseKeys(item)]));
}

function find(root: ManifestValue, path: readonly (string | number)[]): ManifestValue | undefined {
  let current: ManifestValue | undefined = root;
  for (const step of path) {
    if (current instanceof Map) current = (current as ReadonlyMap<string, ManifestValue>).get(String(step));
    else if (Array.isArray(current)) current = (current as readonly ManifestValue[])[Number(step)];
    else return undefined;
  }
  return current;
}

function contains(root: ManifestValue | undefined, wanted: ManifestValue): boolean {
  if (isSame(root, wanted)) return true;
  if (root instanceof Map)
    return [...(root as ReadonlyMap<string, ManifestValue>).values()].some((item) => contains(item, wanted));
  return Array.isArray(root) && root.some((item: ManifestValue) => contains(item, wanted));
}

function isSame(a: ManifestValue | undefined, b: ManifestValue | undefined): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}

function decodeAll(manifests: readonly Manifest[]): ManifestValue {
  return manifests.map((manifest) => decodeManifest(manifest));
}

describe("properties of the diff", () => {
  it("says nothing of equal sides, in any order of documents, keys and list-map items", () => {
    fc.assert(
      fc.property(documents, (given) => {
        const base = given.map(buildManifest);
        const turned = given.map((item) => ({
          ...item,
          spec: { ...item.spec, containers: item.spec.containers.toReversed() },
        }));
        assert.deepEqual(diffManifests(base, base, options), []);
        assert.deepEqual(
          diffManifests(
            base,
            given.map((item) => buildManifest(reverseKeys(item))),
            options,
          ),
          [],
        );
        // Another digest, so that the sides are really compared.
        const unique = turned.filter((item, index) => given.findIndex((other) => isSameId(other, item)) === index);
        const kept = given.filter((item, index) => given.findIndex((other) => isSameId(other, item)) === index);
        assert.deepEqual(diffManifests(kept.map(buildManifest), unique.toReversed().map(buildManifest), options), []);
      }),
      { numRuns: 150 },
    );
  });

  it("names only values that stand on their side, at the path on the side the path belongs to", () => {
    fc.assert(
      fc.property(documents, documents, (given, changed) => {
        const [base, head] = [given.map(buildManifest), changed.map(buildManifest)];
        for (const change of diffManifests(base, head, options)) {
          for (const field of change.fields) {
            if (field.label.endsWith(" (order)")) continue;
            if (field.before !== undefined) assert.ok(contains(decodeAll(base), field.before), field.label);
            if (field.after === undefined) continue;
            const owners = head.filter((manifest) => manifest.resource === change.resource);
            assert.ok(
              owners.some((manifest) => isSame(find(decodeManifest(manifest), field.path), field.after)),
              field.label,
            );
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it("accounts for every document: what is not changed, added or removed is equal", () => {
    fc.assert(
      fc.property(documents, documents, (given, changed) => {
        const changes = diffManifests(given.map(buildManifest), changed.map(buildManifest), options);
        const count = (action: string) => changes.filter((change) => change.action === action).length;
        assert.equal(changed.length - given.length, count("added") - count("removed"));
      }),
      { numRuns: 150 },
    );
  });

  it("shows a diff text exactly when something beside noise changed, and the text holds no hidden character", () => {
    fc.assert(
      fc.property(documents, documents, (given, changed) => {
        for (const change of diffManifests(given.map(buildManifest), changed.map(buildManifest), options)) {
          const isNoise = change.action === "changed" && change.noise === change.fields.length;
          assert.equal(change.diff === "", isNoise);
          assert.doesNotMatch(
            change.diff,
            /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\ufeff]/u,
          );
          assert.ok(change.diff.isWellFormed());
        }
      }),
      { numRuns: 150 },
    );
  });

  it("is the same for the same input, and mirrors when the sides are swapped", () => {
    fc.assert(
      fc.property(documents, documents, (given, changed) => {
        const [base, head] = [given.map(buildManifest), changed.map(buildManifest)];
        const forth = diffManifests(base, head, options);
        assert.deepEqual(diffManifests(given.map(buildManifest), changed.map(buildManifest), options), forth);
        const back = diffManifests(head, base, options);
        const count = (changes: typeof forth, action: string) =>
          changes.filter((change) => change.action === action).length;
        assert.equal(count(forth, "added"), count(back, "removed"));
        assert.equal(count(forth, "changed"), count(back, "changed"));
      }),
      { numRuns: 100 },
    );
  });

  it("never lets a secret's text out (T44)", () => {
    const secret = (data: Record<string, string>) => ({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s" },
      data,
    });
    const values = fc.dictionary(
      fc.constantFrom("a", "b", "__proto__", "c.d"),
      fc.stringMatching(/^[0-9a-f]{12}$/u).map((text) => `secret-${text}`),
    );
    fc.assert(
      fc.property(values, values, (before, after) => {
        const changes = diffManifests([buildManifest(secret(before))], [buildManifest(secret(after))], options);
        const text = JSON.stringify(changes, (_key, value: unknown) => {
          if (value instanceof SealedValue) return "(sealed)";
          if (value instanceof NumberText) return value.text;
          return value instanceof Map ? [...(value as Map<string, unknown>)] : value;
        });
        assert.doesNotMatch(text, /secret-[0-9a-f]/u);
      }),
      { numRuns: 100 },
    );
  });
});
