import assert from "node:assert/strict";
import { it } from "node:test";
import type { Actor, Intent, RepositoryRef } from "../../../src/model/index.ts";
import { combine, judge, newRepository, pullRequest, verdict } from "./build-events.ts";
import { onBothBackends } from "./on-both-backends.ts";

const HEAD = "a".repeat(40);
const ADA: Actor = { id: 5, login: "ada", type: "User" };
const GRACE: Actor = { id: 6, login: "grace", type: "User" };

type Pushed = Extract<Intent, { kind: "pushed" }>;

function pushed(repository: RepositoryRef, more: Partial<Pushed> = {}): Pushed {
  return { kind: "pushed", repository, branch: "change", before: undefined, after: HEAD, actor: ADA, ...more };
}

function labeled(repository: RepositoryRef, actor: Actor | undefined, changedAt: string): Intent {
  return { kind: "labeled", repository, number: 1, label: "Hotfix", actor, changedAt };
}

onBothBackends("what people did to a pull request", (world) => {
  it("T01: is kept of pushes to its branch and to itself, each once, and a fork's branch is another one", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const { repositoryId } = repository;
    const before = "b".repeat(40);
    await records.applyIntents([
      pushed(repository),
      pushed(repository),
      pushed(repository, { branch: "other", actor: GRACE }),
      pushed(repository, { branch: undefined, number: 2, actor: GRACE }),
      pushed(repository, { branch: undefined, number: 1, before, actor: GRACE }),
    ]);
    const list = async (isFork: boolean) => {
      const found = await records.listPushes({ repositoryId, number: 1, headRef: "change", isFork });
      return found.map((push) => [push.actor.login, push.before, push.after]).sort();
    };
    assert.deepEqual(await list(false), [
      ["ada", undefined, HEAD],
      ["grace", before, HEAD],
    ]);
    assert.deepEqual(await list(true), [["grace", before, HEAD]]);
  });

  it("T49: has a head judged again when the word of who pushed it comes late, and only then", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const key = { repositoryId: repository.repositoryId, number: 1 };
    await records.applyIntents([judge(repository, 1)]);
    const started = await records.startJudgement(key);
    assert.ok(started);
    await records.notePullRequest(pullRequest(repository, 1), started.generation);
    const said = { generation: started.generation, verdict: verdict("success"), publication: undefined };
    await records.finishJudgement(key, { ...said, report: undefined }, combine);
    const generation = async () => (await records.startJudgement(key))?.generation;
    await records.applyIntents([pushed(repository, { after: "c".repeat(40) })]);
    assert.equal(await generation(), started.generation);
    await records.applyIntents([pushed(repository, { branch: "elsewhere" })]);
    assert.equal(await generation(), started.generation + 1);
    await records.applyIntents([pushed(repository)]);
    assert.equal(await generation(), started.generation + 2, "it was of another branch that was known");
    await records.applyIntents([pushed(repository), pushed(repository, { branch: undefined, number: 1 })]);
    assert.equal(await generation(), started.generation + 2);
  });

  it("T54: is kept of labels by whoever set them last, whatever the order; nobody is known where that is not", async () => {
    const { records } = world.database();
    const repository = newRepository();
    const key = { repositoryId: repository.repositoryId, number: 1 };
    const last = async () => (await records.listLabelers(key)).map(({ label, actor }) => [label, actor.login]);
    await records.applyIntents([labeled(repository, GRACE, "2026-01-01T00:00:02Z")]);
    await records.applyIntents([labeled(repository, ADA, "2026-01-01T00:00:01Z")]);
    assert.deepEqual(await last(), [["hotfix", "grace"]]);
    await records.applyIntents([labeled(repository, ADA, "2026-01-01T00:00:02Z")]);
    assert.deepEqual(await last(), []);
    await records.applyIntents([labeled(repository, ADA, "2026-01-01T00:00:03Z")]);
    assert.deepEqual(await last(), [["hotfix", "ada"]]);
    await records.applyIntents([labeled(repository, undefined, "2026-01-01T00:00:04Z")]);
    assert.deepEqual(await last(), []);
  });

  it("says who asked for one that Drydock opened, as it was kept first", async () => {
    const { records } = world.database();
    const key = { repositoryId: newRepository().repositoryId, number: 1 };
    assert.equal(await records.readOpening(key), undefined);
    await records.keepOpening(key, { kind: "promotion", requestedBy: ADA });
    await records.keepOpening(key, { kind: "rollback", requestedBy: GRACE });
    assert.deepEqual(await records.readOpening(key), { kind: "promotion", requestedBy: ADA });
  });
});
