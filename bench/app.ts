/**
 * Measures the GitHub App on loopback beside the stand-in GitHub: `bench/app.ts [PUSHES] [PULL_REQUESTS]`, default 20
 * and 60. Prints percentiles from a webhook's sending to "in progress" and to the verdict, for small changes in a
 * repository of 500 apps with a warm mirror, and pull requests a minute for one and for two replicas on PostgreSQL.
 * Nothing is asserted: times belong to the machine.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EVENT_SETS, PERMISSION_SETS } from "../src/github/index.ts";
import { startSandbox, type Sandbox } from "../src/sandbox/index.ts";
import * as world from "../src/sandbox/world/index.ts";
import { createServerProcess, type ServerProcess } from "../test/fakes/server-process.ts";
import { startPostgres } from "../test/integration/database/start-postgres.ts";
import { FIVE_HUNDRED_APPS, generateFiles } from "./generate-repository.ts";

const pushes = Number(process.argv[2] ?? 20);
const pullRequests = Number(process.argv[3] ?? 60);
const PATCH = "services/s000/overlays/prod/resources.yaml";
/** Milliseconds between pushes: Drydock writes once a second to an installation, and a push takes five writes. */
const BETWEEN = 6000;
/** The write limit is an installation's: throughput is that of many. */
const INSTALLATIONS = 20;
const LONGEST_WAIT = 600_000;

const files = Object.fromEntries(generateFiles(FIVE_HUNDRED_APPS));
const scratch = mkdtempSync(join(tmpdir(), "drydock-bench-app-"));
const postgres = await startPostgres();
try {
  await measureLatency();
  const one = await measureThroughput(await postgres.createDatabase(), 1);
  const two = await measureThroughput(await postgres.createDatabase(), 2);
  console.log(`two replicas / one: ${(two / one).toFixed(2)}x`);
} finally {
  await postgres.stop();
  rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
}

async function openSandbox(): Promise<Sandbox> {
  return startSandbox({
    app: { permissions: PERMISSION_SETS.full, events: EVENT_SETS.full },
    webhooks: { isChecked: false },
  });
}

/** One server as it comes: a render a core, and no sweep in between. */
async function startServer(sandbox: Sandbox, databaseUrl?: string): Promise<ServerProcess> {
  const env = { DRYDOCK_JOBS: "", DRYDOCK_SWEEP_SECONDS: "3600", LOG_LEVEL: "error" };
  const directory = mkdtempSync(join(scratch, "server-"));
  const server = await createServerProcess({ sandbox, directory, databaseUrl, env });
  await server.start();
  return server;
}

async function measureLatency(): Promise<void> {
  const sandbox = await openSandbox();
  const ada = world.createUser(sandbox.world, "ada");
  const repository = await world.createRepository(sandbox.world, ada, "config", { isPrivate: true, files });
  const server = await startServer(sandbox);
  world.setWebhookUrl(sandbox.world, sandbox.app, server.webhookUrl);
  world.installApp(sandbox.world, ada, sandbox.app, ada);
  const change = (index: number) =>
    world.pushCommit(sandbox.world, ada, repository, {
      branch: "change",
      files: { [PATCH]: (files[PATCH] ?? "").replace("memory: 192Mi", `memory: ${256 + index}Mi`) },
    });
  const first = await change(0);
  await world.openPullRequest(sandbox.world, ada, repository, { head: "change" });
  await waitForGate(sandbox, repository, first);
  const begun: number[] = [];
  const done: number[] = [];
  for (let index = 1; index <= pushes; index += 1) {
    await sleep(BETWEEN);
    const seen = watchGate(sandbox);
    const head = await change(index);
    const sent = performance.now();
    await waitForGate(sandbox, repository, head);
    const { createdAt, completedAt } = seen.times(head);
    seen.stop();
    begun.push((createdAt ?? performance.now()) - sent);
    done.push((completedAt ?? performance.now()) - sent);
  }
  await server.stop();
  await sandbox.close();
  console.log(`${pushes} pushes to a pull request in a repository of 500 apps, PGlite, mirror warm`);
  console.log(`webhook → in progress  ${percentiles(begun)}`);
  console.log(`webhook → completed    ${percentiles(done)}`);
}

/** Pull requests of many installations at once; gives how many a minute got their verdict. */
async function measureThroughput(databaseUrl: string, replicas: number): Promise<number> {
  const sandbox = await openSandbox();
  const owners = Array.from({ length: INSTALLATIONS }, (_, index) => world.createUser(sandbox.world, `owner-${index}`));
  const small = Object.fromEntries(generateFiles({ kustomize: 4, helm: 2, plain: 2 }));
  const repositories = await Promise.all(
    owners.map((owner) => world.createRepository(sandbox.world, owner, "config", { isPrivate: true, files: small })),
  );
  const servers = await Promise.all(Array.from({ length: replicas }, () => startServer(sandbox, databaseUrl)));
  const gates = new Set<string>();
  for (const owner of owners) world.installApp(sandbox.world, owner, sandbox.app, owner);
  world.setWebhookUrl(sandbox.world, sandbox.app, servers[0]?.webhookUrl);
  const started = performance.now();
  for (let index = 0; index < pullRequests; index += 1) {
    const [owner, repository] = [owners[index % INSTALLATIONS], repositories[index % INSTALLATIONS]];
    if (owner === undefined || repository === undefined) throw new Error("there is no repository");
    world.setWebhookUrl(sandbox.world, sandbox.app, servers[index % replicas]?.webhookUrl);
    const branch = `change-${index}`;
    const text = (small[PATCH] ?? "").replace("memory: 192Mi", `memory: ${256 + index}Mi`);
    gates.add(await world.pushCommit(sandbox.world, owner, repository, { branch, files: { [PATCH]: text } }));
    await world.openPullRequest(sandbox.world, owner, repository, { head: branch });
  }
  await waitUntil(() => [...gates].every((head) => repositories.some((one) => isJudged(sandbox, one, head))));
  const minutes = (performance.now() - started) / 60_000;
  await Promise.all(servers.map((server: ServerProcess) => server.stop()));
  await sandbox.close();
  console.log(
    `${pullRequests} pull requests of ${INSTALLATIONS} installations, PostgreSQL, ${replicas} replica(s): ${(pullRequests / minutes).toFixed(0)} a minute`,
  );
  return pullRequests / minutes;
}

interface GateTimes {
  readonly createdAt: number | undefined;
  readonly completedAt: number | undefined;
}

/** Notes when the gate of each commit was created and completed, by this process's own clock. */
function watchGate(sandbox: Sandbox): { times(head: string): GateTimes; stop(): void } {
  const created = new Map<string, number>();
  const completed = new Map<string, number>();
  const stop = world.subscribe(sandbox.world, (event) => {
    if (event.kind !== "check_run") return;
    const run = world.read(sandbox.world, "checkRuns", { id: event.checkRunId });
    if (run.name !== "drydock") return;
    if (!created.has(run.headSha)) created.set(run.headSha, performance.now());
    if (run.status === "completed") completed.set(run.headSha, performance.now());
  });
  return { times: (head) => ({ createdAt: created.get(head), completedAt: completed.get(head) }), stop };
}

function isJudged(sandbox: Sandbox, repository: world.Ref, head: string): boolean {
  const runs = world.latestCheckRuns(sandbox.world, repository, head);
  return runs.some(({ name, status }) => name === "drydock" && status === "completed");
}

async function waitForGate(sandbox: Sandbox, repository: world.Ref, head: string): Promise<void> {
  await waitUntil(() => isJudged(sandbox, repository, head));
}

async function waitUntil(holds: () => boolean): Promise<void> {
  for (const started = performance.now(); performance.now() - started < LONGEST_WAIT;) {
    if (holds()) return;
    await sleep(5);
  }
  throw new Error("the verdicts did not come");
}

function percentiles(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    `${((sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0) / 1000).toFixed(2)} s`;
  return `p50 ${at(0.5)}  p95 ${at(0.95)}  max ${at(1)}`;
}
