import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DecodedDocument } from "../../../src/engine/decoded-document.ts";
import { describeSchemaErrors } from "../../../src/engine/schema-findings.ts";

const document: DecodedDocument = {
  resource: { group: "", version: "v1", kind: "Secret", namespace: "", name: "s" },
  json: "",
  raw: "",
  digest: "",
  sealed: [
    ["/data/a~1b", "00"],
    ["/stringData/key", "11"],
  ],
  origin: { file: "s.yaml", document: 0, shapedBy: [] },
  hooks: [],
  substituted: ["/spec/replicas"],
  isSops: false,
};

const messages = (...path: (string | number)[]): string[] =>
  describeSchemaErrors(document, [{ path, message: "expected string, got 12345", keyword: "type" }]).map(
    ({ message }) => message,
  );

describe("a schema error", () => {
  it("says what the validator says", () => {
    assert.deepEqual(messages("metadata", "labels"), ["expected string, got 12345"]);
  });

  it("says nothing of a secret value, at it or below it (T44)", () => {
    for (const path of [
      ["data", "a/b"],
      ["stringData", "key", 0, "inner"],
    ]) {
      const [message = ""] = messages(...path);
      assert.match(message, /secret and not shown/);
      assert.doesNotMatch(message, /12345/);
    }
  });

  it("is told for a field whose name only begins like a secret one", () => {
    assert.deepEqual(messages("stringData", "keyring"), ["expected string, got 12345"]);
  });

  it("is dropped where Flux puts a value in later, and nowhere else", () => {
    assert.deepEqual(messages("spec", "replicas"), []);
    assert.equal(messages("spec").length, 1);
  });
});
