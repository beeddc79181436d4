import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEtagCache } from "../../../src/github/etag-cache.ts";

const answer = (etag: string, body: unknown): { status: number; headers: Record<string, string>; body: unknown } => ({
  status: 200,
  headers: { etag, link: "<next>" },
  body,
});

describe("createEtagCache", () => {
  it("gives the stored answer for a 304, with its links and the newer limits", () => {
    const cache = createEtagCache();
    cache.settle("a", answer('"1"', { x: 1 }));
    assert.equal(cache.etagOf("a"), '"1"');
    const settled = cache.settle("a", {
      status: 304,
      headers: { link: "<other>", "x-ratelimit-remaining": "9" },
      body: "",
    });
    assert.deepEqual(settled, {
      status: 200,
      headers: { etag: '"1"', link: "<next>", "x-ratelimit-remaining": "9" },
      body: { x: 1 },
    });
  });

  it("keeps apart who asked", () => {
    const cache = createEtagCache();
    cache.settle("7/11 url", answer('"1"', 1));
    assert.equal(cache.etagOf("7/12 url"), undefined);
  });

  it("is bounded, and forgets what was used longest ago", () => {
    const cache = createEtagCache({ most: 60, mostEach: 30 });
    cache.settle("a", answer('"a"', "x".repeat(18)));
    cache.settle("b", answer('"b"', "x".repeat(18)));
    cache.settle("a", { status: 304, headers: {}, body: "" });
    cache.settle("c", answer('"c"', "x".repeat(18)));
    assert.deepEqual(
      ["a", "b", "c"].map((key) => cache.etagOf(key)),
      ['"a"', undefined, '"c"'],
    );
    cache.settle("large", answer('"l"', "x".repeat(50)));
    assert.equal(cache.etagOf("large"), undefined);
  });

  it("keeps neither failures nor what cannot be measured", () => {
    const cache = createEtagCache();
    cache.settle("a", { ...answer('"1"', {}), status: 404 });
    cache.settle("b", answer('"1"', { id: 90071992547409955n }));
    assert.deepEqual([cache.etagOf("a"), cache.etagOf("b")], [undefined, undefined]);
  });
});
