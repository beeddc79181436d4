import { mkdirSync, readdirSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { withoutContent } from "./connection.ts";
import type { Backend, Sql } from "./connection.ts";
import { lockDirectory } from "./directory-lock.ts";

/**
 * In a single process neither autovacuum nor the checkpointer runs: dead rows and the journal would grow without end.
 * These tables change with every event.
 */
const BUSY_TABLES = [
  "drydock_queue.job_common",
  "drydock.outgoing",
  "drydock.pull_requests",
  "drydock.write_budgets",
  "drydock.deliveries",
  "drydock.judgements",
  "drydock.marks",
];

/**
 * PGlite in a directory that this process holds alone. It has one connection: borrowers take turns. Throws a UsageError
 * when another process has the directory.
 */
export async function openPglite(directory: string): Promise<Backend> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = lockDirectory(directory);
  const files = join(directory, "pglite");
  const database = await PGlite.create(files).catch((error: unknown) => {
    lock.release();
    throw error;
  });
  const connection = connect(database);
  const takeTurn = createTurns();
  const syncJournal = createJournalSync(files);
  const syncData = createDataSync(files);
  return {
    kind: "pglite",
    lease: (use) => takeTurn(() => use(connection)),
    exclusively: (run) => run(),
    flush: syncJournal,
    listen: () => Promise.resolve(),
    maintain: async () => {
      for (const table of BUSY_TABLES) await takeTurn(() => connection.query(`vacuum (analyze) ${table}`));
      await takeTurn(() => connection.query("checkpoint"));
      await syncData();
    },
    close: () =>
      takeTurn(async () => {
        await database.close();
        lock.release();
      }),
  };
}

function connect(database: PGlite): Sql {
  return {
    query: async <Row>(text: string, values?: readonly unknown[]) => {
      try {
        if (values !== undefined && values.length > 0) return (await database.query<Row>(text, [...values])).rows;
        const results = await database.exec(text);
        return results.flatMap(({ rows }) => rows as Row[]);
      } catch (error) {
        throw withoutContent(error);
      }
    },
  };
}

/** One after the other, in the order of asking. */
function createTurns(): <Result>(run: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const turn = last.then(run);
    last = turn.catch(() => undefined);
    return turn;
  };
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r+").catch(() => undefined);
  if (file === undefined) return;
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}

/**
 * PGlite writes its journal at each commit, so a killed process loses nothing, but it runs with `fsync` off and its
 * file system has no fsync either: for a power cut the journal is flushed here. Segments are named in rising order.
 */
function createJournalSync(files: string): () => Promise<void> {
  const directory = join(files, "pg_wal");
  let synced = "";
  return async () => {
    const segments = readdirSync(directory)
      .filter((name) => /^[0-9A-F]{24}$/u.test(name) && name >= synced)
      .sort();
    for (const segment of segments) await syncFile(join(directory, segment));
    synced = segments.at(-1) ?? synced;
  };
}

/**
 * Flushes what a checkpoint has just written. Between the two a power cut, though not the end of a process, can damage
 * the database: whoever needs more runs PostgreSQL.
 */
function createDataSync(files: string): () => Promise<void> {
  let syncedMs = 0;
  return async () => {
    const startMs = Date.now();
    for (const entry of readdirSync(files, { withFileTypes: true, recursive: true })) {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile()) continue;
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
      if (mtimeMs >= syncedMs) await syncFile(path);
    }
    // Times of files are coarse.
    syncedMs = startMs - 2000;
  };
}
