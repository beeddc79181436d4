import { PgBoss } from "pg-boss";
import { sqlState } from "./connection.ts";
import type { Backend } from "./connection.ts";
import { QUEUES, QUEUE_SCHEMA } from "./task-jobs.ts";

/** Seconds without a sign of life after which another process takes a task over. pg-boss accepts ten or more. */
export const HEARTBEAT_SECONDS = 12;
const SUPERVISE_SECONDS = 5;
/** A task that hangs for this long is given to somebody else. */
const EXPIRE_SECONDS = 3600;

/**
 * pg-boss on the database that everything else is in. Called while no other process starts. One task waits and one
 * runs per key (`stately`); it is we who decide when to give up, so its own limit is out of reach.
 */
export async function startBoss(backend: Backend, onFault: (fault: unknown) => void): Promise<PgBoss> {
  const boss = new PgBoss({
    backend: backend.kind,
    schema: QUEUE_SCHEMA,
    db: { executeSql: (text, values) => executeSql(backend, text, values) },
    schedule: false,
    reindex: false,
    superviseIntervalSeconds: backend.kind === "postgres" ? SUPERVISE_SECONDS : 60,
    monitorIntervalSeconds: backend.kind === "postgres" ? SUPERVISE_SECONDS : 60,
    maintenanceIntervalSeconds: 3600,
    warningQueueSize: 1_000_000,
  });
  boss.on("error", onFault);
  await boss.start();
  for (const queue of QUEUES) {
    await boss.createQueue(queue, {
      policy: "stately",
      retryLimit: 1_000_000,
      retryDelay: 2,
      retryBackoff: true,
      retryDelayMax: 300,
      expireInSeconds: EXPIRE_SECONDS,
      deleteAfterSeconds: 86_400,
      ...(backend.kind === "postgres" && { heartbeatSeconds: HEARTBEAT_SECONDS }),
    });
    // Fills its cache of queues: inside a transaction there is no second connection to ask with.
    await boss.insert(queue, []);
  }
  return boss;
}

/** pg-boss sends several statements at once with its own begin and commit; a failed one must not stay open. */
async function executeSql(backend: Backend, text: string, values?: unknown[]): Promise<{ rows: unknown[] }> {
  return backend.lease(async (connection) => {
    try {
      return { rows: await connection.query(text, values) };
    } catch (error) {
      if (sqlState(error) !== undefined) await connection.query("rollback").catch(() => undefined);
      throw error;
    }
  });
}

/** What ran when the last process died runs again at once: on PGlite nobody else can be running it. */
export async function releaseOrphans(backend: Backend): Promise<void> {
  await backend.lease(async (connection) => {
    await connection.query(
      `delete from ${QUEUE_SCHEMA}.job j where j.state = 'active' and exists (
         select 1 from ${QUEUE_SCHEMA}.job o
         where o.name = j.name and o.singleton_key = j.singleton_key and o.state < 'active')`,
    );
    await connection.query(
      `update ${QUEUE_SCHEMA}.job set state = 'retry', start_after = now() where state = 'active'`,
    );
  });
}
