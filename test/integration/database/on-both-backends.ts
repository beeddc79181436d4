import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { read } from "../../../src/database/connection.ts";
import type { Backend } from "../../../src/database/connection.ts";
import { startDatabase } from "../../../src/database/open-database.ts";
import type { Database, DatabaseOptions } from "../../../src/database/open-database.ts";
import { openPglite } from "../../../src/database/pglite-backend.ts";
import { openPostgres } from "../../../src/database/postgres-backend.ts";
import { startPostgres } from "./start-postgres.ts";
import type { PostgresServer } from "./start-postgres.ts";

export interface World {
  database(): Database;
  /** What the ports do not show. */
  rows<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Faults that the database dealt with by itself. */
  readonly faults: unknown[];
}

const OPTIONS = { checks: 2, pollMs: 200, maxAttempts: 3 };

/** The same tests on PGlite and on PostgreSQL. Tests of one suite share a database and keep to ids of their own. */
export function onBothBackends(
  title: string,
  suite: (world: World) => void,
  options: Partial<DatabaseOptions> = {},
): void {
  for (const kind of ["pglite", "postgres"] as const) {
    describe(`${title}, ${kind}`, () => {
      const directory = mkdtempSync(join(tmpdir(), "drydock-database-"));
      const faults: unknown[] = [];
      let server: PostgresServer | undefined;
      let backend: Backend | undefined;
      let database: Database | undefined;
      before(async () => {
        const onFault = (fault: unknown) => void faults.push(fault);
        server = kind === "postgres" ? await startPostgres() : undefined;
        backend =
          server === undefined
            ? await openPglite(directory)
            : await openPostgres(await server.createDatabase(), onFault);
        database = await startDatabase(backend, { directory, ...OPTIONS, ...options, onFault });
      });
      after(async () => {
        await database?.close();
        await server?.stop();
        rmSync(directory, { recursive: true, force: true });
      });
      suite({
        database: () => known(database),
        rows: (text, values) => read(known(backend), text, values),
        faults,
      });
    });
  }
}

function known<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("the suite has not begun");
  return value;
}
