import assert from "node:assert/strict";
import { it } from "node:test";
import type { NewStop, Records, StopsPlace, WriteReminder } from "../../../src/jobs/ports.ts";
import type { RepositoryRef } from "../../../src/model/index.ts";
import { combine, judge, newRepository, pullRequest, verdict } from "./build-events.ts";
import { onBothBackends, type World } from "./on-both-backends.ts";

const NOON = Date.parse("2031-05-01T12:00:00Z");
const HOUR = 3600_000;
/** The clock that stops go by. */
const clock = { now: NOON };
const ADA = { id: 5, login: "ada", type: "User" } as const;
const LIN = { id: 6, login: "lin", type: "User" } as const;

function newStop({ repositoryId }: RepositoryRef, parts: Partial<NewStop> = {}): NewStop {
  const place = { installationId: undefined, repositoryId, number: undefined, environment: "prod" };
  return {
    ...{ kind: "lock", from: "command", place, by: ADA, reason: "an incident", since: NOON, until: undefined },
    ...{ source: undefined, saidOn: 1, ...parts },
  };
}

function placeOf({ installationId, repositoryId }: RepositoryRef, ...numbers: readonly number[]): StopsPlace {
  return { installationId, repositoryId, numbers };
}

async function list(records: Records, place: StopsPlace): Promise<readonly string[]> {
  const stops = await records.listStops(place);
  return stops.map(({ kind, environment, by }) => `${kind} ${environment ?? "all"} ${by?.login ?? "nobody"}`);
}

/** Open pull requests that were judged, and a merge group; nothing waits any more. */
async function openPulls(world: World, ...numbers: readonly number[]): Promise<RepositoryRef> {
  const { records } = world.database();
  const repository = newRepository();
  for (const number of numbers) {
    await records.applyIntents([judge(repository, number)]);
    const key = { repositoryId: repository.repositoryId, number };
    const started = await records.startJudgement(key);
    assert.ok(started);
    await records.notePullRequest(pullRequest(repository, number), started.generation);
    const judged = { generation: started.generation, verdict: verdict("success") };
    await records.finishJudgement(key, { ...judged, publication: undefined, report: undefined }, combine);
  }
  const { repositoryId } = repository;
  const shas = { headSha: "c".repeat(40), baseSha: "b".repeat(40) };
  const group = { repositoryId, ...shas, headRef: "gh-readonly-queue/main/pr-1", baseRef: "main" };
  await records.applyIntents([{ kind: "judge-group", repository, group }]);
  await forget(world);
  return repository;
}

async function forget(world: World): Promise<void> {
  await world.rows("delete from drydock_queue.job");
}

async function listTasks(world: World, { repositoryId }: RepositoryRef): Promise<readonly string[]> {
  const rows = await world.rows<{ data: { task: { kind: string; repositoryId?: number; number?: number } } }>(
    "select data from drydock_queue.job",
  );
  const tasks = rows.map(({ data }) => data.task).filter((task) => task.repositoryId === repositoryId);
  return tasks.map(({ kind, number }) => `${kind} ${number ?? ""}`.trim()).sort();
}

async function audited(world: World, { repositoryId }: RepositoryRef): Promise<readonly string[]> {
  const rows = await world.rows<{ what: string }>(
    "select what from drydock.audit where repository_id = $1 order by id",
    [repositoryId],
  );
  return rows.map(({ what }) => what);
}

onBothBackends(
  "stops",
  (world) => {
    it("T27: outdate what is being judged, and have all that is open judged at once, merge groups too", async () => {
      const { records } = world.database();
      const repository = await openPulls(world, 1, 2);
      const key = { repositoryId: repository.repositoryId, number: 1 };
      const group = await records.startGroup(repository.repositoryId, "c".repeat(40));
      await records.applyIntents([judge(repository, 1)]);
      const started = await records.startJudgement(key);
      assert.ok(started && group);
      await forget(world);
      await records.setStop(newStop(repository));
      assert.deepEqual(await listTasks(world, repository), ["judge 1", "judge 2", "judge-group"]);
      const finished = { verdict: verdict("success"), publication: undefined, report: undefined };
      const late = await records.finishJudgement(key, { generation: started.generation, ...finished }, combine);
      assert.equal(late, "outdated");
      const { generation } = group;
      const lateGroup = await records.finishGroup(key.repositoryId, group, { generation, ...finished }, combine);
      assert.equal(lateGroup, "outdated");
      assert.deepEqual((await records.startJudgement(key))?.reasons, ["pushed", "stopped"]);
    });

    it("of one pull request concern it alone", async () => {
      const { records } = world.database();
      const repository = await openPulls(world, 1, 2);
      const hold = newStop(repository, { kind: "hold" });
      await records.setStop({ ...hold, place: { ...hold.place, number: 2, environment: undefined } });
      assert.deepEqual(await list(records, placeOf(repository, 1)), []);
      assert.deepEqual(await list(records, placeOf(repository, 2)), ["hold all ada"]);
      assert.deepEqual(await list(records, { ...placeOf(repository), numbers: undefined }), ["hold all ada"]);
      assert.ok((await listTasks(world, repository)).includes("judge 2"));
      assert.ok(!(await listTasks(world, repository)).includes("judge 1"));
    });

    it("of somebody else stand in the way of a lock; freezes stand beside each other", async () => {
      const { records } = world.database();
      const repository = newRepository();
      assert.equal((await records.setStop(newStop(repository))).kind, "set");
      const setting = await records.setStop(newStop(repository, { by: LIN }));
      assert.equal(setting.kind === "standing" && setting.stop.by?.login, "ada");
      await records.setStop(newStop(repository, { reason: "still" }));
      const freeze = newStop(repository, { kind: "freeze", until: NOON + HOUR });
      await records.setStop(freeze);
      await records.setStop({ ...freeze, by: LIN });
      const stops = await list(records, placeOf(repository, 1));
      assert.deepEqual(stops, ["lock prod ada", "freeze prod ada", "freeze prod lin"]);
    });

    it("T27: are over at their moment, which is in the audit trail, and are gone after their retention", async () => {
      const { records } = world.database();
      const repository = newRepository();
      await records.setStop(newStop(repository, { kind: "freeze", until: NOON + HOUR }));
      clock.now = NOON + HOUR - 1;
      assert.deepEqual(await list(records, placeOf(repository, 1)), ["freeze prod ada"]);
      clock.now = NOON + HOUR;
      assert.deepEqual(await list(records, placeOf(repository, 1)), []);
      await records.tidy(90);
      await records.tidy(90);
      assert.deepEqual(await audited(world, repository), ["stop-set", "stop-ended"]);
      clock.now = NOON;
      await world.rows("update drydock.stops set until = now() - interval '91 days' where repository_id = $1", [
        repository.repositoryId,
      ]);
      await records.tidy(90);
      const left = await world.rows("select 1 from drydock.stops where repository_id = $1", [repository.repositoryId]);
      assert.equal(left.length, 0);
    });

    it("T16: are said and lifted once by one comment, however often it is read", async () => {
      const { records } = world.database();
      const repository = await openPulls(world, 1);
      const stop = newStop(repository, { source: "comment 1" });
      await records.setStop(stop);
      const [kept] = await records.listStops(placeOf(repository, 1));
      assert.ok(kept);
      await forget(world);
      const lifted = await records.liftStops({ ids: [kept.id], by: ADA, source: "comment 2" });
      assert.deepEqual(
        lifted.map(({ reason }) => reason),
        ["an incident"],
      );
      assert.deepEqual(await listTasks(world, repository), ["judge 1", "judge-group"]);
      await records.setStop(stop);
      assert.deepEqual(await list(records, placeOf(repository, 1)), [], "said again by the same comment");
      await records.setStop({ ...stop, source: "comment 3" });
      const [next] = await records.listStops(placeOf(repository, 1));
      assert.ok(next);
      assert.deepEqual(await records.liftStops({ ids: [next.id], by: ADA, source: "comment 2" }), []);
      assert.deepEqual(await list(records, placeOf(repository, 1)), ["lock prod ada"], "lifted again by the same one");
      assert.deepEqual(await audited(world, repository), ["stop-set", "stop-lifted", "stop-set"]);
    });

    it("of an installation, or of the server, stand in each of their repositories", async () => {
      const { records } = world.database();
      const [own, other] = [await openPulls(world, 1), await openPulls(world, 1)];
      const { installationId } = own;
      const all = newStop(own, { kind: "freeze", from: "server", until: NOON + HOUR, by: undefined });
      const nowhere = { installationId: undefined, repositoryId: undefined, number: undefined, environment: undefined };
      await records.setStop({ ...all, place: { ...nowhere, installationId } });
      assert.deepEqual(await list(records, placeOf(own, 1)), ["freeze all nobody"]);
      assert.deepEqual(await list(records, placeOf(other, 1)), []);
      assert.ok((await listTasks(world, own)).includes("judge 1"));
      assert.deepEqual(await listTasks(world, other), []);
      await records.setStop({ ...all, place: nowhere });
      assert.deepEqual(await list(records, placeOf(other, 1)), ["freeze all nobody"]);
      assert.ok((await listTasks(world, other)).includes("judge 1"));
      const ids = (await records.listServerStops()).map(({ id }) => id);
      assert.equal((await records.liftStops({ ids, by: undefined, source: undefined })).length, 2);
      assert.deepEqual(await list(records, placeOf(own, 1)), []);
    });

    it("that are locks are reminded of once, where they were set", async () => {
      const { records } = world.database();
      const repository = await openPulls(world, 1);
      await records.setStop(newStop(repository));
      await records.setStop(newStop(repository, { kind: "freeze" }));
      const said: string[] = [];
      const write: WriteReminder = ({ kind, environment }, number) => {
        said.push(`${kind} ${environment ?? ""} on ${number}`);
        return { kind: "answer", number, to: "lock prod", body: "still locked" };
      };
      await records.remindOfLocks(repository.repositoryId, NOON - 1, write);
      assert.deepEqual(said, []);
      await records.remindOfLocks(repository.repositoryId, NOON, write);
      await records.remindOfLocks(repository.repositoryId, NOON + HOUR, write);
      assert.deepEqual(said, ["lock prod on 1"]);
      const wanted = await world.rows("select 1 from drydock.outgoing where kind = 'answer' and repository_id = $1", [
        repository.repositoryId,
      ]);
      assert.equal(wanted.length, 1);
    });

    it("are not known of an environment until an admin says that there is none", async () => {
      const { records } = world.database();
      const repository = await openPulls(world, 1);
      const { repositoryId } = repository;
      assert.deepEqual(await records.listConfirmed(repositoryId), []);
      assert.equal(await records.confirmUnlocked(repositoryId, "prod", ADA), true);
      assert.equal(await records.confirmUnlocked(repositoryId, "prod", ADA), false);
      assert.deepEqual(await records.listConfirmed(repositoryId), ["prod"]);
      assert.ok((await listTasks(world, repository)).includes("judge 1"));
      assert.deepEqual(await audited(world, repository), ["unlocked-confirmed"]);
    });
  },
  { now: () => clock.now },
);
