import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { identifyField } from "../../../src/judge/index.ts";
import { decodeManifest, type FieldPath, type ListKeys } from "../../../src/model/index.ts";

const pod = { group: "", version: "v1", kind: "Pod", namespace: "", name: "web" };
const keys: ListKeys = (_resource, path) => (path.at(-1) === "ports" ? ["containerPort", "protocol"] : undefined);

function identify(value: unknown, path: FieldPath, sealed: [string, string][] = []): string {
  return identifyField(decodeManifest({ json: JSON.stringify(value), sealed }), pod, path, keys);
}

describe("identifyField", () => {
  it("names a list item by its name, wherever it stands", () => {
    const path = (index: number): FieldPath => ["spec", "containers", index, "image"];
    const one = identify({ spec: { containers: [{ name: "web" }] } }, path(0));
    assert.equal(identify({ spec: { containers: [{ name: "log" }, { name: "web" }] } }, path(1)), one);
    assert.notEqual(identify({ spec: { containers: [{ name: "log" }, { name: "web" }] } }, path(0)), one);
  });
  it("names a list item by the keys of its list", () => {
    const field = identify({ ports: [{ name: "x", containerPort: 80 }] }, ["ports", 0, "hostPort"]);
    assert.equal(field, '["ports",["80",null],"hostPort"]');
  });
  it("falls back to the index", () => {
    assert.equal(identify({ args: ["a", "b"] }, ["args", 1]), '["args",1]');
    assert.equal(identify({ rules: [{ host: "a" }] }, ["rules", 0, "host"]), '["rules",0,"host"]');
  });
  it("keeps steps that the manifest does not have", () => {
    assert.equal(identify({}, ["spec", "containers", 0, "name"]), '["spec","containers",0,"name"]');
  });
  it("never puts a sealed value into a name", () => {
    assert.equal(identify({ list: [{ name: null }] }, ["list", 0], [["/list/0/name", "mac"]]), '["list",0]');
  });
  it("tells an index from a key of the same text", () => {
    assert.notEqual(identify({ a: [1] }, ["a", 0]), identify({ a: { 0: 1 } }, ["a", "0"]));
  });
});
