import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as world from "../../../src/sandbox/world/index.ts";
import { startBusyGitHub, type BusyGitHub } from "../../fakes/busy-github.ts";
import { createRandom } from "../../fakes/seeded-random.ts";
import { createServerProcess, type ServerProcess } from "../../fakes/server-process.ts";
import { readDeliveryIds } from "../../fakes/stored-deliveries.ts";
import { startPostgres } from "../database/start-postgres.ts";

const DELIVERIES = Number(process.env["DRYDOCK_TEST_DELIVERIES"] ?? 1000);
const KILLS = Number(process.env["DRYDOCK_TEST_KILLS"] ?? 8);
const SEED = Number(process.env["DRYDOCK_TEST_SEED"] ?? 4);
/** Milliseconds between two things that happen on GitHub, and while nobody listens: a few hundred are missed. */
const PACE = { up: 15, down: 100 };
const LONGEST_SETTLING = 240_000;

/** How much of the wanted deliveries there are, and whether the server is there to take them. */
interface Progress {
  part: number;
  isUp: boolean;
}

/** Things happen at a steady pace until GitHub has as many deliveries as wanted, whether anybody listens or not. */
async function beBusy(github: BusyGitHub, random: () => number, progress: Progress): Promise<void> {
  for (;;) {
    progress.part = github.deliveries().size / DELIVERIES;
    if (progress.part >= 1) return;
    for (let count = 0; count < 10; count++) {
      await github.happen(random);
      await sleep(progress.isUp ? PACE.up : PACE.down);
    }
  }
}

/** Kills at moments spread over the whole of it, some of them while the server is starting. */
async function killAgainAndAgain(server: ServerProcess, random: () => number, progress: Progress): Promise<void> {
  for (let kills = 0; kills < KILLS; kills++) {
    while (progress.part < (kills + random()) / KILLS && progress.part < 1) await sleep(20);
    progress.isUp = false;
    await server.kill();
    const starting = server.start();
    if (random() < 0.2) {
      await sleep(random() * 1500);
      await server.kill();
      await starting;
      await server.start();
    } else await starting;
    progress.isUp = true;
  }
}

/** What was missed is asked for again by the sweep, until nothing is left. */
async function everythingTaken(github: BusyGitHub): Promise<void> {
  for (const end = Date.now() + LONGEST_SETTLING; Date.now() < end;) {
    if (github.acknowledged().size === github.deliveries().size) return;
    await sleep(200);
  }
  assert.fail(`${github.deliveries().size - github.acknowledged().size} deliveries were never taken`);
}

async function runKilled(directory: string, databaseUrl: string | undefined): Promise<string> {
  const github = await startBusyGitHub({ organizations: 12, pullsEach: 2 });
  const server = await createServerProcess({ sandbox: github.sandbox, directory, databaseUrl });
  try {
    world.setWebhookUrl(github.sandbox.world, github.sandbox.app, server.webhookUrl);
    await server.start();
    const progress = { part: 0, isUp: true };
    await Promise.all([
      beBusy(github, createRandom(SEED), progress),
      killAgainAndAgain(server, createRandom(SEED + 1), progress),
    ]);
    const missed = github.deliveries().size - github.acknowledged().size;
    const began = performance.now();
    await github.settle(LONGEST_SETTLING).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${server.lastWords()}`);
    });
    await everythingTaken(github);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    assert.equal(await server.stop(), 0, server.lastWords());
    // Whatever the last moments brought has changed nothing.
    assert.deepEqual(github.whatIsWrong(), []);
    const stored = await readDeliveryIds(directory, databaseUrl);
    const lost = [...github.acknowledged()].filter((guid) => !stored.has(guid));
    assert.deepEqual(lost, [], "acknowledged and not stored");
    return `${github.deliveries().size} deliveries, ${missed} of them missed at first, settled after ${seconds} s`;
  } finally {
    await server.kill();
    await github.close();
  }
}

describe("T50, T33, T49: the server is killed at random moments", () => {
  for (const kind of ["pglite", "postgres"] as const) {
    it(`and every pull request ends with one right verdict and one comment, ${kind}`, async (test) => {
      const directory = mkdtempSync(join(tmpdir(), "drydock-kill-"));
      const postgres = kind === "postgres" ? await startPostgres() : undefined;
      try {
        test.diagnostic(await runKilled(directory, await postgres?.createDatabase()));
      } finally {
        await postgres?.stop();
        rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
      }
    });
  }
});
