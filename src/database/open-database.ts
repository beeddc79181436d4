import type { Records, TaskQueue } from "../jobs/ports.ts";
import type { PullRequestKey } from "../model/index.ts";
import type { Intake, PageRecords } from "../web/ports.ts";
import { createAddTasks } from "./add-tasks.ts";
import { transact } from "./connection.ts";
import type { Backend } from "./connection.ts";
import { askForDue } from "./due-judgements.ts";
import { explainPullRequest, readQueueFigures } from "./figures.ts";
import type { PullRequestStory, QueueFigures } from "./figures.ts";
import { createIntake } from "./intake.ts";
import { migrate } from "./migrate.ts";
import { listDue } from "./outgoing.ts";
import { createPageRecords } from "./page-records.ts";
import { openPglite } from "./pglite-backend.ts";
import { openPostgres } from "./postgres-backend.ts";
import { createRecords } from "./records.ts";
import { releaseOrphans, startBoss } from "./start-boss.ts";
import { createTaskQueue } from "./task-queue.ts";

export interface DatabaseOptions {
  /** PostgreSQL 15 or newer; without it, PGlite in `directory`. */
  readonly databaseUrl?: string | undefined;
  readonly directory: string;
  /** Pull requests and merge groups that are judged at once. */
  readonly checks: number;
  /** What went wrong and is tried again by itself: a cut connection, a poll that failed. */
  readonly onFault: (fault: unknown) => void;
  /** How many writes an installation's bucket gains in a second; 1 unless told. It holds those of ten seconds. */
  readonly writesASecond?: number;
  /** Runs of one task before it is given up. */
  readonly maxAttempts?: number;
  /** Milliseconds between looks for work that nobody was woken for. */
  readonly pollMs?: number;
  /** Milliseconds between looks for writes that were put off, and for verdicts whose moment has come. */
  readonly dueMs?: number;
  /** The clock that verdicts go by, in milliseconds since the epoch; by default the machine's. */
  readonly now?: (() => number) | undefined;
  /** Deliveries that may wait to be stored. */
  readonly mostWaiting?: number;
}

export interface Database {
  readonly records: Records;
  readonly queue: TaskQueue;
  readonly pages: PageRecords;
  readonly intake: Intake;
  /** For metrics and `doctor`. */
  readQueueFigures(): Promise<QueueFigures>;
  /** For `doctor --pr`. */
  explainPullRequest(key: PullRequestKey): Promise<PullRequestStory>;
  /** Stops the queue, then lets the database go. What was not acknowledged is lost, nothing else. */
  close(): Promise<void>;
}

const MAX_ATTEMPTS = 10;
const POLL_MS = 3000;
const MOST_WAITING = 10_000;
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_AT_ONCE = 500;
const MAINTAIN_MS = 10 * 60_000;
const DUE_MS = 5000;

/**
 * Opens what Drydock remembers and brings its schema forward. Throws a UsageError when another process holds the
 * directory, and a Fault when the database cannot be reached or was used by a newer Drydock.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const backend =
    options.databaseUrl === undefined
      ? await openPglite(options.directory)
      : await openPostgres(options.databaseUrl, options.onFault);
  try {
    return await startDatabase(backend, options);
  } catch (error) {
    await backend.close().catch(options.onFault);
    throw error;
  }
}

/** The part that is the same on both; `openDatabase` is the door. */
export async function startDatabase(backend: Backend, options: DatabaseOptions): Promise<Database> {
  const { onFault, now = Date.now } = options;
  let boss: Awaited<ReturnType<typeof startBoss>> | undefined;
  await backend.exclusively(async () => {
    await migrate(backend);
    boss = await startBoss(backend, onFault);
  });
  if (boss === undefined) throw new Error("the queue was not started");
  const started = boss;
  if (backend.kind === "pglite") await releaseOrphans(backend);
  let wake = (): void => undefined;
  const addTasks = createAddTasks({ boss, isShared: backend.kind === "postgres", wake: () => wake() });
  const queue = createTaskQueue({
    backend,
    boss,
    addTasks,
    checks: options.checks,
    pollMs: options.pollMs ?? POLL_MS,
    maxAttempts: options.maxAttempts ?? MAX_ATTEMPTS,
    onFault,
  });
  wake = () => queue.wake();
  await backend.listen(wake);
  const records = createRecords(backend, addTasks, { now, writesASecond: options.writesASecond ?? 1 });
  const wakeDue = () =>
    transact(backend, async (sql) => {
      await addTasks(sql, [...(await listDue(sql)), ...(await askForDue(sql, now()))]);
    });
  const timers = [
    setInterval(() => void backend.maintain().catch(onFault), MAINTAIN_MS),
    setInterval(() => void wakeDue().catch(onFault), options.dueMs ?? DUE_MS),
  ];
  return {
    records,
    queue,
    pages: createPageRecords(backend),
    intake: createIntake({
      keep: (deliveries) => records.keepDeliveries(deliveries),
      mostAtOnce: MOST_AT_ONCE,
      mostWaiting: options.mostWaiting ?? MOST_WAITING,
      mostBytes: MOST_BYTES,
    }),
    readQueueFigures: () => transact(backend, readQueueFigures),
    explainPullRequest: (key) => transact(backend, (sql) => explainPullRequest(sql, key)),
    close: async () => {
      for (const timer of timers) clearInterval(timer);
      await queue.stop();
      await started.stop({ graceful: false, close: false });
      await backend.close();
    },
  };
}
