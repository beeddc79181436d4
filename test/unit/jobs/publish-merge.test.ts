import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Mergeability } from "../../../src/jobs/ports.ts";
import { publishMerge } from "../../../src/jobs/publish-merge.ts";
import type { Outgoing } from "../../../src/model/index.ts";
import { fakePublishing, itemOf } from "../../fakes/fake-publishing.ts";

const MERGE = {
  ...{ kind: "merge", number: 7, headSha: "head", baseRef: "main", baseSha: "base" },
  ...{ method: "squash", generation: 1, judgedAt: 0 },
} as const satisfies Outgoing;

/** What is asked of GitHub, and when it is judged again, if so; facts were read at 0. */
async function publish(tip: string, now = 0, state: Partial<Mergeability> = {}): Promise<readonly unknown[]> {
  const known = { isOpen: true, isMerged: false, headSha: "head", baseRef: "main", is: "ready", ...state } as const;
  const judgedAgain: unknown[] = [];
  const { services, log } = fakePublishing(
    {
      readMergeability: () => Promise.resolve(known),
      readBranch: () => Promise.resolve(tip),
      mergePullRequest: () => Promise.resolve(undefined),
    },
    {
      readMergeWish: () => Promise.resolve(undefined),
      beginMerge: () => Promise.resolve(true),
      endMergeWish: () => Promise.resolve(true),
      applyIntents: () => Promise.resolve(),
      deferMerge: (_key, at) => Promise.resolve(void judgedAgain.push(["judge", at])),
    },
  );
  await publishMerge(itemOf(MERGE), MERGE, () => Promise.resolve(), { ...services, now: () => now });
  return [...log.filter(([name]) => name === "mergePullRequest"), ...judgedAgain];
}

describe("the last look before a merge", () => {
  it("merges the head that was judged, onto the base that was judged", async () => {
    assert.deepEqual(await publish("base"), [["mergePullRequest", 7, "head", "squash"]]);
  });

  it("T26: has it judged again where the base moved, though no webhook said so yet", async () => {
    assert.deepEqual(await publish("moved"), [["judge", 0]]);
  });

  it("T05: has it judged again by facts that are older than 20 seconds", async () => {
    assert.deepEqual(await publish("base", 20_000), [["mergePullRequest", 7, "head", "squash"]]);
    assert.deepEqual(await publish("base", 20_001), [["judge", 20_001]]);
  });

  it("has it judged again where the head is another", async () => {
    assert.deepEqual(await publish("base", 0, { headSha: "pushed" }), [["judge", 0]]);
  });
});
