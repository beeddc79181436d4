import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileKubeconform, crdSchema, createValidatorSync } from "../../../packages/kubeconform-wasm/src/index.ts";

const module = await compileKubeconform();
const instance = createValidatorSync({ module, schemas: [] });

/** The errors of an object whose `spec` (or more) is given, under a CRD whose `spec` has the schema given. */
function errorsOf(schema: object, fields: object, strict = true): string[] {
  const object = { apiVersion: "example.com/v1", kind: "Boat", metadata: { name: "a" }, ...fields };
  const text = JSON.stringify(crdSchema(schema, { strict }));
  const validator = instance.withOptions({ schemas: [() => text], strict });
  const [result] = validator.validate([JSON.stringify(object)]);
  validator.close();
  assert.ok(result?.status === "valid" || result?.status === "invalid", JSON.stringify(result));
  return result.errors.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

function specErrors(schema: object, spec: unknown, strict = true): string[] {
  return errorsOf({ type: "object", properties: { spec: schema } }, { spec }, strict);
}

const PORT = { type: "object", properties: { port: { type: "integer" } } };

describe("fields that a CRD does not name", () => {
  it("are errors when strict, at every depth", () => {
    const schema = { type: "object", properties: { list: { type: "array", items: PORT } } };
    assert.deepEqual(specErrors(schema, { list: [{ port: 1 }, { prot: 1 }], more: 1 }), [
      'spec.list.1.prot: unknown field "prot"',
      'spec.more: unknown field "more"',
    ]);
    assert.deepEqual(specErrors(schema, { list: [{ prot: 1 }], more: 1 }, false), []);
  });

  it("are errors in an object without any properties, because the API server prunes them", () => {
    assert.deepEqual(specErrors({ type: "object" }, { a: 1 }), ['spec.a: unknown field "a"']);
  });

  it("are taken where unknown fields are preserved, whose named neighbours are still checked", () => {
    const schema = { ...PORT, "x-kubernetes-preserve-unknown-fields": true };
    assert.deepEqual(specErrors(schema, { any: { thing: 1 }, port: "x" }), ["spec.port: expected integer, got string"]);
  });

  it("are values of a map where additionalProperties has a schema", () => {
    const schema = { type: "object", additionalProperties: PORT };
    assert.deepEqual(specErrors(schema, { a: { port: 1 }, b: { port: "x", more: 1 } }), [
      'spec.b.more: unknown field "more"',
      "spec.b.port: expected integer, got string",
    ]);
  });

  it("are not closed off by a schema below allOf or anyOf", () => {
    const schema = {
      type: "object",
      properties: { a: { type: "string" }, b: { type: "string" } },
      anyOf: [{ required: ["a"] }, { properties: { b: { minLength: 2 } }, required: ["b"] }],
    };
    assert.deepEqual(specErrors(schema, { a: "x", b: "y" }), []);
    assert.deepEqual(specErrors(schema, {}), ['spec: missing one of the required fields "a", "b"']);
  });

  it("may be named __proto__", () => {
    const schema = JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}') as object;
    assert.deepEqual(specErrors(schema, JSON.parse('{"__proto__":1}')), [
      "spec.__proto__: expected string, got integer",
    ]);
    assert.deepEqual(specErrors(PORT, JSON.parse('{"__proto__":1}')), ['spec.__proto__: unknown field "__proto__"']);
  });
});

describe("the fields of every object", () => {
  it("need not be named by the schema", () => {
    assert.deepEqual(errorsOf({ type: "object" }, {}), []);
    assert.deepEqual(
      errorsOf({ type: "object", "x-kubernetes-preserve-unknown-fields": true }, { spec: { a: 1 } }),
      [],
    );
    assert.deepEqual(errorsOf({ type: "object" }, { spec: 1 }), ['spec: unknown field "spec"']);
  });

  it("have a metadata whose keys and types are checked", () => {
    const metadata = { name: "a", lables: {}, labels: { a: 1 }, annotations: { b: null }, finalizers: "x" };
    assert.deepEqual(errorsOf({ type: "object" }, { metadata }), [
      "metadata.finalizers: expected array, got string",
      "metadata.labels.a: expected string, got integer",
      'metadata.lables: unknown field "lables"',
    ]);
  });

  it("keep what the CRD says of the name", () => {
    const metadata = { type: "object", properties: { name: { type: "string", maxLength: 3 } } };
    const schema = { type: "object", properties: { metadata } };
    assert.deepEqual(errorsOf(schema, { metadata: { name: "long", labels: {} } }), [
      "metadata.name: must be at most 3 characters long",
    ]);
  });

  it("have a status that is not looked at", () => {
    const status = { type: "object", required: ["phase"], properties: { phase: { type: "string" } } };
    const schema = { type: "object", required: ["status"], properties: { status } };
    assert.deepEqual(errorsOf(schema, { status: {} }), []);
    assert.deepEqual(errorsOf(schema, {}), []);
  });
});

describe("the extensions of Kubernetes", () => {
  it("take a number or a string for int-or-string", () => {
    const schema = {
      type: "object",
      properties: {
        port: {
          "x-kubernetes-int-or-string": true,
          anyOf: [{ type: "integer" }, { type: "string" }],
          pattern: "^[a-z]+$",
        },
      },
    };
    assert.deepEqual(specErrors(schema, { port: 1 }), []);
    assert.deepEqual(specErrors(schema, { port: "http" }), []);
    assert.deepEqual(specErrors(schema, { port: "HTTP" }), ["spec.port: does not match the pattern ^[a-z]+$"]);
    assert.deepEqual(specErrors(schema, { port: 1.5 }), ["spec.port: expected integer or string, got number"]);
  });

  it("check an embedded object", () => {
    const schema = {
      type: "object",
      properties: { template: { type: "object", "x-kubernetes-embedded-resource": true } },
    };
    assert.deepEqual(specErrors(schema, { template: { kind: "Pod", metadata: { nmae: "a" }, spec: {} } }), [
      'spec.template.apiVersion: missing required field "apiVersion"',
      'spec.template.metadata.nmae: unknown field "nmae"',
      'spec.template.spec: unknown field "spec"',
    ]);
    const open = { ...schema.properties.template, "x-kubernetes-preserve-unknown-fields": true };
    const template = { apiVersion: "v1", kind: "Pod", spec: {} };
    assert.deepEqual(specErrors({ type: "object", properties: { template: open } }, { template }), []);
  });

  it("take a null where it is allowed, or dropped for a default", () => {
    const schema = {
      type: "object",
      properties: {
        nullable: { type: "string", nullable: true, enum: ["a"] },
        plain: { type: "string" },
        withDefault: { type: "string", default: "x" },
      },
    };
    assert.deepEqual(specErrors(schema, { nullable: null, plain: null, withDefault: null }), [
      "spec.plain: expected string, got null",
    ]);
    assert.deepEqual(specErrors(schema, { nullable: "b" }), ['spec.nullable: must be one of "a"']);
  });

  it("refuse equal items in a set", () => {
    const list = { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } };
    assert.deepEqual(specErrors(list, ["a", "b", "a"]), ["spec: items 0 and 2 are equal"]);
  });

  it("read exclusive bounds as draft 4 writes them", () => {
    const schema = { type: "object", properties: { n: { type: "integer", minimum: 0, exclusiveMinimum: true } } };
    assert.deepEqual(specErrors(schema, { n: 0 }), ["spec.n: must be more than 0"]);
  });

  it("do not assert formats that the API server reads more widely", () => {
    const schema = {
      type: "object",
      properties: { url: { type: "string", format: "uri" }, for: { type: "string", format: "duration" } },
    };
    assert.deepEqual(specErrors(schema, { url: "/path", for: "1h" }), []);
    assert.deepEqual(specErrors(schema, { for: "soon" }), ["spec.for: is not a valid duration"]);
  });
});

describe("a schema that is none", () => {
  it("accepts any object of the kind", () => {
    for (const schema of [undefined, null, 1, [], { properties: 1, items: [1], allOf: "x" }]) {
      assert.doesNotThrow(() => crdSchema(schema, { strict: true }));
    }
  });

  it("is refused when it is nested too deep", () => {
    let schema: object = { type: "string" };
    for (let depth = 0; depth < 600; depth++) schema = { type: "object", properties: { a: schema } };
    assert.throws(() => crdSchema(schema, { strict: true }), RangeError);
  });

  it("compiles where draft 4 wants more than the API server", () => {
    const size = { type: "integer", exclusiveMinimum: true, exclusiveMaximum: true };
    const color = { type: "string", enum: ["red", "red", "blue"] };
    const schema = { type: "object", required: [], properties: { size, color, any: { type: "string", enum: [] } } };
    assert.deepEqual(specErrors(schema, { size: 1, color: "red", any: "x" }), []);
    assert.deepEqual(specErrors(schema, { color: "green" }), ['spec.color: must be one of "red", "blue"']);
    const twice = { ...schema, required: ["size", "size"] };
    assert.deepEqual(specErrors(twice, {}), ['spec.size: missing required field "size"']);
    const bound = { type: "integer", minimum: 1, exclusiveMinimum: true };
    assert.deepEqual(specErrors(bound, 1), ["spec: must be more than 1"]);
  });

  it("does not compile when its pattern is broken", () => {
    const text = JSON.stringify(
      crdSchema({ type: "object", properties: { spec: { type: "string", pattern: "(" } } }, { strict: true }),
    );
    const validator = instance.withOptions({ schemas: [() => text] });
    const [result] = validator.validate([{ apiVersion: "v1", kind: "A" }]);
    assert.ok(result?.status === "error" && result.reason === "schema-invalid");
    const message = "is not a regular expression: missing closing ): `(`";
    assert.deepEqual(result.errors, [{ path: ["properties", "spec", "pattern"], message, keyword: "format" }]);
    assert.equal(result.message, `the schema does not compile: properties.spec.pattern: ${message}`);
  });
});
