import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../model/index.ts";
import { transact } from "./connection.ts";
import type { Backend, Transaction } from "./connection.ts";

const DIRECTORY = join(import.meta.dirname, "migrations");

interface Migration {
  readonly version: number;
  readonly text: string;
}

function readMigrations(): Migration[] {
  return readdirSync(DIRECTORY)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => ({ version: Number(name.slice(0, 4)), text: readFileSync(join(DIRECTORY, name), "utf8") }));
}

/** The schema that this version of Drydock works with. */
export function expectedVersion(): number {
  return readMigrations().at(-1)?.version ?? 0;
}

/**
 * Brings the schema forward, never back. The caller holds the lock among processes. Rejects with a Fault when the
 * database was already used by a newer Drydock.
 */
export async function migrate(backend: Backend): Promise<void> {
  await transact(backend, async (transaction) => {
    await transaction.query("create schema if not exists drydock");
    await transaction.query(
      "create table if not exists drydock.migrations (version int primary key, applied_at timestamptz not null default now())",
    );
    const current = await readVersion(transaction);
    if (current > expectedVersion()) {
      throw new Fault(`the database has schema ${current} of a newer Drydock; this one knows ${expectedVersion()}`);
    }
    for (const { version, text } of readMigrations()) {
      if (version <= current) continue;
      await transaction.query(text);
      await transaction.query("insert into drydock.migrations (version) values ($1)", [version]);
    }
  });
}

export async function readVersion(sql: Pick<Transaction, "query">): Promise<number> {
  const rows = await sql.query<{ version: number | null }>("select max(version) as version from drydock.migrations");
  return rows[0]?.version ?? 0;
}
