import assert from "node:assert/strict";
import { it } from "node:test";
import { runTask } from "../../../src/jobs/index.ts";
import type { GitHubRepository } from "../../../src/jobs/ports.ts";
import type { CheckName, RepositoryRef } from "../../../src/model/index.ts";
import { fakePublishing } from "../../fakes/fake-publishing.ts";
import { check, judge, newRepository } from "./build-events.ts";
import { onBothBackends } from "./on-both-backends.ts";
import type { World } from "./on-both-backends.ts";

/** More than the queue publishes for at once. */
const HUGE = 17;
/** What one turn may write. */
const TURN = 8;

/** Wants so many checks on a pull request. */
async function wantChecks(world: World, repository: RepositoryRef, count: number): Promise<void> {
  const { records } = world.database();
  const key = { repositoryId: repository.repositoryId, number: 1 };
  await records.applyIntents([judge(repository, 1)]);
  const started = await records.startJudgement(key);
  assert.ok(started);
  const names = Array.from({ length: count }, (_, index) => `drydock/${index}` as CheckName);
  await records.showProgress(
    key,
    started.generation,
    names.map((name) => check(name, "in_progress")),
  );
}

/** The real queue and records, with a bucket that is never empty; GitHub takes everything and says for whom. */
function publisher(world: World, written: number[]) {
  const { records, queue } = world.database();
  const { services } = fakePublishing({});
  const repository = ({ installationId }: RepositoryRef) =>
    ({
      createCheckRun: () => Promise.resolve(written.push(installationId)),
    }) as Partial<GitHubRepository> as GitHubRepository;
  const real = {
    ...services,
    records: { ...records, takeWrite: () => Promise.resolve({ kind: "granted" } as const) },
    now: Date.now,
    sleep: () => Promise.reject(new Error("nobody waits here")),
    github: { repository } as unknown as typeof services.github,
    log: services.log,
    settings: { publicNeedsMaintainer: false, arePagesPublic: false, retentionDays: 90 },
    pageUrl: services.pageUrl,
    checker: {} as typeof services.checker,
  };
  return (task: Parameters<typeof runTask>[0]) =>
    task.kind === "publish" ? runTask(task, real, queue) : Promise.resolve();
}

onBothBackends("publishing", (world) => {
  it("lets one with little to write have its turn among many with much", async () => {
    const huge = Array.from({ length: HUGE }, () => newRepository());
    for (const repository of huge) await wantChecks(world, repository, 2 * TURN + 2);
    const small = newRepository();
    await wantChecks(world, small, 1);
    const { queue } = world.database();
    await world.rows("delete from drydock_queue.job");
    for (const { installationId } of [...huge, small]) await queue.add([{ kind: "publish", installationId }]);
    const written: number[] = [];
    await queue.work(publisher(world, written), () => Promise.resolve());
    const end = Date.now() + 8000;
    while (!written.includes(small.installationId) && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await queue.stop();
    const before = written.slice(0, written.indexOf(small.installationId));
    assert.ok(written.includes(small.installationId), `not among the first ${written.length} writes`);
    for (const { installationId } of huge) {
      const count = before.filter((one) => one === installationId).length;
      assert.ok(count <= 2 * TURN, `${count} writes of one installation before the only one of another`);
    }
    const lost = await world.rows(
      `select o.installation_id from drydock.outgoing o where o.is_pending and not exists (
         select 1 from drydock_queue.job j where j.name = 'publish' and j.singleton_key = o.installation_id::text)`,
    );
    assert.deepEqual(lost, [], "whatever has something left is in the queue");
  });
});
