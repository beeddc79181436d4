import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findMembers } from "../../../src/environments/index.ts";

const WEB = { prod: { "kustomize:web": "1" } };
const API = { prod: { "kustomize:api": "2", "file:prod/x": "3" } };
const BOTH = { prod: { ...WEB.prod, ...API.prod } };

describe("T31: a merge group", () => {
  it("is made of the pull requests whose changes are in it, whole and equal", () => {
    const candidates = [
      { number: 1, digests: WEB },
      { number: 2, digests: API },
      { number: 3, digests: {} },
      { number: 4, digests: { dev: { "kustomize:web": "1" } } },
    ];
    assert.deepEqual(findMembers(BOTH, candidates), { members: [1, 2], uncovered: [] });
  });

  it("changes something that is nobody's where one is missing, pushed to, or only partly in it", () => {
    const moved = { prod: { "kustomize:api": "other", "file:prod/x": "3" } };
    const more = { prod: { ...API.prod, "kustomize:more": "4" } };
    for (const digests of [moved, more]) {
      const found = findMembers(BOTH, [
        { number: 1, digests: WEB },
        { number: 2, digests },
      ]);
      assert.deepEqual(found, { members: [1], uncovered: ["prod: file:prod/x", "prod: kustomize:api"] });
    }
  });

  it("of two that change one app together is nobody's: neither changes that", () => {
    const found = findMembers({ prod: { "kustomize:web": "both" } }, [
      { number: 1, digests: WEB },
      { number: 2, digests: { prod: { "kustomize:web": "5" } } },
    ]);
    assert.deepEqual(found, { members: [], uncovered: ["prod: kustomize:web"] });
  });
});
