import assert from "node:assert/strict";
import { it } from "node:test";
import { giveUpTask } from "../../../src/jobs/index.ts";
import { AccessLostFault } from "../../../src/model/index.ts";
import { fakePublishing } from "../../fakes/fake-publishing.ts";

it("T53: work in a repository that is out of reach ends without a word to GitHub", async () => {
  const lost: unknown[] = [];
  const { services, log } = fakePublishing(
    {},
    { noteAccessLost: (...args: unknown[]) => Promise.resolve(void lost.push(args)) },
  );
  const task = { kind: "judge", repositoryId: 11, number: 12, lane: "people" } as const;
  await giveUpTask(task, new AccessLostFault("not-found", "there is no such repository"), services);
  assert.deepEqual(lost, [[11, "not-found"]]);
  assert.deepEqual(log, []);
});
