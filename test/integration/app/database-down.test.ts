import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { listAttempts } from "../../../src/sandbox/index.ts";
import * as world from "../../../src/sandbox/world/index.ts";
import { startBusyGitHub } from "../../fakes/busy-github.ts";
import { createRandom } from "../../fakes/seeded-random.ts";
import { createServerProcess } from "../../fakes/server-process.ts";
import { readDeliveryIds } from "../../fakes/stored-deliveries.ts";
import { startPostgres } from "../database/start-postgres.ts";

const LONGEST_WAIT = 90_000;

async function until(what: string, look: () => boolean): Promise<void> {
  for (const end = Date.now() + LONGEST_WAIT; !look();) {
    assert.ok(Date.now() < end, `${what} did not come`);
    await sleep(100);
  }
}

it("T50: says no to GitHub while the database is away, and asks again for what was missed", async () => {
  const directory = mkdtempSync(join(tmpdir(), "drydock-database-down-"));
  const postgres = await startPostgres();
  const github = await startBusyGitHub({ organizations: 3, pullsEach: 2 });
  const { sandbox } = github;
  const databaseUrl = await postgres.createDatabase();
  const server = await createServerProcess({ sandbox, directory, databaseUrl });
  const random = createRandom(11);
  try {
    world.setWebhookUrl(sandbox.world, sandbox.app, server.webhookUrl);
    await server.start();
    await until("the first verdicts", () => github.whatIsWrong().length === 0);

    await postgres.pause();
    const before = github.deliveries();
    for (let count = 0; count < 60; count++) await github.happen(random);
    const isNew = ({ guid }: { readonly guid: string }): boolean => !before.has(guid);
    const attempts = () => listAttempts(sandbox.parts.webhooks, { id: sandbox.app.appId }).filter(isNew);
    await until("answers", () => attempts().length >= 60);
    const answers = new Set(attempts().map(({ result }) => result.statusCode));
    assert.deepEqual([...answers], [503], "nothing is acknowledged that is not stored");

    await postgres.resume();
    await until("every delivery", () => github.acknowledged().size === github.deliveries().size);
    await github.settle(LONGEST_WAIT).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${server.lastWords()}`);
    });
    assert.equal(await server.stop(), 0, server.lastWords());
    const stored = await readDeliveryIds(directory, databaseUrl);
    assert.deepEqual(
      [...github.deliveries()].filter((guid) => !stored.has(guid)),
      [],
    );
  } finally {
    await server.kill();
    await github.close();
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
});
