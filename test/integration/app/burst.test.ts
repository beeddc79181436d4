import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { EVENT_SETS, PERMISSION_SETS } from "../../../src/github/index.ts";
import {
  injectWebhookFault,
  listAttempts,
  startSandbox,
  unpackBody,
  type Sandbox,
} from "../../../src/sandbox/index.ts";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createServerProcess } from "../../fakes/server-process.ts";

const DELIVERIES = Number(process.env["DRYDOCK_TEST_BURST"] ?? 10_000);
const ORGANIZATIONS = 16;
const BOTS_EACH = 5;
const BOTS = ORGANIZATIONS * BOTS_EACH;
/** Judged at once, by the server's own default. */
const RUNNING = 2;
const MIB = 1024 * 1024;
const LONGEST_WAIT = 400_000;

async function createRepositories({ world: github, app }: Sandbox, ada: world.Account): Promise<world.Repository[]> {
  const repositories: world.Repository[] = [];
  for (let index = 0; index < ORGANIZATIONS; index++) {
    const organization = world.createOrganization(github, ada, `acme-${index}`);
    const files = { "shop/web.yaml": printDeployment("1.0.0") };
    repositories.push(await world.createRepository(github, organization, "config", { actor: ada, files }));
    // Not in the very second of the first pull request, which would count as one from before it.
    const createdAt = new Date(Date.now() - 60_000).toISOString().replace(/\.\d+/u, "");
    world.installApp(github, ada, app, organization, { createdAt });
  }
  return repositories;
}

/** New titles, which mean nothing to Drydock, with room in between for answers to be heard. */
async function retitle(
  { world: github }: Sandbox,
  ada: world.Account,
  pull: world.PullRequest,
  count: number,
): Promise<void> {
  for (let said = 0; said < count; said++) {
    world.editPullRequest(github, ada, pull, { title: `Title ${said}` });
    if (said % 100 === 99) await sleep(1);
  }
}

/** Resolves once the server has asked for nothing for a second. */
async function quiet({ requests }: Sandbox): Promise<void> {
  for (let seen = -1; seen !== requests.length;) {
    seen = requests.length;
    await sleep(1000);
  }
}

/** When the server had stored that a pull request was opened, milliseconds. */
function takenAt({ parts, app }: Sandbox, { repositoryId, number }: world.PullRequest): number {
  const attempt = listAttempts(parts.webhooks, { id: app.appId }).find((one) => {
    if (one.event !== "pull_request" || one.action !== "opened" || one.repositoryId !== repositoryId) return false;
    return (JSON.parse(unpackBody(one).toString("utf8")) as { readonly number: number }).number === number;
  });
  assert.ok(attempt);
  return attempt.endedAt;
}

async function until(what: string, look: () => boolean, said: () => string): Promise<void> {
  for (const end = Date.now() + LONGEST_WAIT; !look();) {
    assert.ok(Date.now() < end, `${what} did not come:\n${said()}`);
    await sleep(100);
  }
}

it("takes a burst of deliveries, answers the person before eighty bots, and forgets nobody", async (test) => {
  const directory = mkdtempSync(join(tmpdir(), "drydock-burst-"));
  const sandbox = await startSandbox({
    app: { permissions: PERMISSION_SETS.full, events: EVENT_SETS.full },
    webhooks: { isChecked: false },
  });
  const { world: github, app } = sandbox;
  const ada = world.createUser(github, "ada");
  const renovate = { id: (await world.createApp(github, ada, "Renovate")).botId };
  const server = await createServerProcess({ sandbox, directory, env: { DRYDOCK_SWEEP_SECONDS: "45" } });
  const completed: { readonly head: string; readonly at: number }[] = [];
  world.subscribe(github, (event) => {
    if (event.kind !== "check_run" || event.action !== "completed") return;
    const { name, headSha } = world.read(github, "checkRuns", { id: event.checkRunId });
    if (name === "drydock") completed.push({ head: headSha, at: Date.now() });
  });
  try {
    world.setWebhookUrl(github, app, server.webhookUrl);
    await server.start();
    const repositories = await createRepositories(sandbox, ada);
    const [first] = repositories;
    assert.ok(first);
    const files = { "shop/web.yaml": printDeployment("2.0.0") };
    await world.pushCommit(github, ada, first, { branch: "warm", files });
    const warm = await world.openPullRequest(github, ada, first, { head: "warm" });
    await until(
      "the first verdict",
      () => completed.length > 0,
      () => server.lastWords(),
    );
    // New installations are looked through first: what that finds is no part of the burst.
    await quiet(sandbox);
    const standing = server.residentBytes();

    let most = standing;
    const watch = setInterval(() => (most = Math.max(most, server.residentBytes())), 100).unref();
    await world.pushCommit(github, ada, first, {
      branch: "person",
      files: { "shop/web.yaml": printDeployment("3.0.0") },
    });
    // The bots' pull requests are told of in one breath, once all of them are there.
    injectWebhookFault(sandbox.parts.webhooks, {
      event: "pull_request",
      action: "opened",
      failing: { kind: "reorder" },
      count: BOTS,
    });
    const heads: string[] = [];
    for (let index = 0; index < BOTS; index++) {
      const repository = repositories[index % ORGANIZATIONS] ?? first;
      const bump = { branch: `bump-${index}`, files: { "shop/web.yaml": printDeployment(`1.0.${index + 1}`) } };
      heads.push(await world.pushCommit(github, renovate, repository, bump));
      if (index === BOTS - 1) await retitle(sandbox, ada, warm, DELIVERIES / 2);
      await world.openPullRequest(github, renovate, repository, { head: bump.branch });
    }
    const person = await world.openPullRequest(github, ada, first, { head: "person" });
    await retitle(sandbox, ada, warm, DELIVERIES / 2 - BOTS);
    const answered = (head: string): { readonly at: number } | undefined => completed.find((one) => one.head === head);
    const all = (): boolean => [...heads, person.headSha].every((head) => answered(head) !== undefined);
    await until(
      "the person's verdict",
      () => answered(person.headSha) !== undefined,
      () => server.lastWords(),
    );
    await until("every verdict", all, () => `${completed.length} of ${BOTS + 2}\n${server.lastWords()}`);
    clearInterval(watch);

    // What GitHub gave up on after its 10 s is asked for again.
    const attempts = () => listAttempts(sandbox.parts.webhooks, { id: app.appId });
    const taken = () => new Set(attempts().flatMap(({ guid, result }) => (result.statusCode === 202 ? [guid] : [])));
    const sent = new Set(attempts().map(({ guid }) => guid));
    assert.ok(sent.size >= DELIVERIES, `${sent.size} deliveries`);
    await until(
      "every delivery",
      () => taken().size >= sent.size,
      () => `${taken().size} of ${sent.size} were taken`,
    );
    // Whom a sweep had found before the person's webhook came was not let go before them.
    const from = takenAt(sandbox, person);
    const end = answered(person.headSha)?.at ?? 0;
    const before = completed.filter(({ head, at }) => heads.includes(head) && at >= from && at < end);
    const firsts = attempts().filter(({ isRedelivery }) => !isRedelivery);
    const waits = firsts.map(({ result }) => result.seconds).toSorted((a, b) => a - b);
    const missed = firsts.filter(({ result }) => result.statusCode !== 202).length;
    test.diagnostic(
      `${sent.size} deliveries, ${missed} of them at the second attempt, answered within ` +
        `${waits.at(Math.floor(waits.length / 2))?.toFixed(1)} s (median) and ${waits.at(-1)?.toFixed(1)} s (the last); ` +
        `${before.length} bots first, ` +
        `${Math.round(standing / MIB)} MiB before and ${Math.round(most / MIB)} MiB at most`,
    );
    assert.ok(before.length <= 2 * RUNNING, `${before.length} bots were answered before the person`);
    assert.ok(most - standing < 400 * MIB, `${Math.round((most - standing) / MIB)} MiB more`);
    assert.deepEqual(sandbox.limiter.refusals, []);
    assert.equal(await server.stop(), 0, server.lastWords());
  } finally {
    await server.kill();
    await sandbox.close();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
  assert.deepEqual(sandbox.violations, []);
});
