import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Client } from "pg";
import { openDatabase } from "../../../src/database/index.ts";
import type { Database } from "../../../src/database/index.ts";
import type { Task } from "../../../src/model/index.ts";
import {
  check,
  combine,
  delivery,
  judge,
  newId,
  newRepository,
  publication,
  pullRequest,
  verdict,
} from "./build-events.ts";
import { startPostgres } from "./start-postgres.ts";
import type { PostgresServer } from "./start-postgres.ts";

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function query(databaseUrl: string, text: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(text);
  await client.end();
}

describe("replicas on one PostgreSQL", () => {
  let server: PostgresServer | undefined;
  let url = "";
  let replicas: readonly [Database, Database] | undefined;
  const faults: unknown[] = [];
  const open = (databaseUrl: string) =>
    openDatabase({
      databaseUrl,
      directory: "unused",
      checks: 2,
      pollMs: 60_000,
      onFault: (fault) => faults.push(fault),
    });
  const both = () => {
    assert.ok(replicas);
    return replicas;
  };

  before(async () => {
    server = await startPostgres();
    url = await server.createDatabase();
    // At once: the schema is brought forward by one of them.
    replicas = await Promise.all([open(url), open(url)]);
  });
  after(async () => {
    await Promise.all((replicas ?? []).map((replica) => replica.close()));
    await server?.stop();
  });

  it("T51: the same deliveries at both are applied once, and their pull request is judged by one at a time", async () => {
    const [one, two] = both();
    const repository = newRepository();
    const deliveries = Array.from({ length: 200 }, (_, index) => delivery([judge(repository, (index % 5) + 1)]));
    await Promise.all(deliveries.flatMap((each) => [one.intake.receive(each), two.intake.receive(each)]));
    const generations = await Promise.all(
      [1, 2, 3, 4, 5].map((number) => one.records.startJudgement({ repositoryId: repository.repositoryId, number })),
    );
    assert.deepEqual(
      generations.map((started) => started?.generation),
      [40, 40, 40, 40, 40],
    );
    const running = new Map<string, number>();
    const runs: string[] = [];
    const run = async (task: Task) => {
      if (task.kind !== "judge") return;
      const key = `${task.repositoryId}/${task.number}`;
      runs.push(key);
      running.set(key, (running.get(key) ?? 0) + 1);
      assert.equal(running.get(key), 1, "two at once on one pull request");
      if (runs.length < 6) await one.queue.add([task]);
      await pause(30);
      running.set(key, (running.get(key) ?? 0) - 1);
    };
    const givenUp: unknown[] = [];
    const onGivenUp = (_task: Task, cause: unknown) => {
      givenUp.push(cause);
      return Promise.resolve();
    };
    await Promise.all([one.queue.work(run, onGivenUp), two.queue.work(run, onGivenUp)]);
    while ((await one.readQueueFigures()).queues.some(({ waiting, active }) => waiting + active > 0)) await pause(30);
    await Promise.all([one.queue.stop(), two.queue.stop()]);
    assert.ok(runs.length >= 6 && runs.length <= 10, `${runs.length} runs`);
    assert.deepEqual(givenUp, []);
  });

  it("one replica wakes the other when it commits", async () => {
    const [one, two] = both();
    const began = Promise.withResolvers<undefined>();
    await two.queue.work(
      ({ kind }) => {
        if (kind === "judge") began.resolve(undefined);
        return Promise.resolve();
      },
      () => Promise.resolve(),
    );
    await pause(100);
    const at = performance.now();
    await one.records.applyIntents([judge(newRepository(), 1)]);
    await began.promise;
    const ms = performance.now() - at;
    await two.queue.stop();
    assert.ok(ms < 5000, `${ms} ms, and looks only come once a minute`);
  });

  it("an installation has one writer over all replicas", async () => {
    const [one, two] = both();
    const installationId = newId();
    let writers = 0;
    let most = 0;
    let runs = 0;
    const run = async (task: Task) => {
      if (task.kind !== "publish") return;
      runs++;
      most = Math.max(most, ++writers);
      await pause(50);
      writers--;
    };
    await Promise.all([one, two].map(({ queue }) => queue.work(run, () => Promise.resolve())));
    for (let round = 0; round < 10; round++) {
      await Promise.all([one, two].map(({ queue }) => queue.add([{ kind: "publish", installationId }])));
      await pause(20);
    }
    await pause(300);
    await Promise.all([one, two].map(({ queue }) => queue.stop()));
    assert.equal(most, 1);
    assert.ok(runs >= 2 && runs <= 10);
  });

  it("T52: the limits on writes hold for all replicas together", async () => {
    const [one, two] = both();
    const repository = newRepository();
    const key = { repositoryId: repository.repositoryId, number: 1 };
    await one.records.applyIntents([judge(repository, 1)]);
    const started = await one.records.startJudgement(key);
    assert.ok(started);
    await one.records.showProgress(key, started.generation, [check("drydock", "in_progress")]);
    const item = await one.records.nextOutgoing(repository.installationId);
    assert.ok(item);
    const began = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? one : two).records.takeWrite(item, true)),
    );
    const granted = answers.filter(({ kind }) => kind === "granted").length;
    const most = 10 + Math.floor((performance.now() - began) / 1000);
    assert.ok(granted >= 10 && granted <= most, `${granted} granted of at most ${most}`);
  });

  it("T22: two that judge one commit at the same moment see each other's verdict", async () => {
    const [one, two] = both();
    for (let round = 0; round < 10; round++) {
      const repository = newRepository();
      const { repositoryId, installationId } = repository;
      await one.records.applyIntents([judge(repository, 1), judge(repository, 2)]);
      const finish = async ({ records }: Database, number: number, state: "success" | "failure") => {
        const started = await records.startJudgement({ repositoryId, number });
        assert.ok(started);
        await records.notePullRequest(pullRequest(repository, number), started.generation);
        const { generation } = started;
        const judged = { generation, verdict: verdict(state), publication: publication(["x"]), report: undefined };
        return records.finishJudgement({ repositoryId, number }, judged, combine);
      };
      await Promise.all([finish(one, 1, "failure"), finish(two, 2, "success")]);
      const gate = await one.records.nextOutgoing(installationId);
      assert.ok(gate?.outgoing.kind === "check");
      assert.equal(gate.outgoing.check.state, "failure");
      assert.equal(gate.outgoing.check.summary, "1 into main, 2 into main");
    }
  });

  it("a task of a killed process is taken over within half a minute", async () => {
    const [one] = both();
    const installationId = newId();
    const child = spawn(process.execPath, [join(import.meta.dirname, "hold-task.ts"), url, String(installationId)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    child.kill("SIGKILL");
    const at = Date.now();
    const attempt = await new Promise<number>((resolve) => {
      void one.queue.work(
        (task, attemptNumber) => {
          if (task.kind === "publish" && task.installationId === installationId) resolve(attemptNumber);
          return Promise.resolve();
        },
        () => Promise.resolve(),
      );
      // Looks only come once a minute here; a server looks every few seconds.
      const looking = setInterval(() => void one.queue.add([{ kind: "tidy" }]), 1000);
      looking.unref();
      setTimeout(() => clearInterval(looking), 60_000).unref();
    });
    await one.queue.stop();
    assert.equal(attempt, 2);
    assert.ok(Date.now() - at < 30_000, `${Date.now() - at} ms`);
  });

  it("connects again when the database cuts its connections, and rejects with a fault that can be retried", async () => {
    const [one] = both();
    const others = "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'drydock%'";
    await query(url, others);
    await pause(1500);
    await one.pages.ping().catch(() => undefined);
    await one.pages.ping();
    const began = Promise.withResolvers<undefined>();
    await one.queue.work(
      () => {
        began.resolve(undefined);
        return Promise.resolve();
      },
      () => Promise.resolve(),
    );
    await one.queue.add([{ kind: "publish", installationId: newId() }]);
    await began.promise;
    await one.queue.stop();
    assert.ok(faults.length > 0);
  });

  it("T50: nothing is acknowledged while the database is away", async () => {
    await assert.rejects(open("postgres://nobody@127.0.0.1:1/none"), { name: "Fault", isRetryable: true });
    const [one, two] = both();
    await server?.stop();
    server = undefined;
    await assert.rejects(one.intake.receive(delivery([])), { name: "Fault", isRetryable: true });
    await assert.rejects(two.pages.ping(), { name: "Fault", isRetryable: true });
  });
});
