import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { instantiateReactor } from "../../../packages/kubeconform-wasm/src/reactor.ts";
import { decodeManifest, NumberText, SealedValue } from "../../../src/model/index.ts";
import type { ManifestMap, ManifestValue } from "../../../src/model/index.ts";

interface Decoded {
  readonly ok?: {
    readonly documents: readonly { json: string; sealed: [string, string][]; digest: string; raw: string }[];
    readonly findings: readonly { rule: string }[];
  };
  readonly error?: { readonly kind: string; readonly message: string; readonly line?: number };
}

const wasm = new URL("../../../engines/dist/manifest.wasm", import.meta.url);
const module = new WebAssembly.Module(readFileSync(wasm));
const reactor = instantiateReactor(module, { seed: "manifest" });

function decode(yaml: string, options: object = {}): Decoded {
  const resources = [{ yaml, file: "a.yaml" }];
  return reactor.call({ op: "decode", resources, macKey: "00ff", isSource: true, limits: {}, ...options }) as Decoded;
}

function valueOf(yaml: string): ManifestMap {
  const [document] = decode(yaml).ok?.documents ?? [];
  assert.ok(document);
  return decodeManifest(document) as ManifestMap;
}

const SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n";

describe("decode", () => {
  it("keeps numbers as their text, up to 64 bits", () => {
    const value = valueOf(
      "apiVersion: v1\nkind: A\nmetadata: {name: a}\nmode: 0644\nbig: 9223372036854775807\nhuge: 1e21\n",
    );
    const numbers = ["mode", "big", "huge"].map((key) => value.get(key));
    assert.deepEqual(numbers, [new NumberText("420"), new NumberText("9223372036854775807"), new NumberText("1e+21")]);
  });

  it("seals secret values (T44)", () => {
    const value = valueOf(`${SECRET}stringData: {password: hunter22}\n`);
    const data = value.get("stringData") as ManifestMap;
    assert.ok(data.get("password") instanceof SealedValue);
  });

  it("tells a string that looks like a seal from a sealed value (T44)", () => {
    const value = valueOf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {password: '!sealed'}\n");
    assert.equal((value.get("data") as ManifestMap).get("password"), "!sealed");
  });

  it("says nothing of a secret value when the text is broken (T44)", () => {
    for (const broken of [
      "stringData: {a: hunter22",
      "stringData:\n\ta: hunter22",
      "hunter22: b: c",
      "{{ hunter22 }}: x",
    ]) {
      const { error } = decode(SECRET + broken);
      assert.equal(error?.kind, "render");
      assert.ok(!error.message.includes("hunter22"), error.message);
    }
  });

  it("ends what is nested without end as a limit, and works on", () => {
    const lists = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    const aliased = `a: &a 1\nb: *a\na: ${lists(1990)}`;
    const embedded = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a.yaml: ${JSON.stringify(lists(9000))}`;
    for (const yaml of ["[".repeat(1_000_000), "- ".repeat(9000), lists(9000), lists(1990), aliased]) {
      assert.equal(decode(yaml).error?.kind, "limit", yaml.slice(0, 20));
    }
    assert.equal(decode("a: ".repeat(9000)).error?.kind, "render");
    assert.equal(decode(embedded).ok?.documents.length, 1);
  });

  it("does the same in a worker thread", async () => {
    const source = `
      import { parentPort, workerData } from "node:worker_threads";
      const { instantiateReactor } = await import(workerData.url);
      const reactor = instantiateReactor(workerData.module, { seed: "x" });
      const yaml = "[".repeat(9000) + "]".repeat(9000);
      parentPort.postMessage(reactor.call({ op: "decode", resources: [{ yaml, file: "a" }], macKey: "00" }).error.kind);
    `;
    const url = new URL("../../../packages/kubeconform-wasm/src/reactor.ts", import.meta.url).href;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
      workerData: { module, url },
    });
    const kind = await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
    await worker.terminate();
    assert.equal(kind, "limit");
  });

  it("reads 5,000 documents of one file", () => {
    const object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n";
    assert.equal(decode(object.repeat(5000)).ok?.documents.length, 5000);
  });

  it("reads a document of 10 MB", () => {
    const [document] =
      decode(`apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: ${"x".repeat(10_000_000)}\n`).ok
        ?.documents ?? [];
    assert.ok((document?.json.length ?? 0) > 10_000_000);
  });
});

describe("any JSON value", () => {
  const key = fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "data", "sops", "a/b", "~1"));
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.string({ unit: "grapheme" }),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: false }),
    ),
  }));

  it("is read from YAML as JSON reads it", () => {
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 5 }), (spec) => {
        const object = { apiVersion: "v1", kind: "Thing", metadata: { name: "a" }, spec };
        const { ok, error } = decode(JSON.stringify(object));
        assert.equal(error, undefined);
        assert.deepEqual(JSON.parse(ok?.documents[0]?.raw ?? ""), JSON.parse(JSON.stringify(object)));
      }),
      { numRuns: 300 },
    );
  });

  it("leaves no string of a Secret's data", () => {
    fc.assert(
      fc.property(value, (data) => {
        const marked = mark(data);
        const object = { apiVersion: "v1", kind: "Secret", metadata: { name: "a" }, data: marked };
        const { ok } = decode(JSON.stringify(object));
        const [document] = ok?.documents ?? [];
        assert.ok(document && !document.json.includes("MARK"));
        assertSealed(decodeManifest(document), new Set(document.sealed.map(([, mac]) => mac)));
      }),
      { numRuns: 300 },
    );
  });
});

/** Puts a mark into each string that is no key. */
function mark(value: unknown): unknown {
  if (typeof value === "string") return `MARK${value}`;
  if (Array.isArray(value)) return value.map(mark);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mark(item)]));
}

function assertSealed(value: ManifestValue, macs: ReadonlySet<string>): void {
  if (value instanceof SealedValue) assert.ok(macs.has(value.mac));
  else if (Array.isArray(value)) for (const item of value as readonly ManifestValue[]) assertSealed(item, macs);
  else if (value instanceof Map) for (const item of (value as ManifestMap).values()) assertSealed(item, macs);
}
