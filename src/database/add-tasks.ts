import type { PgBoss, JobInsert } from "pg-boss";
import type { Task } from "../model/index.ts";
import type { Transaction } from "./connection.ts";
import { encodeJson } from "./encode-json.ts";
import { planTurns, priorityOfLane } from "./plan-turns.ts";
import type { Newcomer, WaitingTurns } from "./plan-turns.ts";
import { notifyTasks } from "./postgres-backend.ts";
import { QUEUE_SCHEMA, keyOf, laneOf, queueOf } from "./task-jobs.ts";
import type { JobData, QueueName } from "./task-jobs.ts";

/** Adds tasks in the transaction that makes them necessary. One that waits already is not added a second time. */
export type AddTasks = (transaction: Transaction, tasks: readonly Task[]) => Promise<void>;

interface AddTasksOptions {
  readonly boss: PgBoss;
  /** Tells other processes too. */
  readonly isShared: boolean;
  /** Wakes the workers of this process. */
  readonly wake: () => void;
}

export function createAddTasks({ boss, isShared, wake }: AddTasksOptions): AddTasks {
  return async (transaction, tasks) => {
    if (tasks.length === 0) return;
    const db = {
      executeSql: async (text: string, values?: unknown[]) => ({ rows: await transaction.query(text, values) }),
    };
    for (const [queue, jobs] of await planJobs(transaction, tasks)) {
      await boss.insert(queue, jobs, { db });
      if (queue === "judge") await promote(transaction, jobs);
    }
    if (isShared) await notifyTasks(transaction);
    transaction.afterCommit(wake);
  };
}

async function planJobs(
  transaction: Transaction,
  tasks: readonly Task[],
): Promise<Map<QueueName, JobInsert<JobData>[]>> {
  const unique = dropRepeated(tasks);
  const newcomers = await listNewcomers(transaction, unique);
  const turns = planTurns(newcomers.length === 0 ? [] : await listWaiting(transaction), newcomers);
  const jobs = new Map<QueueName, JobInsert<JobData>[]>();
  let next = 0;
  for (const task of unique) {
    const isJudged = laneOf(task) !== undefined;
    const job = createJob(task, isJudged ? newcomers[next] : undefined, isJudged ? turns[next++] : undefined);
    const known = jobs.get(queueOf(task));
    if (known === undefined) jobs.set(queueOf(task), [job]);
    else known.push(job);
  }
  return jobs;
}

function createJob(
  task: Task,
  newcomer: Newcomer | undefined,
  turn: { readonly turn: number; readonly priority: number } | undefined,
): JobInsert<JobData> {
  const key = keyOf(task);
  const data: JobData = {
    task,
    lane: laneOf(task) ?? null,
    installation: newcomer?.installationId ?? 0,
    repository: newcomer?.repositoryId ?? 0,
    turn: turn?.turn ?? 0,
    failures: 0,
  };
  // The group is what keeps a task whose key runs already from standing in the way of those behind it.
  return { data, singletonKey: key, group: { id: key }, priority: turn?.priority ?? 0 };
}

/** Of several of one key the one in the highest lane, in the order of their first appearance. */
function dropRepeated(tasks: readonly Task[]): Task[] {
  const unique = new Map<string, Task>();
  const bandOf = (task: Task) => priorityOfLane(laneOf(task) ?? "bots");
  for (const given of tasks) {
    // Branch names come from GitHub as they are.
    const task = JSON.parse(encodeJson(given)) as Task;
    const name = `${queueOf(task)} ${keyOf(task)}`;
    const known = unique.get(name);
    if (known === undefined || bandOf(task) > bandOf(known)) unique.set(name, task);
  }
  return [...unique.values()];
}

async function listNewcomers(transaction: Transaction, tasks: readonly Task[]): Promise<Newcomer[]> {
  const judged = tasks.filter((task) => task.kind === "judge" || task.kind === "judge-group");
  if (judged.length === 0) return [];
  const rows = await transaction.query<{ id: number; installation_id: number }>(
    "select id, installation_id from drydock.repositories where id = any($1::bigint[])",
    [[...new Set(judged.map(({ repositoryId }) => repositoryId))]],
  );
  const installations = new Map(rows.map((row) => [row.id, row.installation_id]));
  return judged.map((task) => ({
    lane: task.kind === "judge" ? task.lane : "groups",
    installationId: installations.get(task.repositoryId) ?? 0,
    repositoryId: task.repositoryId,
  }));
}

function listWaiting(transaction: Transaction): Promise<WaitingTurns[]> {
  return transaction.query<WaitingTurns>(
    `select data->>'lane' as lane, (data->>'installation')::bigint as "installationId",
            (data->>'repository')::bigint as "repositoryId", count(*)::int as count,
            min((data->>'turn')::int) as "firstTurn", max((data->>'turn')::int) as "lastTurn", max(priority) as priority
     from ${QUEUE_SCHEMA}.job
     where name = 'judge' and state < 'active'
     group by 1, 2, 3`,
  );
}

/** A pull request that waits among the bots and is now asked for by a person goes over to the people. */
async function promote(transaction: Transaction, jobs: readonly JobInsert<JobData>[]): Promise<void> {
  const lanes = jobs
    .filter(({ data }) => data !== undefined && data.lane !== "bots")
    .map(({ singletonKey, priority, data }) => ({ key: singletonKey, priority, data }));
  if (lanes.length === 0) return;
  await transaction.query(
    `update ${QUEUE_SCHEMA}.job j
     set priority = x.priority, data = jsonb_set(x.data, '{failures}', coalesce(j.data->'failures', '0'))
     from jsonb_to_recordset($1::jsonb) as x (key text, priority int, data jsonb)
     where j.name = 'judge' and j.state < 'active' and j.singleton_key = x.key
       and j.priority < x.priority and j.data->>'lane' <> x.data->>'lane'`,
    [encodeJson(lanes)],
  );
}
