import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { diffManifests } from "../../../src/diff/index.ts";
import { SealedValue } from "../../../src/model/index.ts";
import { usualListKeys } from "../../fakes/list-keys.ts";
import { buildManifests } from "../../fakes/manifests.ts";

const SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n";

function compare(base: string, head: string) {
  return diffManifests(buildManifests(base), buildManifests(head), { listKeys: usualListKeys });
}

describe("sealed values (T44)", () => {
  it("show that a key changed, came or went, and never what it is", () => {
    const [change] = compare(
      `${SECRET}data: {same: cw==, changed: b2xk, gone: Z29uZQ==}`,
      `${SECRET}data: {same: cw==, changed: bmV3, added: YWRkZWQ=}`,
    );
    const told = change?.fields.map(({ label, before, after }) => [
      label,
      before instanceof SealedValue,
      after instanceof SealedValue,
    ]);
    assert.deepEqual(told, [
      ["data.changed", true, true],
      ["data.gone", true, false],
      ["data.added", false, true],
    ]);
    assert.deepEqual(change?.diff.split("\n").slice(1, -1), [
      " metadata:",
      "   name: s",
      " data:",
      "-  changed: !sealed old",
      "-  gone: !sealed old",
      "+  added: !sealed new",
      "+  changed: !sealed new",
      "   same: !sealed",
    ]);
  });

  it("are the bare tag in a new Secret", () => {
    const [change] = compare("", `${SECRET}stringData: {a: x, b: y}`);
    assert.match(change?.diff ?? "", /\+ {2}a: !sealed\n\+ {2}b: !sealed\n/u);
  });

  it("cannot be imitated by a text", () => {
    const [change] = compare(
      "",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '!sealed', b: '!sealed new'}",
    );
    assert.match(change?.diff ?? "", /\+ {2}a: "!sealed"\n\+ {2}b: "!sealed new"\n/u);
  });

  it("are equal when their macs are, and a plain null is not one of them", () => {
    assert.deepEqual(compare(`${SECRET}data: {a: eA==}`, `${SECRET}data: {a: eA==}`), []);
    const [manifest] = buildManifests(`${SECRET}data: {a: eA==}`);
    assert.ok(manifest);
    const unsealed = { ...manifest, sealed: [], digest: "other" };
    const [change] = diffManifests([manifest], [unsealed], { listKeys: usualListKeys });
    assert.deepEqual(
      change?.fields.map(({ label, after }) => [label, after]),
      [["data.a", null]],
    );
  });

  it("tell alike Secrets from those with other values", () => {
    const likeness = (name: string, value: string) =>
      compare(
        SECRET.replace("s}", `${name}}`) + "data: {a: b2xk}",
        SECRET.replace("s}", `${name}}`) + `data: {a: ${value}}`,
      )[0]?.likeness;
    assert.equal(likeness("one", "bmV3"), likeness("two", "bmV3"));
    assert.notEqual(likeness("one", "bmV3"), likeness("two", "bmV4"));
  });
});
