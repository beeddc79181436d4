import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { diffManifests } from "../../../src/diff/index.ts";
import { usualListKeys } from "../../fakes/list-keys.ts";
import { buildManifest } from "../../fakes/manifests.ts";
import type { Manifest } from "../../../src/model/index.ts";

// Generous: what is quadratic takes minutes at these sizes.
const SECONDS = 30;

function diffWithin(base: readonly Manifest[], head: readonly Manifest[]) {
  const start = performance.now();
  const changes = diffManifests(base, head, { listKeys: usualListKeys });
  assert.ok(performance.now() - start < SECONDS * 1000, `took ${Math.round(performance.now() - start)} ms`);
  return changes;
}

const thing = (name: string, spec: unknown, kind = "Thing") =>
  buildManifest({ apiVersion: "example.org/v1", kind, metadata: { name }, spec });
const range = (length: number) => Array.from({ length }, (_, index) => index);

describe("the diff of large and hostile input", () => {
  it("takes 5,000 changed documents", () => {
    const side = (version: number) => range(5_000).map((index) => thing(`t${index}`, { version, a: { b: [1, 2, 3] } }));
    assert.equal(diffWithin(side(1), side(2)).length, 5_000);
  });

  it("takes 5,000 documents that all get other names and contents", () => {
    const side = (prefix: string) => range(5_000).map((index) => thing(`${prefix}${index}`, { [prefix]: index }));
    assert.equal(diffWithin(side("a"), side("b")).length, 10_000);
  });

  it("takes lists of 10,000 items that have nothing in common", () => {
    const side = (word: string) => [
      thing("t", { items: range(10_000).map((index) => ({ [word]: `${word}${index}` })) }),
    ];
    assert.equal(diffWithin(side("a"), side("b"))[0]?.fields.length, 20_000);
  });

  it("takes 10,000 items with one put in front, and tells only that one", () => {
    const items = range(10_000).map((index) => `item ${index}`);
    const [change] = diffWithin([thing("t", { items })], [thing("t", { items: ["new", ...items] })]);
    assert.deepEqual(
      change?.fields.map((field) => field.label),
      ["spec.items[0]"],
    );
  });

  it("takes keyed lists of 50,000 items, all gone", () => {
    const items = range(50_000).map((index) => ({ name: `n${index}` }));
    const [change] = diffWithin([thing("t", { containers: items })], [thing("t", { containers: [{ name: "x" }] })]);
    assert.equal(change?.fields.length, 50_001);
  });

  it("takes nesting of 100,000 levels and still sees a change at its bottom", () => {
    const deep = (word: string) => {
      const manifest = thing("t", { a: "HERE" });
      const json = manifest.json.replace('"HERE"', `${'{"a":['.repeat(50_000)}"${word} ]}\\""${"]}".repeat(50_000)}`);
      return [{ ...manifest, json, digest: word }];
    };
    const [change] = diffWithin(deep("old"), deep("new"));
    assert.equal(change?.fields.length, 1);
    assert.ok(change.diff.length < 20_000);
    assert.deepEqual(diffWithin(deep("old"), deep("old")), []);
  });

  it("takes keys that are names of Object's own", () => {
    const spec = (word: string) =>
      JSON.parse(`{"__proto__": {"polluted": "${word}"}, "constructor": "${word}", "toString": "${word}"}`) as unknown;
    const [change] = diffWithin([thing("__proto__", spec("a"))], [thing("__proto__", spec("b"))]);
    assert.deepEqual(change?.fields.map((field) => field.label).sort(), [
      "spec.__proto__.polluted",
      "spec.constructor",
      "spec.toString",
    ]);
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  });

  it("takes texts of a million characters in one line, of every sort that a pattern looks at", () => {
    const long = (unit: string, end: string) => unit.repeat(1_000_000 / unit.length) + end;
    for (const unit of ["a", "1", "-1.1.1", '\\"', "a-", "a: "]) {
      const side = (end: string) => [
        buildManifest({
          apiVersion: "v1",
          kind: "Thing",
          metadata: { name: "t", labels: { chart: long(unit, end) }, annotations: { "checksum/a": long(unit, end) } },
        }),
      ];
      const [change] = diffWithin(side(" a"), side(" b"));
      assert.equal(change?.fields.length, 2);
      assert.ok(change.diff.length < 5_000);
    }
  });

  it("takes a pod of 50,000 containers", () => {
    const side = (tag: string) => [
      thing("t", { containers: range(50_000).map((index) => ({ name: `c${index}`, image: tag })) }),
    ];
    assert.equal(diffWithin(side("a:1"), side("a:2"))[0]?.images.length, 50_000);
  });

  it("takes a text of ten million characters", () => {
    const text = (word: string) =>
      range(200_000)
        .map((index) => `${word} ${index % 977} ${"x".repeat(40)}`)
        .join("\n");
    const [change] = diffWithin([thing("t", { text: text("a") })], [thing("t", { text: text("b") })]);
    assert.ok((change?.diff.length ?? 0) < 1_000_000);
  });
});
