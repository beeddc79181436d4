import { Client, Pool, types } from "pg";
import type { ClientBase, CustomTypesConfig, PoolClient } from "pg";
import { Fault } from "../model/index.ts";
import { withoutContent } from "./connection.ts";
import type { Backend, Sql } from "./connection.ts";

const CONNECTIONS = 8;
const CHANNEL = "drydock_tasks";
/** Any number will do as long as all replicas use the same one: "drydock" in ASCII. */
const LOCK = 0x647279646f636bn;
const OLDEST_SERVER = 150_000;
const RECONNECT_MS = 1000;
const BIGINT_OID = 20;
const BIGINTS_OID = 1016;

/** Ids and counts are below 2^53; as text, which is what pg gives, they would not equal themselves. */
const TYPES: CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    const id: number = oid;
    const parse = types.getTypeParser(oid, format) as (text: string) => unknown;
    if (id === BIGINT_OID) return Number;
    if (id === BIGINTS_OID) return (text: string) => (parse(text) as string[]).map(Number);
    return parse;
  },
};

/** PostgreSQL 15 or newer with a small pool. Rejects with a retryable Fault when it cannot be reached. */
export async function openPostgres(databaseUrl: string, onFault: (fault: unknown) => void): Promise<Backend> {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: CONNECTIONS,
    application_name: "drydock",
    connectionTimeoutMillis: 5000,
    keepAlive: true,
  });
  // A connection that breaks while it is idle is replaced; without a listener it would end the process.
  pool.on("error", (error) => onFault(asCut(error)));
  const lease = <Result>(use: (connection: Sql) => Promise<Result>) => leaseFrom(pool, use);
  await assertVersion(lease).catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });
  const listener = createListener(databaseUrl, onFault);
  return {
    kind: "postgres",
    lease,
    exclusively: (run) => runExclusively(databaseUrl, run),
    flush: () => Promise.resolve(),
    listen: (onTasks) => listener.start(onTasks),
    maintain: () => Promise.resolve(),
    close: async () => {
      await listener.stop();
      await pool.end();
    },
  };
}

function asCut(error: unknown): Fault {
  return new Fault("a connection to the database was cut", { cause: withoutContent(error), isRetryable: true });
}

/** In the transaction that adds tasks: all processes are told once it is committed. */
export async function notifyTasks(sql: Sql): Promise<void> {
  await sql.query("select pg_notify($1, '')", [CHANNEL]);
}

async function leaseFrom<Result>(pool: Pool, use: (connection: Sql) => Promise<Result>): Promise<Result> {
  const client: PoolClient = await pool.connect();
  let broken: Error | undefined;
  const noteBroken = (error: Error) => {
    broken = error;
  };
  client.on("error", noteBroken);
  try {
    return await use(connect(client));
  } finally {
    client.off("error", noteBroken);
    client.release(broken);
  }
}

function connect(client: ClientBase): Sql {
  return {
    query: async <Row>(text: string, values?: readonly unknown[]) => {
      const answer: unknown = await client
        .query({ text, values: [...(values ?? [])], types: TYPES })
        .catch((error: unknown) => {
          throw withoutContent(error);
        });
      const results = Array.isArray(answer) ? (answer as { rows: Row[] }[]) : [answer as { rows: Row[] }];
      return results.flatMap(({ rows }) => rows);
    },
  };
}

async function assertVersion(lease: Backend["lease"]): Promise<void> {
  const rows = await lease((connection) =>
    connection.query<{ version: number }>("select current_setting('server_version_num')::int as version"),
  ).catch((cause: unknown) => {
    throw new Fault("the database of DATABASE_URL cannot be reached", {
      cause: withoutContent(cause),
      isRetryable: true,
    });
  });
  if ((rows[0]?.version ?? 0) < OLDEST_SERVER) throw new Fault("DATABASE_URL needs PostgreSQL 15 or newer");
}

async function runExclusively(databaseUrl: string, run: () => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: databaseUrl, application_name: "drydock migrations" });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [LOCK.toString()]);
    await run();
  } finally {
    await client.end();
  }
}

/** One connection that hears of tasks committed by any replica, and connects again when it was cut. */
function createListener(databaseUrl: string, onFault: (fault: unknown) => void) {
  let client: Client | undefined;
  let again: NodeJS.Timeout | undefined;
  let isStopped = false;

  async function connectOnce(onTasks: () => void): Promise<void> {
    const next = new Client({ connectionString: databaseUrl, application_name: "drydock listener", keepAlive: true });
    const retry = (fault: unknown) => {
      if (isStopped || client !== next) return;
      client = undefined;
      onFault(asCut(fault));
      again = setTimeout(() => void connectOnce(onTasks), RECONNECT_MS);
    };
    client = next;
    next.on("error", retry);
    next.on("end", () => retry(new Fault("the listening connection was closed", { isRetryable: true })));
    next.on("notification", onTasks);
    try {
      await next.connect();
      await next.query(`listen ${CHANNEL}`);
      // What was announced while nobody listened.
      onTasks();
    } catch (error) {
      retry(error);
    }
  }

  return {
    start: connectOnce,
    stop: async () => {
      isStopped = true;
      clearTimeout(again);
      await client?.end().catch(() => undefined);
    },
  };
}
