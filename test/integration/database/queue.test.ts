import assert from "node:assert/strict";
import { it } from "node:test";
import { Fault, LimitedFault } from "../../../src/model/index.ts";
import type { Lane, Task } from "../../../src/model/index.ts";
import { judge, newId, newRepository } from "./build-events.ts";
import { onBothBackends } from "./on-both-backends.ts";
import type { World } from "./on-both-backends.ts";

function judgeTask(repositoryId: number, number: number, lane: Lane = "people"): Task {
  return { kind: "judge", repositoryId, number, lane };
}

/** Works until nothing waits or runs any more. */
async function workOff(world: World, run: (task: Task, attempt: number) => Promise<void>): Promise<Task[]> {
  const { queue } = world.database();
  const givenUp: Task[] = [];
  await queue.work(run, (task) => {
    givenUp.push(task);
    return Promise.resolve();
  });
  while (await isBusy(world)) await pause(20);
  await queue.stop();
  return givenUp;
}

async function isBusy(world: World): Promise<boolean> {
  const { queues } = await world.database().readQueueFigures();
  return queues.some(({ waiting, active }) => waiting + active > 0);
}

/** Only the work that a test adds itself. */
async function clear(world: World): Promise<void> {
  await world.rows("delete from drydock_queue.job");
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function gate(): { readonly opened: Promise<undefined>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { opened: promise, open: () => resolve(undefined) };
}

onBothBackends(
  "queue",
  (world) => {
    it("of one key one waits and one runs, whatever lane asks", async () => {
      await clear(world);
      const { queue } = world.database();
      const repositoryId = newId();
      const [begun, release] = [gate(), gate()];
      let runs = 0;
      await queue.add([judgeTask(repositoryId, 1, "bots"), judgeTask(repositoryId, 1, "people")]);
      await queue.work(
        async () => {
          runs++;
          begun.open();
          await release.opened;
        },
        () => Promise.resolve(),
      );
      await begun.opened;
      for (let push = 0; push < 5; push++) await queue.add([judgeTask(repositoryId, 1, push % 2 ? "bots" : "people")]);
      await pause(300);
      assert.equal(runs, 1, "the second slot does not take the same key");
      const { queues } = await world.database().readQueueFigures();
      const people = queues.find(({ queue: name }) => name === "judge people");
      assert.deepEqual(people, { queue: "judge people", waiting: 1, active: 1 });
      release.open();
      while (await isBusy(world)) await pause(20);
      await queue.stop();
      assert.equal(runs, 2);
    });

    it("a key that runs does not stand in the way of those behind it", async () => {
      await clear(world);
      const { queue } = world.database();
      const [busy, free] = [newId(), newId()];
      const [begun, release, passed] = [gate(), gate(), gate()];
      await queue.add([{ kind: "publish", installationId: busy }]);
      await queue.work(
        async (task) => {
          if (task.kind === "publish" && task.installationId === free) passed.open();
          if (task.kind !== "publish" || task.installationId !== busy) return;
          begun.open();
          await release.opened;
        },
        () => Promise.resolve(),
      );
      await begun.opened;
      await queue.add([{ kind: "publish", installationId: busy }]);
      await queue.add([{ kind: "publish", installationId: free }]);
      await passed.opened;
      release.open();
      await queue.stop();
    });

    it("takes groups, then people, then bots, and every eighth time the one that waited longest", async () => {
      await clear(world);
      const repositoryId = newId();
      const { queue } = world.database();
      for (let number = 1; number <= 12; number++) await queue.add([judgeTask(repositoryId, number, "bots")]);
      for (let number = 101; number <= 112; number++) await queue.add([judgeTask(repositoryId, number, "people")]);
      await queue.add([{ kind: "judge-group", repositoryId, headSha: "abc" }]);
      const order: string[] = [];
      await workOff(world, (task) => {
        order.push(task.kind === "judge" ? task.lane : task.kind);
        return Promise.resolve();
      });
      assert.equal(order.length, 25);
      assert.equal(order[0], "judge-group");
      assert.deepEqual(order.slice(1, 7), Array(6).fill("people"));
      assert.equal(order[7], "bots", "the eighth");
      assert.deepEqual(order.slice(8, 13), Array(5).fill("people"));
    });

    it("a bot's pull request has its turn in a flood of people's that never ends", async () => {
      await clear(world);
      const { queue } = world.database();
      const [flooded, quiet] = [newId(), newId()];
      await queue.add([1, 2].map((number) => judgeTask(quiet, number, "bots")));
      let next = 0;
      const another = () => judgeTask(flooded, ++next, "people");
      await queue.add(Array.from({ length: 12 }, another));
      const [order, done] = [[] as Lane[], gate()];
      await queue.work(
        async (task) => {
          if (task.kind !== "judge") return;
          order.push(task.lane);
          if (order.length >= 40 || order.filter((lane) => lane === "bots").length === 2) done.open();
          else if (task.lane === "people") await queue.add([another()]);
        },
        () => Promise.resolve(),
      );
      await done.opened;
      await queue.stop();
      const first = order.indexOf("bots");
      const second = order.indexOf("bots", first + 1);
      assert.ok(first >= 0 && first < 10, `the first after ${first}`);
      assert.ok(second >= 0 && second < 18, `the second after ${second}`);
    });

    it("a burst of eighty for one repository does not hold up the first of another", async () => {
      await clear(world);
      const { records, queue } = world.database();
      const [busy, other] = [newRepository(), newRepository()];
      const sibling = newRepository(busy.installationId);
      await records.applyIntents(Array.from({ length: 80 }, (_, index) => judge(busy, index + 1)));
      await records.applyIntents([judge(sibling, 1)]);
      await records.applyIntents([judge(other, 1)]);
      await world.rows("delete from drydock_queue.job where name <> 'judge'");
      const order: number[] = [];
      const first = gate();
      await queue.work(
        (task) => {
          if (task.kind === "judge") order.push(task.repositoryId);
          if (order.length >= 6) first.open();
          return Promise.resolve();
        },
        () => Promise.resolve(),
      );
      await first.opened;
      await queue.stop();
      assert.ok(order.slice(0, 6).includes(other.repositoryId), "another installation");
      assert.ok(order.slice(0, 6).includes(sibling.repositoryId), "another repository of the same installation");
    });

    it("tries again with more time in between, then gives up and tells", async () => {
      await clear(world);
      const { queue } = world.database();
      const repositoryId = newId();
      const attempts: number[] = [];
      const at: number[] = [];
      await queue.add([judgeTask(repositoryId, 1)]);
      const givenUp = await workOff(world, (_task, attempt) => {
        attempts.push(attempt);
        at.push(Date.now());
        return Promise.reject(new Fault("git is away", { isRetryable: true }));
      });
      assert.deepEqual(attempts, [1, 2, 3]);
      assert.deepEqual(givenUp, [judgeTask(repositoryId, 1)]);
      const [one = 0, two = 0, three = 0] = at;
      assert.ok(two - one >= 1900 && three - two > two - one - 100, `${two - one}, ${three - two}`);
      const { troubles } = await world.database().explainPullRequest({ repositoryId, number: 1 });
      assert.equal(troubles[0]?.what, "gave-up");
    });

    it("what cannot be helped by trying again is given up at once", async () => {
      await clear(world);
      const { queue } = world.database();
      const repositoryId = newId();
      let runs = 0;
      await queue.add([judgeTask(repositoryId, 1)]);
      const givenUp = await workOff(world, () => {
        runs++;
        return Promise.reject(new Fault("no"));
      });
      assert.equal(runs, 1);
      assert.deepEqual(givenUp, [judgeTask(repositoryId, 1)]);
    });

    it("T52: waits for as long as GitHub asks, and counts no attempt", async () => {
      await clear(world);
      const { queue } = world.database();
      const installationId = newId();
      const attempts: number[] = [];
      const began = Date.now();
      let ended = 0;
      await queue.add([{ kind: "publish", installationId }]);
      const givenUp = await workOff(world, (_task, attempt) => {
        attempts.push(attempt);
        ended = Date.now();
        if (attempts.length > 5) return Promise.resolve();
        return Promise.reject(new LimitedFault("slow down", Date.now() + 250));
      });
      assert.deepEqual(attempts, [1, 1, 1, 1, 1, 1]);
      assert.deepEqual(givenUp, []);
      assert.ok(ended - began >= 1200, `${ended - began} ms`);
    });

    it("a newer run that succeeds answers for an earlier one that failed", async () => {
      await clear(world);
      const { queue } = world.database();
      const repositoryId = newId();
      let runs = 0;
      await queue.add([judgeTask(repositoryId, 1)]);
      await workOff(world, async () => {
        runs++;
        if (runs > 1) return;
        await queue.add([judgeTask(repositoryId, 1)]);
        throw new Fault("once", { isRetryable: true });
      });
      assert.equal(runs, 2);
    });

    it("a long judgement holds no publish and no command up", async () => {
      await clear(world);
      const { queue } = world.database();
      const repositoryId = newId();
      const [release, published, answered] = [gate(), gate(), gate()];
      await queue.work(
        async ({ kind }) => {
          if (kind === "judge") await release.opened;
          if (kind === "publish") published.open();
          if (kind === "command") answered.open();
        },
        () => Promise.resolve(),
      );
      await queue.add([1, 2, 3].map((number) => judgeTask(repositoryId, number)));
      await queue.add([
        { kind: "publish", installationId: newId() },
        { kind: "command", repositoryId, commentId: 1 },
      ]);
      await Promise.all([published.opened, answered.opened]);
      release.open();
      await queue.stop();
    });

    it("wakes when a transaction commits, not when it next looks", async () => {
      await clear(world);
      const { records, queue } = world.database();
      const began = gate();
      await queue.work(
        ({ kind }) => {
          if (kind === "judge") began.open();
          return Promise.resolve();
        },
        () => Promise.resolve(),
      );
      await pause(100);
      const at = performance.now();
      await records.applyIntents([judge(newRepository(), 1)]);
      await began.opened;
      const ms = performance.now() - at;
      await queue.stop();
      assert.ok(ms < 1500, `${ms} ms`);
    });
  },
  { pollMs: 2000 },
);
