import assert from "node:assert/strict";
import { it } from "node:test";
import type { RepositoryRef, Task } from "../../../src/model/index.ts";
import type { Records } from "../../../src/jobs/ports.ts";
import { combine, judge, newRepository, pullRequest, verdict } from "./build-events.ts";
import { onBothBackends } from "./on-both-backends.ts";
import type { World } from "./on-both-backends.ts";

const NOON = Date.parse("2031-05-01T12:00:00Z");
const MIDNIGHT = Date.parse("2031-05-02T00:00:00Z");
/** The clock that verdicts go by, far from the machine's. */
const clock = { now: NOON };

async function finish(
  records: Records,
  repository: RepositoryRef,
  changesAt: number | undefined,
  { number = 1, risk }: { readonly number?: number; readonly risk?: number } = {},
): Promise<void> {
  const key = { repositoryId: repository.repositoryId, number };
  const started = await records.startJudgement(key);
  assert.ok(started);
  await records.notePullRequest(pullRequest(repository, number), started.generation);
  const judged = { verdict: verdict("success", { changesAt }), publication: undefined, report: undefined, risk };
  assert.equal(await records.finishJudgement(key, { generation: started.generation, ...judged }, combine), "kept");
}

async function open(records: Records, changesAt: number | undefined): Promise<RepositoryRef> {
  const repository = newRepository();
  await records.applyIntents([judge(repository, 1)]);
  await finish(records, repository, changesAt);
  return repository;
}

/** Every test's own tasks, and nothing left over from the judgement itself. */
async function clear(world: World): Promise<void> {
  clock.now = NOON;
  await world.rows("delete from drydock_queue.job");
}

/** What is asked for by itself, once the look for what is due has come by. */
async function waitForTasks(world: World, kind: Task["kind"]): Promise<Task[]> {
  for (let looks = 0; looks < 200; looks++) {
    const rows = await world.rows<{ data: { task: Task } }>(
      "select data from drydock_queue.job where state < 'active' order by priority desc, created_on, id",
    );
    const tasks = rows.map(({ data }) => data.task).filter((task) => task.kind === kind);
    if (tasks.length > 0) return tasks;
    await pause(20);
  }
  return [];
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

onBothBackends(
  "verdicts whose moment comes",
  (world) => {
    it("are judged again then, once, and not before", async () => {
      await clear(world);
      const { records } = world.database();
      const [ending, endless] = [await open(records, MIDNIGHT), await open(records, undefined)];
      await clear(world);
      clock.now = MIDNIGHT - 1;
      await pause(300);
      assert.deepEqual(await world.rows("select 1 from drydock_queue.job where name = 'judge'"), []);
      clock.now = MIDNIGHT;
      const { repositoryId } = ending;
      const task = { kind: "judge", repositoryId, number: 1, lane: "bots" } as const;
      assert.deepEqual(await waitForTasks(world, "judge"), [task]);
      const started = await records.startJudgement({ repositoryId, number: 1 });
      assert.deepEqual(started?.reasons, ["due"]);
      assert.equal(started.last?.verdict.changesAt, MIDNIGHT);
      await pause(300);
      const again = await records.startJudgement({ repositoryId, number: 1 });
      assert.equal(again?.generation, started.generation, "one that waits is not asked for again");
      assert.deepEqual((await records.startJudgement({ repositoryId: endless.repositoryId, number: 1 }))?.reasons, []);
      await clear(world);
      clock.now = MIDNIGHT;
      await finish(records, ending, undefined);
      await pause(300);
      assert.deepEqual(await world.rows("select 1 from drydock_queue.job where name = 'judge'"), []);
    });

    it("are judged again by their risk: those that let something in before others, and before what bots did", async () => {
      await clear(world);
      const { records } = world.database();
      const repository = newRepository();
      for (const [index, risk] of [0, 1, 5, 3].entries()) {
        await records.applyIntents([judge(repository, index + 1)]);
        await finish(records, repository, MIDNIGHT, { number: index + 1, risk });
      }
      await clear(world);
      clock.now = MIDNIGHT;
      const tasks = await waitForTasks(world, "judge");
      const { repositoryId } = repository;
      const order = [3, 4, 2, 1].map((number) => {
        return { kind: "judge", repositoryId, number, lane: number === 1 ? "bots" : "people" };
      });
      assert.deepEqual(tasks, order);
    });

    it("are not asked for where the pull request is closed or the repository out of reach", async () => {
      const { records } = world.database();
      await clear(world);
      const [closed, lost] = [await open(records, MIDNIGHT), await open(records, MIDNIGHT)];
      await records.applyIntents([{ kind: "close", repository: closed, number: 1, isMerged: true }]);
      await records.noteAccessLost(lost, "uninstalled");
      await clear(world);
      clock.now = MIDNIGHT;
      await pause(300);
      assert.deepEqual(await world.rows("select 1 from drydock_queue.job where name = 'judge'"), []);
    });

    it("are found by the sweep as if there were no verdict", async () => {
      await clear(world);
      const { records } = world.database();
      const repository = await open(records, MIDNIGHT);
      await clear(world);
      const pulls = [pullRequest(repository, 1)];
      assert.deepEqual(await records.withoutVerdict(repository.repositoryId, pulls), []);
      // Asked for once already, and the task was lost.
      await world.rows("update drydock.pull_requests set reasons = '{due}' where repository_id = $1", [
        repository.repositoryId,
      ]);
      clock.now = MIDNIGHT;
      assert.deepEqual(await records.withoutVerdict(repository.repositoryId, pulls), pulls);
    });

    it("of merge groups are judged again while the group is in the queue", async () => {
      await clear(world);
      const { records } = world.database();
      const repository = newRepository();
      const { repositoryId } = repository;
      const headSha = "e".repeat(40);
      const group = { repositoryId, headSha, headRef: "q", baseSha: "b".repeat(40), baseRef: "main" };
      await records.applyIntents([{ kind: "judge-group", repository, group }]);
      const started = await records.startGroup(repositoryId, headSha);
      assert.ok(started);
      const said = verdict("success", { headSha, changesAt: MIDNIGHT });
      const judged = { generation: started.generation, verdict: said, publication: undefined, report: undefined };
      await records.finishGroup(repositoryId, started, judged, combine);
      await clear(world);
      clock.now = MIDNIGHT;
      assert.deepEqual(await waitForTasks(world, "judge-group"), [{ kind: "judge-group", repositoryId, headSha }]);
      await records.applyIntents([{ kind: "drop-group", repository, headSha }]);
      await clear(world);
      clock.now = MIDNIGHT;
      await pause(300);
      assert.deepEqual(await world.rows("select 1 from drydock_queue.job where name = 'judge'"), []);
    });
  },
  { now: () => clock.now, dueMs: 50 },
);
