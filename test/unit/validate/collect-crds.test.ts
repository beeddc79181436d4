import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { collectCrds, crdScope } from "../../../src/validate/index.ts";
import { makeManifest } from "./make-manifest.ts";

function crd(spec: Record<string, unknown>, file = "crd.yaml", apiVersion = "apiextensions.k8s.io/v1") {
  const whole = { group: "x.dev", names: { kind: "Ship", plural: "ships" }, scope: "Namespaced", ...spec };
  return makeManifest(
    { apiVersion, kind: "CustomResourceDefinition", metadata: { name: "ships.x.dev" }, spec: whole },
    { file },
  );
}

function version(name: string, properties: Record<string, unknown> = {}, served = true) {
  return { name, served, storage: true, schema: { openAPIV3Schema: { type: "object", properties } } };
}

describe("collectCrds", () => {
  it("reads group, kind, scope and the schema of each version", () => {
    const set = collectCrds([
      crd({ scope: "Cluster", versions: [version("v1", { a: { maximum: 1 } }), { name: "v2" }] }),
    ]);
    const ship = set.byKind.get("x.dev/Ship");
    assert.ok(ship);
    assert.deepEqual([ship.group, ship.kind, ship.isNamespaced], ["x.dev", "Ship", false]);
    assert.deepEqual(
      [...ship.versions],
      [
        ["v1", '{"properties":{"a":{"maximum":1}},"type":"object"}'],
        ["v2", undefined],
      ],
    );
    assert.equal(crdScope(set)("x.dev", "Ship"), "cluster");
    assert.equal(crdScope(set)("x.dev", "Boat"), undefined);
  });

  it("leaves out versions that are not served", () => {
    const set = collectCrds([crd({ versions: [version("v1", {}, false), version("v2")] })]);
    assert.deepEqual([...(set.byKind.get("x.dev/Ship")?.versions.keys() ?? [])], ["v2"]);
  });

  it("tells the versions whose status is a subresource, and sets that differ in it", () => {
    const read = (...versions: object[]) => collectCrds([crd({ versions })]).byKind.get("x.dev/Ship");
    const status = { subresources: { status: {} } };
    const ship = read(
      { ...version("v2"), ...status },
      { ...version("v3"), subresources: { scale: {} } },
      version("v1"),
    );
    assert.deepEqual(ship?.statusVersions, ["v2"]);
    assert.notEqual(read({ ...version("v1"), ...status })?.digest, read(version("v1"))?.digest);
    const old = crd({ version: "v1", ...status }, "crd.yaml", "apiextensions.k8s.io/v1beta1");
    assert.deepEqual(collectCrds([old]).byKind.get("x.dev/Ship")?.statusVersions, ["v1"]);
    const [first, second] = [
      crd({ versions: [version("v1")] }, "a.yaml"),
      crd({ versions: [{ ...version("v1"), ...status }] }, "b.yaml"),
    ];
    assert.deepEqual(collectCrds([second, first]).byKind.get("x.dev/Ship")?.statusVersions, []);
    const other = crd({ versions: [{ ...version("v2"), ...status }] }, "b.yaml");
    assert.deepEqual(collectCrds([other, first]).byKind.get("x.dev/Ship")?.statusVersions, ["v2"]);
  });

  it("keeps numbers as they are written", () => {
    const plain = crd({ versions: [version("v1", { a: { maximum: 1 } })] });
    const json = plain.json.replace('"maximum":1', '"maximum":9223372036854775807');
    const schema = collectCrds([{ ...plain, json }])
      .byKind.get("x.dev/Ship")
      ?.versions.get("v1");
    assert.equal(schema, '{"properties":{"a":{"maximum":9223372036854775807}},"type":"object"}');
  });

  it("reads v1beta1, with one schema for all versions and nothing pruned by default", () => {
    const validation = { openAPIV3Schema: { type: "object" } };
    const old = (spec: object) =>
      collectCrds([crd({ validation, ...spec }, "crd.yaml", "apiextensions.k8s.io/v1beta1")]);
    assert.deepEqual(
      [...(old({ version: "v1" }).byKind.get("x.dev/Ship")?.versions ?? [])],
      [["v1", '{"type":"object","x-kubernetes-preserve-unknown-fields":true}']],
    );
    const pruned = old({ versions: [{ name: "v1" }], preserveUnknownFields: false }).byKind.get("x.dev/Ship");
    assert.deepEqual([...(pruned?.versions ?? [])], [["v1", '{"type":"object"}']]);
  });

  it("joins the versions of one kind from two places, the smaller path first, in any order", () => {
    const a = crd({ scope: "Cluster", versions: [version("v1", { a: {} })] }, "a.yaml");
    const b = crd({ versions: [version("v1", { b: {} }), version("v2")] }, "b.yaml");
    const set = collectCrds([b, a]);
    const ship = set.byKind.get("x.dev/Ship");
    assert.deepEqual(
      [...(ship?.versions ?? [])].map(([name, schema]) => [name, schema?.includes('"a"')]),
      [
        ["v1", true],
        ["v2", false],
      ],
    );
    assert.equal(ship?.isNamespaced, false);
    assert.deepEqual(collectCrds([a, b]), set);
  });

  it("gives the same id for the same content only", () => {
    const one = collectCrds([crd({ versions: [version("v1")] })]);
    assert.equal(collectCrds([crd({ versions: [version("v1")] }, "elsewhere.yaml")]).id, one.id);
    assert.notEqual(collectCrds([crd({ versions: [version("v1", { a: {} })] })]).id, one.id);
    assert.notEqual(collectCrds([]).id, one.id);
  });

  it("leaves out what is no CRD, whatever it is called", () => {
    const broken = [
      crd({ group: 1 }),
      crd({ names: null }),
      makeManifest({ apiVersion: "x.dev/v1", kind: "CustomResourceDefinition" }),
    ];
    assert.equal(collectCrds(broken).byKind.size, 0);
    const odd = collectCrds([crd({ names: { kind: "__proto__" }, versions: [version("__proto__")] })]);
    assert.deepEqual([...(odd.byKind.get("x.dev/__proto__")?.versions.keys() ?? [])], ["__proto__"]);
  });
});
