import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { read, transact } from "../../../src/database/connection.ts";
import type { Backend } from "../../../src/database/connection.ts";
import { expectedVersion, migrate } from "../../../src/database/migrate.ts";
import { openPglite } from "../../../src/database/pglite-backend.ts";
import { openPostgres } from "../../../src/database/postgres-backend.ts";
import { startPostgres } from "./start-postgres.ts";

const MIGRATIONS = join(import.meta.dirname, "..", "..", "..", "src", "database", "migrations");

/** The schema as an earlier Drydock left it. */
async function migrateTo(backend: Backend, version: number): Promise<void> {
  const earlier = readdirSync(MIGRATIONS).sort().slice(0, version);
  await transact(backend, async (transaction) => {
    await transaction.query("create schema drydock");
    await transaction.query("create table drydock.migrations (version int primary key, applied_at timestamptz)");
    for (const [index, name] of earlier.entries()) {
      await transaction.query(readFileSync(join(MIGRATIONS, name), "utf8"));
      await transaction.query("insert into drydock.migrations (version) values ($1)", [index + 1]);
    }
  });
}

async function withBackend(kind: "pglite" | "postgres", use: (backend: Backend) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "drydock-migrations-"));
  const server = kind === "postgres" ? await startPostgres() : undefined;
  const backend =
    server === undefined
      ? await openPglite(directory)
      : await openPostgres(await server.createDatabase(), () => undefined);
  try {
    await use(backend);
  } finally {
    await backend.close();
    await server?.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

for (const kind of ["pglite", "postgres"] as const) {
  describe(`a database of an earlier Drydock, ${kind}`, () => {
    it("has what rests on exceptions with a last day judged again at once, and keeps the rest", async () => {
      await withBackend(kind, async (backend) => {
        await migrateTo(backend, 4);
        // Four pull requests: with an exception that ends, one without an end, one of an earlier commit, and a closed one.
        await read(
          backend,
          `insert into drydock.pull_requests (repository_id, number, head_sha, is_open)
           values (1, 1, 'a', true), (1, 2, 'a', true), (1, 3, 'b', true), (1, 4, 'a', false)`,
        );
        await read(
          backend,
          `insert into drydock.audit (what, repository_id, number, detail) values
             ('exception-used', 1, 1, '{"headSha": "a", "expires": "2031-13-77"}'),
             ('exception-used', 1, 2, '{"headSha": "a"}'),
             ('exception-used', 1, 3, '{"headSha": "a", "expires": "2031-05-01"}'),
             ('exception-used', 1, 4, '{"headSha": "a", "expires": "2031-05-01"}')`,
        );
        await migrate(backend);
        const due = await read(
          backend,
          "select number from drydock.pull_requests where changes_at <= now() order by number",
        );
        assert.deepEqual(due, [{ number: 1 }]);
        const [row] = await read<{ version: number }>(
          backend,
          "select max(version) as version from drydock.migrations",
        );
        assert.equal(row?.version, expectedVersion());
        assert.equal((await read(backend, "select 1 from drydock.pull_requests")).length, 4);
      });
    });
  });
}
