import assert from "node:assert/strict";
import { it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { OutgoingItem } from "../../../src/jobs/ports.ts";
import type { RepositoryRef } from "../../../src/model/index.ts";
import { check, judge, newRepository } from "./build-events.ts";
import { onBothBackends } from "./on-both-backends.ts";
import type { World } from "./on-both-backends.ts";

/** A pull request whose check in progress is the next to be written. */
async function openWithCheck(world: World): Promise<{ repository: RepositoryRef; item: OutgoingItem }> {
  const { records } = world.database();
  const repository = newRepository();
  await records.applyIntents([judge(repository, 1)]);
  await show(world, repository, "Rendering");
  const item = await records.nextOutgoing(repository.installationId);
  assert.ok(item);
  return { repository, item };
}

async function show(world: World, repository: RepositoryRef, title: string): Promise<void> {
  const { records } = world.database();
  const key = { repositoryId: repository.repositoryId, number: 1 };
  const started = await records.startJudgement(key);
  assert.ok(started);
  await records.showProgress(key, started.generation, [{ ...check("drydock", "in_progress"), title }]);
}

/** As if the request had been sent a while ago. */
async function ageAttempts(world: World, { repositoryId }: RepositoryRef): Promise<void> {
  await world.rows(
    "update drydock.outgoing set attempted_at = now() - interval '11 seconds' where repository_id = $1",
    [repositoryId],
  );
}

async function listPublishing(world: World, { installationId }: RepositoryRef): Promise<unknown[]> {
  return world.rows("select id from drydock_queue.job where name = 'publish' and singleton_key = $1", [
    String(installationId),
  ]);
}

onBothBackends(
  "attempts to write",
  (world) => {
    it("T50: a request whose fate is unknown is looked for once it has had its time", async () => {
      const { records } = world.database();
      const { repository, item } = await openWithCheck(world);
      assert.equal(item.isUncertain, false);
      assert.equal(await records.markAttempt(item), true);
      assert.equal(await records.nextOutgoing(repository.installationId), undefined);
      await ageAttempts(world, repository);
      const next = await records.nextOutgoing(repository.installationId);
      assert.deepEqual([next?.id, next?.isUncertain], [item.id, true]);
    });

    it("T50: somebody is woken for it then", async () => {
      const { records } = world.database();
      const { repository, item } = await openWithCheck(world);
      await records.markAttempt(item);
      await world.rows("delete from drydock_queue.job");
      await pause(200);
      assert.deepEqual(await listPublishing(world, repository), []);
      await ageAttempts(world, repository);
      for (const end = Date.now() + 5000; Date.now() < end;) {
        await pause(20);
        if ((await listPublishing(world, repository)).length > 0) return;
      }
      assert.fail("nobody was");
    });

    it("T50: a request whose fate is unknown is not forgotten where the next one is refused", async () => {
      const { records } = world.database();
      const { repository, item } = await openWithCheck(world);
      await records.markAttempt(item);
      await ageAttempts(world, repository);
      const again = await records.nextOutgoing(repository.installationId);
      assert.ok(again);
      await records.markRefused(again, "the permission checks: write is not granted");
      await show(world, repository, "Evaluating");
      assert.equal((await records.nextOutgoing(repository.installationId))?.isUncertain, true);
    });

    it("T50: what was let go of in the moment before its request is not sent", async () => {
      const { records } = world.database();
      const { repository, item } = await openWithCheck(world);
      await records.applyIntents([{ kind: "close", repository, number: 1, isMerged: false }]);
      assert.equal(await records.markAttempt(item), false);
      assert.deepEqual(
        await world.rows("select 1 from drydock.outgoing where repository_id = $1", [repository.repositoryId]),
        [],
      );
    });

    it("T33: what was overtaken in the moment before its request is not sent, but what is begun goes on", async () => {
      const { records } = world.database();
      const { repository, item } = await openWithCheck(world);
      await show(world, repository, "Evaluating");
      assert.equal(await records.markAttempt(item), false);
      assert.equal((await records.nextOutgoing(repository.installationId))?.isUncertain, false);
      assert.equal(await records.markAttempt(item, true), true);
    });
  },
  { dueMs: 50 },
);
