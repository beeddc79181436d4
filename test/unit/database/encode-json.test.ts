import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeJson, hashJson } from "../../../src/database/encode-json.ts";

describe("encodeJson", () => {
  it("replaces what jsonb refuses, at any depth, and nothing else", () => {
    const value = { text: "a\0b", list: ["\ud800x", "😀", "\u202e"], __proto__: null };
    assert.equal(encodeJson(value), '{"text":"a\ufffdb","list":["\ufffdx","😀","\u202e"]}');
  });
});

describe("hashJson", () => {
  it("is the same whatever the order of the keys, and after a trip through the database", () => {
    const wanted = { b: 1, a: { d: "x\0", c: [1, 2] }, e: undefined };
    const stored: unknown = JSON.parse('{"a":{"c":[1,2],"d":"x\ufffd"},"b":1}');
    assert.equal(hashJson(wanted), hashJson(stored));
  });

  it("tells apart what reads alike", () => {
    const values = [{ a: 1 }, { a: "1" }, { a: [1] }, JSON.parse('{"__proto__":1}') as unknown, {}, { a: null }];
    assert.equal(new Set(values.map(hashJson)).size, values.length);
  });
});
