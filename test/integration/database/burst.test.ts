import assert from "node:assert/strict";
import { it } from "node:test";
import type { Intent } from "../../../src/model/index.ts";
import { delivery, judge, newRepository } from "./build-events.ts";
import { onBothBackends } from "./on-both-backends.ts";

const MIB = 1024 * 1024;

onBothBackends("burst", (world) => {
  it("stores ten thousand deliveries that come at once, and the person among the bots is first", async (test) => {
    const { intake, queue } = world.database();
    const repositories = Array.from({ length: 20 }, () => newRepository());
    const person = newRepository();
    const intents = Array.from({ length: 10_000 }, (_, index): Intent => {
      const repository = repositories[index % repositories.length] ?? person;
      return judge(repository, Math.floor(index / repositories.length) + 1, { lane: "bots" });
    });
    intents[9_000] = judge(person, 1, { lane: "people" });
    const began = performance.now();
    const before = process.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 50);
    await Promise.all(intents.map((intent) => intake.receive(delivery([intent]))));
    clearInterval(watch);
    test.diagnostic(`${Math.round(performance.now() - began)} ms, ${Math.round((most - before) / MIB)} MiB more`);
    assert.ok(most - before < 400 * MIB, `${Math.round((most - before) / MIB)} MiB`);
    const order: number[] = [];
    const started = Promise.withResolvers<undefined>();
    await queue.work(
      (task) => {
        if (task.kind === "judge") order.push(task.repositoryId);
        if (order.length >= 20) started.resolve(undefined);
        return Promise.resolve();
      },
      () => Promise.resolve(),
    );
    await started.promise;
    await queue.stop();
    assert.equal(order[0], person.repositoryId);
    assert.ok(new Set(order.slice(0, 20)).size >= 15, "repositories take turns");
  });
});
