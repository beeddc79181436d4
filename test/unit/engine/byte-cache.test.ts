import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createByteCache } from "../../../src/engine/byte-cache.ts";

describe("the byte cache", () => {
  it("forgets what was used longest ago", () => {
    const cache = createByteCache<string>(80);
    for (const key of ["a", "b", "c", "d", "e", "f", "g", "h"]) cache.set(key, key, 10);
    assert.equal(cache.get("a"), "a");
    cache.set("i", "i", 10);
    assert.equal(cache.get("a"), "a");
    assert.equal(cache.get("b"), undefined);
    assert.equal(cache.get("i"), "i");
  });

  it("does not keep what would push out everything else", () => {
    const cache = createByteCache<string>(80);
    cache.set("a", "a", 10);
    cache.set("big", "big", 11);
    assert.equal(cache.get("big"), undefined);
    assert.equal(cache.get("a"), "a");
  });

  it("counts a value set twice once, and forgets one that grew too large", () => {
    const cache = createByteCache<number>(80);
    for (let round = 0; round < 100; round++) cache.set("a", round, 10);
    for (const key of ["b", "c", "d", "e", "f", "g", "h"]) cache.set(key, 0, 10);
    assert.equal(cache.get("a"), 99);
    cache.set("a", 100, 1000);
    assert.equal(cache.get("a"), undefined);
  });
});
