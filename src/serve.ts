import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Registry } from "prom-client";
import { createChecker, type ServerChecker } from "./checker.ts";
import { resolveGitHubAddresses } from "./config/github-addresses.ts";
import type { ServerConfig } from "./config/server.ts";
import { openDatabase, type Database } from "./database/index.ts";
import { isOwnQuestion } from "./doctor/index.ts";
import { readDelivery } from "./events/index.ts";
import { startLauncher } from "./git/index.ts";
import {
  createAccess,
  createFetch,
  createGitHub,
  createSignIn,
  verifySignature,
  type GitHubClient,
} from "./github/index.ts";
import { createStopDesk, giveUpTask, liftWhole, runTask, stopEverything, type JobServices } from "./jobs/index.ts";
import type { KeptStop, Log } from "./jobs/ports.ts";
import type { Task } from "./model/index.ts";
import { readSealKey } from "./open-workbench.ts";
import { loadReportAssets } from "./report/assets.ts";
import { describeCause } from "./web/describe-cause.ts";
import type { ServerStop, ServerStops } from "./web/ports.ts";
import { createMetrics, createWebServer, type DoctorSource, type Metrics, type QueueFacts } from "./web/index.ts";
import { wayToApi } from "./ways-to-github.ts";

export interface RunningServer {
  readonly port: number;
  readonly metricsPort: number;
  /** Takes no new work, ends what runs, and lets everything go. */
  stop(): Promise<void>;
}

export interface ServeOptions {
  readonly config: ServerConfig;
  /** Drydock's own directory. */
  readonly root: string;
  readonly log: Log;
  /**
   * The clock that verdicts go by, in milliseconds since the epoch; by default the machine's. Signatures, tokens and
   * sessions go by the machine's in any case: others judge them.
   */
  readonly now?: (() => number) | undefined;
}

/** Milliseconds between looks for what is too old to keep. */
const TIDY_EVERY = 3600_000;

/** Wires the App: webhooks in, jobs, pages out. Rejects when a part cannot be opened; nothing is left running then. */
export async function startServer({ config, root, log, now = Date.now }: ServeOptions): Promise<RunningServer> {
  await startLauncher().catch((error: unknown) => {
    log.warn({ reason: describeCause(error) }, "git is started from the server's own process, which is slower");
  });
  const onFault = (fault: unknown): void => log.warn({ reason: describeCause(fault) }, "the database failed");
  const database = await openDatabase({
    databaseUrl: config.DATABASE_URL,
    directory: join(config.DRYDOCK_DATA, "database"),
    checks: config.DRYDOCK_CHECKS,
    writesASecond: config.DRYDOCK_WRITES_A_SECOND,
    now,
    onFault,
  });
  const registry = new Registry();
  const metrics = createMetrics(registry, () => readQueueFacts(database));
  const github = openGitHub(config, metrics);
  const sealKey = await findSealKey(config, database);
  const checker = countApps(openChecker({ config, root, log, now }, github, metrics, sealKey), metrics);
  const parts = { config, log, now, database, github, checker, metrics };
  const stopJobs = await startJobs(parts);
  const web = createWebServer({
    config,
    intake: database.intake,
    pages: database.pages,
    signIn: openSignIn(config, metrics),
    access: createAccess(github),
    stopDesk: createStopDesk({
      github,
      records: database.records,
      findRepository: (owner, name) => database.pages.findRepository(owner, name),
      now,
    }),
    verifySignature,
    readDelivery,
    readiness: async () => [
      { name: "database", isReady: await isAnswering(() => database.pages.ping()) },
      { name: "github", isReady: await isAnswering(() => github.readAppSettings()) },
    ],
    metrics,
    registry,
    assets: await loadReportAssets(),
    githubUrl: resolveGitHubAddresses(config).web,
    doctor: answerDoctor(config, database),
    stops: openStops(database, now),
    log,
    now: Date.now,
    randomBytes,
  });
  const stop = async (): Promise<void> => {
    await web.stop();
    await stopJobs();
    await checker.close();
    await database.close();
  };
  try {
    return { ...(await web.start()), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** GitHub for the configured App. Nothing is sent before the first call. */
export function openGitHub(config: ServerConfig, metrics?: Metrics): GitHubClient {
  return createGitHub({
    addresses: resolveGitHubAddresses(config),
    appId: config.APP_ID,
    privateKey: config.PRIVATE_KEY,
    fetch: createFetch(wayToApi(config)),
    now: Date.now,
    onCall: (call) => metrics?.call(call),
  });
}

/** What `drydock doctor` asks of the one process that may open the database. */
function answerDoctor(config: ServerConfig, { pages, ...database }: Database): DoctorSource {
  return {
    isOwnQuestion: (target, header) => isOwnQuestion(config.WEBHOOK_SECRET, target, header, Date.now()),
    readOverview: async () => ({
      publicUrl: config.PUBLIC_URL,
      webhookPath: config.WEBHOOK_PATH,
      database: config.DATABASE_URL === undefined ? "PGlite" : "PostgreSQL",
      ...(await database.readQueueFigures()),
    }),
    explainPullRequest: async (owner, name, number) => {
      const repository = await pages.findRepository(owner, name);
      if (repository === undefined) return undefined;
      const key = { repositoryId: repository.repositoryId, number };
      return { ...(await database.explainPullRequest(key)), results: await pages.listJudgements(key) };
    },
  };
}

/** What `drydock freeze` sets and lifts. */
function openStops({ records }: Database, now: () => number): ServerStops {
  const name = async (stops: readonly KeptStop[]): Promise<readonly ServerStop[]> => {
    const installations = stops.length === 0 ? [] : await records.listInstallations();
    return stops.map(({ id, place, by, reason, since, until }) => {
      const found = installations.find(({ installationId }) => installationId === place.installationId);
      return { ...{ id, reason, since, until, by: by?.login }, account: found?.account };
    });
  };
  return {
    list: async () => await name(await records.listServerStops()),
    stopAll: (reason, until) =>
      stopEverything({ installationId: undefined, by: undefined, reason, since: now(), until }, records),
    lift: async (ids) => await name(await liftWhole(ids, undefined, () => true, records)),
  };
}

function openSignIn(config: ServerConfig, metrics: Metrics): ReturnType<typeof createSignIn> | undefined {
  const { CLIENT_ID: clientId, CLIENT_SECRET: clientSecret } = config;
  if (clientId === undefined || clientSecret === undefined) return undefined;
  return createSignIn({
    addresses: resolveGitHubAddresses(config),
    clientId,
    clientSecret,
    fetch: createFetch(wayToApi(config)),
    now: Date.now,
    onCall: (call) => metrics.call(call),
  });
}

function openChecker(
  { config, root, log, now = Date.now }: ServeOptions,
  github: GitHubClient,
  metrics: Metrics,
  sealKey: string | undefined,
): ServerChecker {
  return createChecker({
    dataDirectory: config.DRYDOCK_DATA,
    sealKey,
    root,
    jobs: config.DRYDOCK_JOBS,
    git: resolveGitHubAddresses(config).git,
    fetchToken: (repository) => github.fetchToken(repository),
    allowedHosts: config.DRYDOCK_ALLOWED_HOSTS,
    proxies: { https: config.HTTPS_PROXY, none: config.NO_PROXY },
    caFile: config.NODE_EXTRA_CA_CERTS,
    diskBytes: config.DRYDOCK_DISK_GIB * 1024 ** 3,
    log,
    now: Date.now,
    verdictNow: now,
    observe: (step, seconds) => metrics.step(step, seconds),
  });
}

/**
 * Approvals are bound to what is changed, sealed values among it, and are kept in the database: all that share one seal
 * under one key. It is that of the first of them, so that what was approved before others came still counts.
 */
async function findSealKey(config: ServerConfig, { records }: Database): Promise<string | undefined> {
  if (config.DATABASE_URL === undefined) return undefined;
  return await records.settleMark("seal key", readSealKey(config.DRYDOCK_DATA));
}

function countApps(checker: ServerChecker, metrics: Metrics): ServerChecker {
  return {
    ...checker,
    check: async (request) => {
      const checked = await checker.check(request);
      metrics.apps(checked.work.rendered, checked.work.reused);
      return checked;
    },
  };
}

async function readQueueFacts(database: Database): Promise<QueueFacts> {
  const { queues, oldestWaitingSeconds } = await database.readQueueFigures();
  const sum = (pick: (queue: (typeof queues)[number]) => number): number =>
    queues.reduce((total, queue) => total + pick(queue), 0);
  return {
    waiting: sum(({ waiting }) => waiting),
    active: sum(({ active }) => active),
    oldestWaitingHead: oldestWaitingSeconds,
  };
}

interface JobParts {
  readonly config: ServerConfig;
  readonly log: Log;
  readonly now: () => number;
  readonly database: Database;
  readonly github: GitHubClient;
  readonly checker: ServerChecker;
  readonly metrics: Metrics;
}

async function startJobs(parts: JobParts): Promise<() => Promise<void>> {
  const { config, log, now, database, github, checker, metrics } = parts;
  const { queue, records } = database;
  const services: JobServices = {
    github,
    records,
    checker,
    settings: {
      publicNeedsMaintainer: config.DRYDOCK_PUBLIC_NEEDS_MAINTAINER,
      arePagesPublic: config.DRYDOCK_PUBLIC_PAGES,
      organizationRules: config.DRYDOCK_ORGANIZATION_RULES,
      retentionDays: config.DRYDOCK_RETENTION,
    },
    pageUrl: (path) => (config.PUBLIC_URL === undefined ? undefined : `${config.PUBLIC_URL}${path}`),
    now,
    sleep: (milliseconds) => sleep(milliseconds),
    log,
  };
  const run = async (task: Task): Promise<void> => {
    const started = performance.now();
    const end = (outcome: "done" | "retried"): void => {
      const seconds = (performance.now() - started) / 1000;
      metrics.job(task.kind, outcome, seconds);
      log.info({ ...task, outcome, seconds }, "task");
    };
    try {
      await runTask(task, services, queue);
      end("done");
    } catch (error) {
      end("retried");
      log.warn({ ...task, reason: describeCause(error) }, "a task failed and is tried again");
      throw error;
    }
  };
  await queue.work(run, (task, cause) => giveUpTask(task, cause, services));
  return keepLooking(config, database, log);
}

/** Looks for what webhooks missed, and for what is too old, at the start and again and again. */
function keepLooking(config: ServerConfig, { queue }: Database, log: Log): () => Promise<void> {
  const add = (task: Task) => (): void => {
    queue.add([task]).catch((fault: unknown) => log.warn({ reason: describeCause(fault) }, "the database failed"));
  };
  const timers = [
    setInterval(add({ kind: "sweep-app" }), config.DRYDOCK_SWEEP_SECONDS * 1000),
    setInterval(add({ kind: "tidy" }), TIDY_EVERY),
  ];
  add({ kind: "sweep-app" })();
  add({ kind: "tidy" })();
  return async () => {
    for (const timer of timers) clearInterval(timer);
    await queue.stop();
  };
}

async function isAnswering(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch {
    return false;
  }
}
