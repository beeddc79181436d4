import type { PgBoss } from "pg-boss";
import { Fault, LimitedFault } from "../model/index.ts";
import type { Task } from "../model/index.ts";
import type { TaskQueue } from "../jobs/ports.ts";
import type { AddTasks } from "./add-tasks.ts";
import { transact } from "./connection.ts";
import type { Backend } from "./connection.ts";
import { encodeText } from "./encode-json.ts";
import { HEARTBEAT_SECONDS } from "./start-boss.ts";
import { createTaskPool } from "./task-pool.ts";
import type { TaskPool } from "./task-pool.ts";
import { finishJob, recordGivenUp, repeatLater, takeJob, takeOldest } from "./task-rows.ts";
import type { RunningJob } from "./task-rows.ts";
import type { QueueName } from "./task-jobs.ts";

export interface TaskQueueOptions {
  readonly backend: Backend;
  readonly boss: PgBoss;
  readonly addTasks: AddTasks;
  /** Pull requests and merge groups that are judged at once. */
  readonly checks: number;
  /** Milliseconds between looks for work that nobody was woken for. */
  readonly pollMs: number;
  readonly maxAttempts: number;
  readonly onFault: (fault: unknown) => void;
}

/** Work that has slots of its own never waits for other work: a long render holds no publish up. */
interface PoolPlan {
  readonly queues: readonly QueueName[];
  readonly slots: number;
}

/** Every so many picks the one that has waited longest goes first, whatever its lane: nothing starves. */
const OLDEST_EVERY = 8;
const LONGEST_TIMER = 2 ** 31 - 1;

export interface WakeableQueue extends TaskQueue {
  wake(): void;
}

export function createTaskQueue(options: TaskQueueOptions): WakeableQueue {
  const { backend, addTasks, checks, pollMs, onFault } = options;
  const running = new Set<RunningJob>();
  const timers = new Set<NodeJS.Timeout>();
  let pools: readonly TaskPool[] = [];
  const wake = () => {
    for (const pool of pools) pool.wake();
  };
  const wakeAt = (at: number) => {
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        wake();
      },
      Math.min(Math.max(0, at - Date.now()) + 1, LONGEST_TIMER),
    );
    timers.add(timer);
  };

  return {
    wake,
    add: (tasks) => transact(backend, (transaction) => addTasks(transaction, tasks)),
    work: (run, onGivenUp) => {
      const attempt = (job: RunningJob) => runJob(job, { options, run, onGivenUp, wakeAt });
      pools = planPools(checks).map((plan) =>
        createTaskPool({
          slots: plan.slots,
          takeNext: createPicker(options, plan.queues),
          run: async (job) => {
            running.add(job);
            await attempt(job).catch(onFault);
            running.delete(job);
          },
          onFault,
        }),
      );
      const poll = setInterval(wake, pollMs);
      const heartbeat = setInterval(() => void touch(options, running).catch(onFault), (HEARTBEAT_SECONDS * 1000) / 3);
      timers.add(poll).add(heartbeat);
      wake();
      return Promise.resolve();
    },
    stop: async () => {
      const stopping = pools.map((pool) => pool.stop());
      await Promise.all(stopping);
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      pools = [];
    },
  };
}

function planPools(checks: number): PoolPlan[] {
  return [
    { queues: ["judge"], slots: checks },
    // One waits for the writes of its installation most of its time: a few must not hold up everybody.
    { queues: ["publish"], slots: 16 },
    { queues: ["command", "rejudge-base"], slots: 2 },
    { queues: ["landing"], slots: 2 },
    { queues: ["sweep", "tidy"], slots: 1 },
  ];
}

function createPicker({ backend, boss }: TaskQueueOptions, queues: readonly QueueName[]) {
  let picks = 0;
  return async (): Promise<RunningJob | undefined> => {
    for (const queue of queues) {
      const isOldestsTurn = queue === "judge" && (picks + 1) % OLDEST_EVERY === 0;
      const job = isOldestsTurn ? await takeOldest(backend, boss, queue) : await takeJob(backend, boss, queue);
      if (job === undefined) continue;
      picks++;
      return job;
    }
    return undefined;
  };
}

async function touch({ backend, boss }: TaskQueueOptions, running: ReadonlySet<RunningJob>): Promise<void> {
  if (backend.kind !== "postgres") return;
  for (const [queue, jobs] of Map.groupBy(running, (job) => job.queue)) {
    await boss.touch(
      queue,
      jobs.map(({ id }) => id),
    );
  }
}

interface RunJobOptions {
  readonly options: TaskQueueOptions;
  readonly run: (task: Task, attempt: number) => Promise<void>;
  readonly onGivenUp: (task: Task, cause: unknown) => Promise<void>;
  readonly wakeAt: (at: number) => void;
}

async function runJob(job: RunningJob, { options, run, onGivenUp, wakeAt }: RunJobOptions): Promise<void> {
  const { backend, boss, addTasks, maxAttempts } = options;
  try {
    await run(job.data.task, job.attempt);
    await finishJob(backend, job);
    return;
  } catch (cause) {
    if (cause instanceof LimitedFault) {
      await repeatLater(backend, addTasks, job, cause.retryAt);
      wakeAt(cause.retryAt);
      return;
    }
    const isHopeless = cause instanceof Fault && !cause.isRetryable;
    if (!isHopeless && job.attempt < maxAttempts) {
      await boss.fail(job.queue, job.id, { message: describe(cause) });
      return;
    }
    await giveUp(job, cause, { options, onGivenUp });
  }
}

/** A task is let go only after somebody was told. */
async function giveUp(
  job: RunningJob,
  cause: unknown,
  { options, onGivenUp }: Pick<RunJobOptions, "options" | "onGivenUp">,
): Promise<void> {
  const { backend, boss, onFault } = options;
  try {
    await onGivenUp(job.data.task, cause);
  } catch (fault) {
    onFault(fault);
    await boss.fail(job.queue, job.id, { message: describe(cause) });
    return;
  }
  await recordGivenUp(backend, job, describe(cause));
}

function describe(cause: unknown): string {
  return encodeText(cause instanceof Error ? `${cause.name}: ${cause.message}` : "an unknown fault").slice(0, 1000);
}
