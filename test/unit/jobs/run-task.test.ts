import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { giveUpTask, runTask } from "../../../src/jobs/index.ts";
import type { Records } from "../../../src/jobs/ports.ts";
import { AccessLostFault, Fault } from "../../../src/model/index.ts";
import { fakePublishing, itemOf } from "../../fakes/fake-publishing.ts";

const task = { kind: "judge", repositoryId: 11, number: 12, lane: "people" } as const;
const { repository } = itemOf({ kind: "reaction", commentId: 5, content: "eyes" });

describe("work in a repository that is not found", () => {
  const lost = new AccessLostFault("not-found", "there is no such repository");
  const run = async (readFacts: () => Promise<typeof repository>, isNoted = true) => {
    const noted: unknown[] = [];
    const records: Partial<Records> = {
      startJudgement: () => Promise.reject(lost),
      readRepository: () => Promise.resolve(repository),
      noteAccessLost: ({ owner, name }, loss) => {
        noted.push(`${owner}/${name} ${loss}`);
        return Promise.resolve(isNoted);
      },
    };
    const { services, log } = fakePublishing({ readFacts }, records);
    const fault = await runTask(task, services, { add: () => Promise.resolve() }).catch((cause: unknown) => cause);
    assert.ok(fault instanceof Fault);
    await giveUpTask(task, fault.isRetryable ? lost : fault, services);
    assert.deepEqual(
      log.map(([name]) => name),
      ["readFacts"],
      "not a word is written to GitHub",
    );
    return { noted, isRetryable: fault.isRetryable };
  };

  it("T53: ends where GitHub still does not find it", async () => {
    const found = await run(() => Promise.reject(new AccessLostFault("not-found", "no")));
    assert.deepEqual(found, { noted: ["acme/config not-found"], isRetryable: false });
  });

  it("T49: is tried again where it is found by the name that it has now", async () => {
    assert.deepEqual(await run(() => Promise.resolve(repository)), { noted: [], isRetryable: true });
  });

  it("is tried again where GitHub does not say whether it is there", async () => {
    const found = await run(() => Promise.reject(new Fault("bad gateway", { isRetryable: true })));
    assert.deepEqual(found, { noted: [], isRetryable: true });
  });

  it("T49: is tried again where it had another name by the time the loss was to be noted", async () => {
    const found = await run(() => Promise.reject(new AccessLostFault("not-found", "no")), false);
    assert.deepEqual(found, { noted: ["acme/config not-found"], isRetryable: true });
  });
});
