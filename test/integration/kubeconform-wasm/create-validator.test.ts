import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import {
  compileKubeconform,
  createValidator,
  createValidatorSync,
} from "../../../packages/kubeconform-wasm/src/index.ts";
import type { SchemaRequest, ValidationResult } from "../../../packages/kubeconform-wasm/src/index.ts";

const module = await compileKubeconform();

const BOAT = JSON.stringify({
  type: "object",
  additionalProperties: false,
  properties: { apiVersion: {}, kind: {}, metadata: {}, masts: { type: "integer" } },
});

const boat = (fields: object): object => ({
  apiVersion: "sea.io/v1",
  kind: "Boat",
  metadata: { name: "a" },
  ...fields,
});

function describeResult(result: ValidationResult): string {
  const reason = "reason" in result ? ` ${result.reason}` : "";
  const errors = result.errors.map(({ path, message }) => ` ${JSON.stringify(path)} ${message}`);
  return `${result.resource.kind} ${result.status}${reason}${errors.join("")}`;
}

describe("validate", () => {
  it("gives one result a document, in their order", async () => {
    const validator = await createValidator({ schemas: [({ kind }) => (kind === "Boat" ? BOAT : undefined)] });
    const results = validator.validate([
      boat({ masts: 1 }),
      JSON.stringify(boat({ masts: "1" })),
      { kind: "Boat" },
      {},
    ]);
    assert.deepEqual(results.map(describeResult), [
      "Boat valid",
      'Boat invalid ["masts"] expected integer, got string',
      "Boat error no-identity",
      " error no-identity",
    ]);
    assert.deepEqual(results[0]?.resource, {
      group: "sea.io",
      version: "v1",
      kind: "Boat",
      namespace: "",
      name: "a",
    });
    assert.deepEqual(validator.validate([]), []);
  });

  it("reads a YAML stream as the cluster does, and unrolls lists", () => {
    const stream = [
      "kind: Boat\napiVersion: sea.io/v1\nmasts: 0x10\n",
      "# nothing\n",
      "kind: List\napiVersion: v1\nitems:\n- {kind: Boat, apiVersion: sea.io/v1, masts: yes}\n- {kind: Boat, apiVersion: sea.io/v1}\n",
      "a: b: c\n",
    ].join("---\n");
    const validator = createValidatorSync({ module, schemas: [() => BOAT] });
    assert.deepEqual(validator.validate(Buffer.from(stream)).map(describeResult), [
      "Boat valid",
      " empty",
      'Boat invalid ["masts"] expected integer, got boolean',
      "Boat valid",
      " error unreadable",
    ]);
  });

  it("refuses duplicate keys in YAML only when strict", () => {
    const stream = Buffer.from("kind: Boat\napiVersion: sea.io/v1\nmasts: 1\nmasts: 2\n");
    const schemas = [(): string => BOAT];
    const statuses = [true, false].map((strict) =>
      createValidatorSync({ module, schemas, strict }).validate(stream).map(describeResult),
    );
    assert.deepEqual(statuses, [["Boat error unreadable".slice("Boat".length)], ["Boat valid"]]);
  });

  it("keeps the digits of 64-bit integers", () => {
    const schema = '{"properties":{"n":{"type":"integer","maximum":9007199254740992}}}';
    const validator = createValidatorSync({ module, schemas: [() => schema] });
    const [result] = validator.validate(['{"kind":"A","apiVersion":"v1","n":9007199254740993}']);
    assert.deepEqual(result?.errors, [
      { path: ["n"], message: "must be at most 9007199254740992", keyword: "maximum" },
    ]);
  });

  it("refuses what is no JSON, and goes on with the next call", () => {
    const validator = createValidatorSync({ module, schemas: [() => BOAT] });
    assert.throws(() => validator.validate(["{"]), TypeError);
    assert.throws(() => validator.validate([`{"n":1e999999999}`]), TypeError);
    assert.throws(() => validator.validate(["[".repeat(100_000)]), TypeError);
    assert.deepEqual(validator.validate([boat({})]).map(describeResult), ["Boat valid"]);
  });

  it("takes any name for a key", () => {
    const validator = createValidatorSync({ module, schemas: [() => BOAT] });
    const text = '{"kind":"Boat","apiVersion":"v1","__proto__":{},"constructor":1}';
    assert.deepEqual(validator.validate([text]).map(describeResult), [
      'Boat invalid ["__proto__"] unknown field "__proto__" ["constructor"] unknown field "constructor"',
    ]);
  });
});

describe("schemas", () => {
  it("are asked for in order, once a kind", () => {
    const asked: SchemaRequest[] = [];
    const paths: string[] = [];
    const validator = createValidatorSync({
      module,
      kubernetesVersion: "1.36.3",
      strict: true,
      schemas: [
        (request) => {
          asked.push(request);
          return undefined;
        },
        {
          template:
            "s/{{ .NormalizedKubernetesVersion }}{{ .StrictSuffix }}/{{ .Group }}/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json",
          readSchema: (path) => {
            paths.push(path);
            return Buffer.from(BOAT);
          },
        },
        () => assert.fail("the place before has it"),
      ],
    });
    assert.deepEqual(validator.validate([boat({}), boat({ masts: 1 })]).map(describeResult), [
      "Boat valid",
      "Boat valid",
    ]);
    validator.validate([boat({})]);
    assert.deepEqual(asked, [
      { group: "sea.io", version: "v1", kind: "Boat", kubernetesVersion: "1.36.3", strict: true },
    ]);
    assert.deepEqual(paths, ["s/v1.36.3-strict/sea.io/boat_v1.json"]);
  });

  it("may refer to each other by path", () => {
    const files = new Map([
      ["s/boat.json", '{"properties":{"masts":{"$ref":"../shared/defs.json#/count"}}}'],
      ["shared/defs.json", '{"count":{"type":"integer"}}'],
    ]);
    const source = { template: "s/{{ .ResourceKind }}.json", readSchema: (path: string) => files.get(path) };
    const validator = createValidatorSync({ module, schemas: [source] });
    assert.deepEqual(validator.validate([boat({ masts: "x" })]).map(describeResult), [
      'Boat invalid ["masts"] expected integer, got string',
    ]);
  });

  it("that do not compile, cannot be read or are missing are told apart", () => {
    const validator = createValidatorSync({
      module,
      schemas: [
        ({ kind }) => {
          if (kind === "Throwing") throw new Error("out of reach");
          return kind === "Broken" ? '{"type":"nothing"}' : undefined;
        },
        {
          template: "{{ .ResourceKind }}.json",
          readSchema: (path) => (path === "dangling.json" ? '{"$ref":"gone.json"}' : undefined),
        },
      ],
    });
    const kinds = ["Broken", "Throwing", "Dangling", "Unknown"];
    const results = validator.validate(kinds.map((kind) => ({ apiVersion: "v1", kind })));
    assert.deepEqual(results.map(describeResult), [
      'Broken error schema-invalid ["type"] must be one of "array", "boolean", "integer", "null", "number", "object", "string"',
      "Throwing error schema-unreadable",
      "Dangling error schema-invalid",
      "Unknown error schema-missing",
    ]);
    assert.ok(results[1]?.status === "error" && results[1].message === "out of reach");
    // Addresses that the program makes up for itself say nothing to anybody.
    assert.doesNotMatch(JSON.stringify(results), /(?:provided|relative):/u);
    const lenient = validator.withOptions({ schemas: [], ignoreMissingSchemas: true });
    assert.deepEqual(lenient.validate([{ apiVersion: "v1", kind: "A" }]).map(describeResult), [
      "A skipped schema-missing",
    ]);
  });

  it("differ between validators of one instance", () => {
    const first = createValidatorSync({ module, schemas: [() => BOAT] });
    const second = first.withOptions({ schemas: [() => "{}"] });
    const wrong = [boat({ masts: "x" })];
    assert.deepEqual(
      [first, second, first].map((validator) => validator.validate(wrong)[0]?.status),
      ["invalid", "valid", "invalid"],
    );
    first.close();
    first.close();
    assert.throws(() => first.validate(wrong), TypeError);
    assert.equal(second.validate(wrong)[0]?.status, "valid");
  });

  it("are forgotten before they fill the memory", () => {
    const asked: string[] = [];
    const validator = createValidatorSync({
      module,
      schemas: [
        ({ kind }) => {
          asked.push(kind);
          return JSON.stringify({ title: kind, description: "x".repeat(300_000) });
        },
      ],
    });
    const validate = (index: number): unknown => validator.validate([{ apiVersion: "v1", kind: `K${index}` }]);
    for (let index = 0; index < 5; index++) validate(index);
    validate(0);
    assert.deepEqual(asked, ["K0", "K1", "K2", "K3", "K4"]);
    for (let index = 5; index < 10; index++) validate(index);
    validate(0);
    assert.equal(asked.at(-1), "K0");
  });

  it("of a broken template are refused at once", () => {
    const source = { template: "{{ .ResourceKind }.json", readSchema: () => undefined };
    assert.throws(() => createValidatorSync({ module, schemas: [source] }), TypeError);
  });
});

describe("kinds", () => {
  it("are skipped or rejected by name, with their version or without", () => {
    const validator = createValidatorSync({ module, schemas: [], skip: ["v1/A", "B"], reject: ["C"] });
    const results = validator.validate(["A", "B", "C"].map((kind) => ({ apiVersion: "v1", kind })));
    assert.deepEqual(results.map(describeResult), [
      "A skipped kind-skipped",
      "B skipped kind-skipped",
      "C error kind-rejected",
    ]);
  });
});

describe("a compiled module", () => {
  it("works in a worker thread without being compiled again", async () => {
    const source = `
      import { parentPort, workerData } from "node:worker_threads";
      const { createValidatorSync } = await import(workerData.url);
      const validator = createValidatorSync({ module: workerData.module, schemas: [() => "{}"] });
      parentPort.postMessage(validator.validate([{ apiVersion: "v1", kind: "A" }])[0].status);
    `;
    const url = new URL("../../../packages/kubeconform-wasm/src/index.ts", import.meta.url).href;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
      workerData: { module, url },
    });
    const status = await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
    assert.equal(status, "valid");
    await worker.terminate();
  });
});
