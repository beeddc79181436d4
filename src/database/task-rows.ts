import type { PgBoss } from "pg-boss";
import type { AddTasks } from "./add-tasks.ts";
import { read, sqlState, transact } from "./connection.ts";
import type { Backend, Transaction } from "./connection.ts";
import { encodeJson } from "./encode-json.ts";
import { QUEUE_SCHEMA, keyOf } from "./task-jobs.ts";
import type { JobData, QueueName } from "./task-jobs.ts";

export interface RunningJob {
  readonly id: string;
  readonly queue: QueueName;
  readonly data: JobData;
  /** From 1; a run that ended with its process counts, one that GitHub's limits put off does not. */
  readonly attempt: number;
}

const UNIQUE_VIOLATION = "23505";
const TRIES = 5;

/** The first in order whose key does not run. Below `maxPriority` alone, if that is given. */
export async function takeJob(
  backend: Backend,
  boss: PgBoss,
  queue: QueueName,
  maxPriority?: number,
): Promise<RunningJob | undefined> {
  for (let tries = 0; tries < TRIES; tries++) {
    const lost: unknown[] = [];
    const executeSql = (text: string, values?: unknown[]) =>
      backend.lease(async (connection) => {
        try {
          return { rows: await connection.query(text, values) };
        } catch (error) {
          if (sqlState(error) === UNIQUE_VIOLATION) lost.push(error);
          throw error;
        }
      });
    const [job] = await boss.fetch<JobData>(queue, {
      includeMetadata: true,
      groupConcurrency: 1,
      db: { executeSql },
      ...(maxPriority !== undefined && { maxPriority }),
    });
    if (job !== undefined) {
      const retryCount = "retryCount" in job && typeof job.retryCount === "number" ? job.retryCount : 0;
      return { id: job.id, queue, data: job.data, attempt: job.data.failures + retryCount + 1 };
    }
    // Another process took one of the same key in the same moment; pg-boss calls that an empty queue.
    if (lost.length === 0) return undefined;
  }
  return undefined;
}

/** The one that has waited longest, whatever its lane, or one close to it. */
export async function takeOldest(backend: Backend, boss: PgBoss, queue: QueueName): Promise<RunningJob | undefined> {
  const [oldest] = await read<{ priority: number }>(
    backend,
    `select priority from ${QUEUE_SCHEMA}.job j
     where name = $1 and state < 'active' and start_after <= now() and not exists (
       select 1 from ${QUEUE_SCHEMA}.job a where a.name = j.name and a.group_id = j.group_id and a.state = 'active')
     order by created_on, priority desc limit 1`,
    [queue],
  );
  const job = oldest === undefined ? undefined : await takeJob(backend, boss, queue, oldest.priority);
  return job ?? (await takeJob(backend, boss, queue));
}

/** Also forgets an earlier attempt of the same task that waits to be repeated: this one read what is newest. */
export async function finishJob(backend: Backend, job: RunningJob): Promise<void> {
  await transact(backend, (transaction) => dropJob(transaction, job));
}

async function dropJob(transaction: Transaction, job: RunningJob): Promise<void> {
  await transaction.query(
    `delete from ${QUEUE_SCHEMA}.job
     where name = $1 and (id = $2::uuid or (singleton_key = $3 and state = 'retry'))`,
    [job.queue, job.id, keyOf(job.data.task)],
  );
}

/** Puts a task off to a moment (milliseconds since the epoch) without counting this run as an attempt. */
export async function repeatLater(
  backend: Backend,
  addTasks: AddTasks,
  job: RunningJob,
  retryAt: number,
): Promise<void> {
  await transact(backend, async (transaction) => {
    await dropJob(transaction, job);
    await addTasks(transaction, [job.data.task]);
    await transaction.query(
      `update ${QUEUE_SCHEMA}.job
       set start_after = to_timestamp($3::float8 / 1000), data = jsonb_set(data, '{failures}', $4::jsonb)
       where name = $1 and singleton_key = $2 and state = 'created'`,
      [job.queue, keyOf(job.data.task), retryAt, encodeJson(job.attempt - 1)],
    );
  });
}

export async function recordGivenUp(backend: Backend, job: RunningJob, message: string): Promise<void> {
  const { task } = job.data;
  await transact(backend, async (transaction) => {
    await dropJob(transaction, job);
    await transaction.query(
      `insert into drydock.audit (what, installation_id, repository_id, number, detail)
       values ('gave-up', $1, $2, $3, $4::jsonb)`,
      [
        "installationId" in task ? task.installationId : null,
        "repositoryId" in task ? task.repositoryId : null,
        task.kind === "judge" ? task.number : null,
        encodeJson({ task, attempts: job.attempt, message }),
      ],
    );
  });
}
