import assert from "node:assert/strict";
import { test } from "node:test";
import { findReferences, listCrdSchemas, readDefinedKind } from "../../../src/engine/crd-schemas.ts";
import type { DecodedDocument } from "../../../src/engine/decoded-document.ts";

function definition(spec: object, kind = "CustomResourceDefinition"): DecodedDocument {
  const resource = { group: "apiextensions.k8s.io", version: "v1", kind, namespace: "", name: "hats.example.com" };
  const json = JSON.stringify({ spec });
  const origin = { file: "crd.yaml", document: 0, shapedBy: [] };
  const unused = { sealed: [], hooks: [], substituted: [], isSops: false };
  return { resource, digest: "d", json, raw: json, origin, ...unused };
}

test("references are found where a schema stands, and nowhere else", () => {
  const reference = { $ref: "#/a" };
  const schema = {
    properties: { $ref: { type: "string" }, a: reference, list: { items: { anyOf: [{}, reference] } } },
    additionalProperties: { not: reference },
    default: reference,
    enum: [reference],
  };
  assert.deepEqual(findReferences(schema), [
    ["additionalProperties", "not", "$ref"],
    ["properties", "a", "$ref"],
    ["properties", "list", "items", "anyOf", 1, "$ref"],
  ]);
});

test("a definition declares the schemas of all its versions, served or not", () => {
  const schema = { openAPIV3Schema: { type: "object" } };
  const versions = [{ name: "v1", served: false, schema }, { name: "v2" }, { name: "v3", schema }];
  const both = definition({ versions, validation: schema });
  assert.deepEqual(
    listCrdSchemas(both).map(({ path }) => path.join(".")),
    [
      "spec.validation.openAPIV3Schema",
      "spec.versions.0.schema.openAPIV3Schema",
      "spec.versions.2.schema.openAPIV3Schema",
    ],
  );
  assert.deepEqual(listCrdSchemas(definition({ versions }, "ConversionReview")), []);
});

test("a definition is read with care: any field may be something else", () => {
  for (const spec of [{}, { versions: "x" }, { versions: [null, 1] }, { versions: { length: 3 } }]) {
    assert.deepEqual(listCrdSchemas(definition(spec)), []);
  }
  assert.equal(readDefinedKind(definition({ group: "g", names: { kind: "Hat" } })), "g/Hat");
  assert.equal(readDefinedKind(definition({ group: 1, names: null })), undefined);
});
