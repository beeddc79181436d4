import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { read } from "../../../src/database/connection.ts";
import { openDatabase } from "../../../src/database/index.ts";
import type { Database } from "../../../src/database/index.ts";
import { startDatabase } from "../../../src/database/open-database.ts";
import { openPglite } from "../../../src/database/pglite-backend.ts";
import { UsageError } from "../../../src/model/index.ts";
import { startPostgres } from "./start-postgres.ts";
import type { PostgresServer } from "./start-postgres.ts";

const CHILD = join(import.meta.dirname, "receive-forever.ts");

function open(directory: string, databaseUrl?: string): Promise<Database> {
  return openDatabase({ directory, databaseUrl, checks: 8, pollMs: 200, onFault: () => undefined });
}

/** Starts a process that receives deliveries, kills it after so many, and gives what it said was acknowledged. */
function receiveAndKill(afterCount: number, directory: string, databaseUrl?: string): Promise<number[]> {
  const args = databaseUrl === undefined ? [CHILD, directory] : [CHILD, directory, databaseUrl];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    if (said.split("\n").length > afterCount) child.kill("SIGKILL");
  });
  const deadline = setTimeout(() => child.kill("SIGKILL"), 60_000);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(deadline);
      if (code !== null) reject(new Error(`the process ended by itself with status ${code}`));
      // The last line may be cut.
      else resolve(said.split("\n").slice(1, -1).map(Number));
    });
  });
}

/** The pull requests that are judged when a queue works off all that is there. */
async function judgeAll(database: Database): Promise<Set<number>> {
  const judged = new Set<number>();
  await database.queue.work(
    (task) => {
      if (task.kind === "judge") judged.add(task.number);
      return Promise.resolve();
    },
    () => Promise.resolve(),
  );
  for (;;) {
    const { queues } = await database.readQueueFigures();
    if (queues.every(({ waiting, active }) => waiting + active === 0)) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return judged;
}

describe("durability", () => {
  const root = mkdtempSync(join(tmpdir(), "drydock-durability-"));
  let server: PostgresServer | undefined;
  before(async () => {
    server = await startPostgres();
  });
  after(async () => {
    await server?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  it("T50: kill -9 amid intake loses nothing that was acknowledged, PGlite", async () => {
    const directory = join(root, "killed");
    const acknowledged = new Set<number>();
    for (const count of [60, 200, 130]) {
      for (const number of await receiveAndKill(count, directory)) acknowledged.add(number);
    }
    const database = await open(directory);
    const judged = await judgeAll(database);
    await database.close();
    assert.ok(acknowledged.size >= 180);
    assert.deepEqual(
      [...acknowledged].filter((number) => !judged.has(number)),
      [],
    );
  });

  it("T50: kill -9 amid intake loses nothing that was acknowledged, PostgreSQL", async () => {
    const url = await server?.createDatabase();
    const acknowledged = await receiveAndKill(300, join(root, "unused"), url);
    const database = await open(join(root, "unused"), url);
    const judged = await judgeAll(database);
    await database.close();
    assert.ok(acknowledged.length >= 250);
    assert.deepEqual(
      acknowledged.filter((number) => !judged.has(number)),
      [],
    );
  });

  it("a second process on a directory is told so and stops; the lock ends with its holder", async () => {
    const directory = join(root, "locked");
    const holder = await open(directory);
    await assert.rejects(open(directory), (error: unknown) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, new RegExp(`^the data directory .+ is in use by process ${process.pid} on `, "u"));
      return true;
    });
    const child = spawn(process.execPath, [CHILD, directory], { stdio: ["ignore", "pipe", "pipe"] });
    const deadline = setTimeout(() => child.kill("SIGKILL"), 60_000);
    let complaint = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
    const status = await new Promise((resolve) => child.once("close", resolve));
    clearTimeout(deadline);
    assert.equal(status, 1);
    assert.match(complaint, /is in use by process/u);
    await holder.close();
    // The holder is killed without a chance to let go.
    await receiveAndKill(20, directory);
    const next = await open(directory);
    await next.pages.ping();
    await next.close();
  });

  it("a task that ran when its process died runs again at once, PGlite", async () => {
    const directory = join(root, "orphan");
    const backend = await openPglite(directory);
    const first = await startDatabase(backend, { directory, checks: 1, onFault: () => undefined });
    await first.queue.add([{ kind: "publish", installationId: 1 }]);
    // As a killed process leaves it: taken and never finished.
    await read(backend, "update drydock_queue.job set state = 'active', started_on = now()");
    await first.close();
    const second = await open(directory);
    const attempts: number[] = [];
    const done = Promise.withResolvers<undefined>();
    await second.queue.work(
      (_task, attempt) => {
        attempts.push(attempt);
        done.resolve(undefined);
        return Promise.resolve();
      },
      () => Promise.resolve(),
    );
    await done.promise;
    await second.close();
    assert.deepEqual(attempts, [2]);
  });
});
