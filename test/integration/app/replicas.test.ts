import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Sandbox } from "../../../src/sandbox/index.ts";
import * as world from "../../../src/sandbox/world/index.ts";
import { startBusyGitHub } from "../../fakes/busy-github.ts";
import { createRandom } from "../../fakes/seeded-random.ts";
import { createServerProcess } from "../../fakes/server-process.ts";
import { readDeliveryIds } from "../../fakes/stored-deliveries.ts";
import { startPostgres } from "../database/start-postgres.ts";

const EVENTS = Number(process.env["DRYDOCK_TEST_EVENTS"] ?? 250);
const LONGEST_SETTLING = 240_000;
const BUCKET = 10;
/** Writes that are granted at the very edge of a second arrive a little apart. Milliseconds. */
const JITTER = 1500;

/** Of every installation: in no stretch of time more writes than the bucket held and what it got meanwhile. */
function assertPaced(sandbox: Sandbox, organization: string): void {
  const times = sandbox.requests
    .filter(({ method, path }) => method !== "GET" && path.startsWith(`/repos/${organization}/`))
    .map(({ at }) => at);
  for (const [first, start] of times.entries()) {
    for (let last = first + BUCKET; last < times.length; last++) {
      const stretch = (times[last] ?? 0) - start;
      const most = BUCKET + (stretch + JITTER) / 1000;
      assert.ok(last - first + 1 <= most, `${organization}: ${last - first + 1} writes in ${stretch} ms`);
    }
  }
}

it("T51: two replicas on one database end with one verdict and one comment, at the pace of one", async (test) => {
  const root = mkdtempSync(join(tmpdir(), "drydock-replicas-"));
  const postgres = await startPostgres();
  const github = await startBusyGitHub({ organizations: 4, pullsEach: 3 });
  const databaseUrl = await postgres.createDatabase();
  const directories = ["one", "two"].map(() => mkdtempSync(join(root, "replica-")));
  const servers = await Promise.all(
    directories.map((directory) => createServerProcess({ sandbox: github.sandbox, directory, databaseUrl })),
  );
  const { sandbox } = github;
  try {
    await Promise.all(servers.map((server) => server.start()));
    const random = createRandom(7);
    for (let count = 0; count < EVENTS; count++) {
      const webhookUrl = servers[count % servers.length]?.webhookUrl;
      world.setWebhookUrl(sandbox.world, sandbox.app, webhookUrl);
      await github.happen(random);
      await sleep(10);
    }
    await github.settle(LONGEST_SETTLING).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${servers.map((server) => server.lastWords()).join("\n")}`);
    });
    for (const server of servers) assert.equal(await server.stop(), 0, server.lastWords());
    assert.deepEqual(github.whatIsWrong(), []);
    const stored = await readDeliveryIds(root, databaseUrl);
    assert.deepEqual(
      [...github.deliveries()].filter((guid) => !stored.has(guid)),
      [],
    );
    for (let index = 0; index < 4; index++) assertPaced(sandbox, `acme-${index}`);
    assert.deepEqual(sandbox.limiter.refusals, []);
    test.diagnostic(`${github.deliveries().size} deliveries, ${sandbox.requests.length} requests`);
  } finally {
    for (const server of servers) await server.kill();
    await github.close();
    await postgres.stop();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  }
});
