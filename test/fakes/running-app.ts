import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { serverSchema } from "../../src/config/server.ts";
import { EVENT_SETS, PERMISSION_SETS } from "../../src/github/index.ts";
import type { Log } from "../../src/jobs/ports.ts";
import { startSandbox, type Sandbox, type SandboxOptions } from "../../src/sandbox/index.ts";
import { whenDelivered } from "../../src/sandbox/webhooks/index.ts";
import * as world from "../../src/sandbox/world/index.ts";
import { startServer, type RunningServer } from "../../src/serve.ts";

export type Files = Readonly<Record<string, string | null>>;

/** The real server beside a stand-in GitHub, an organisation with one repository, and people in it. */
export interface RunningApp {
  readonly sandbox: Sandbox;
  readonly server: RunningServer;
  readonly repository: world.Repository;
  readonly ada: world.Account;
  readonly grace: world.Account;
  readonly logged: readonly string[];
  /** Check runs of the App that stand on a commit, by name. */
  checks(headSha: string): ReadonlyMap<string, world.CheckRun>;
  comments(number: number): readonly world.Comment[];
  /** Waits until the gate on a commit is completed. */
  judged(headSha: string): Promise<world.CheckRun>;
  /** Waits until every delivery has come, no task waits or runs, and nothing is asked of GitHub. */
  quiet(): Promise<void>;
  /** Ends everything and fails when GitHub's descriptions were not kept to. */
  close(): Promise<void>;
}

export interface RunningAppOptions {
  readonly files: Files;
  readonly sandbox?: SandboxOptions;
  readonly env?: Readonly<Record<string, string>>;
  readonly isPrivate?: boolean;
  /** The clock that verdicts go by; by default the machine's. */
  readonly now?: () => number;
  /** Runs before the App is installed. */
  readonly before?: (sandbox: Sandbox, repository: world.Repository, ada: world.Account) => Promise<void>;
}

const ROOT = join(import.meta.dirname, "..", "..");
const LONGEST_WAIT = 60_000;
/** Milliseconds between two looks. */
const QUIET = 150;

/**
 * As GitHub Enterprise Server where no limits are set, so that tests wait for no bucket. That the pace of github.com is
 * kept to is shown by servers of their own (`server-process.ts`).
 */
const UNHURRIED = { pointsPerMinute: 100_000, creationsPerMinute: 10_000, creationsPerHour: 10_000 };

export async function startApp(options: RunningAppOptions): Promise<RunningApp> {
  const sandbox = await startSandbox({
    limits: UNHURRIED,
    ...options.sandbox,
    app: { permissions: PERMISSION_SETS.full, events: EVENT_SETS.full, ...options.sandbox?.app },
  });
  const directory = mkdtempSync(join(tmpdir(), "drydock-app-"));
  const ada = world.createUser(sandbox.world, "ada");
  const grace = world.createUser(sandbox.world, "grace");
  const acme = world.createOrganization(sandbox.world, ada, "acme");
  const { files, isPrivate = true } = options;
  const repository = await world.createRepository(sandbox.world, acme, "config", { actor: ada, isPrivate, files });
  world.setRole(sandbox.world, repository, grace, "write");
  await options.before?.(sandbox, repository, ada);
  const { log, logged } = collectLog();
  const server = await startServer({
    ...{ config: configOf(sandbox, directory, options.env), root: ROOT, log },
    now: options.now,
  });
  world.setWebhookUrl(sandbox.world, sandbox.app, `http://127.0.0.1:${server.port}/api/github/webhooks`);
  world.installApp(sandbox.world, ada, sandbox.app, acme);

  const checks = (headSha: string): ReadonlyMap<string, world.CheckRun> =>
    new Map(
      world
        .latestCheckRuns(sandbox.world, repository, headSha)
        .filter(({ appId }) => appId === sandbox.app.appId)
        .map((run) => [run.name, run]),
    );
  const waitFor = async <T>(what: string, look: () => T | undefined): Promise<T> => {
    for (let waited = 0; waited < LONGEST_WAIT; waited += 25) {
      const found = look();
      if (found !== undefined) return found;
      await sleep(25);
    }
    throw new Error(`${what} did not come; the log says:\n${logged.slice(-40).join("\n")}`);
  };
  return {
    sandbox,
    server,
    repository,
    ada,
    grace,
    logged,
    checks,
    comments: (number) => world.listComments(sandbox.world, repository, number),
    judged: (headSha) =>
      waitFor(`the gate on ${headSha}`, () => {
        const gate = checks(headSha).get("drydock");
        return gate?.status === "completed" ? gate : undefined;
      }),
    quiet: async () => {
      for (let still = 0, seen = -1; still < 2; seen = sandbox.requests.length) {
        await sleep(QUIET);
        await whenDelivered(sandbox.parts.webhooks);
        still = seen === sandbox.requests.length && (await countTasks(server.metricsPort)) === 0 ? still + 1 : 0;
      }
    },
    close: async () => {
      await server.stop();
      await sandbox.close();
      rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
      if (sandbox.violations.length > 0) throw new Error(sandbox.violations.join("\n"));
    },
  };
}

function configOf(sandbox: Sandbox, directory: string, env: Readonly<Record<string, string>> = {}) {
  const { app } = sandbox;
  const settings = serverSchema.parse({
    APP_ID: String(app.appId),
    PRIVATE_KEY: app.privateKey,
    WEBHOOK_SECRET: app.webhookSecret,
    CLIENT_ID: app.clientId,
    CLIENT_SECRET: app.clientSecret,
    GITHUB_API_URL: sandbox.apiUrl,
    DRYDOCK_DATA: directory,
    PORT: "0",
    METRICS_PORT: "0",
    PUBLIC_URL: "http://127.0.0.1:1",
    DRYDOCK_SWEEP_SECONDS: "3600",
    DRYDOCK_WRITES_A_SECOND: "20",
    ...env,
  });
  const { PRIVATE_KEY = "", WEBHOOK_SECRET = "", APP_ID = 0 } = settings;
  return { ...settings, APP_ID, PRIVATE_KEY, WEBHOOK_SECRET };
}

function collectLog(): { readonly log: Log; readonly logged: string[] } {
  const logged: string[] = [];
  const write =
    (level: string) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void =>
      void logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
  return { log: { info: write("info"), warn: write("warn"), error: write("error") }, logged };
}

/** Tasks that wait or run, by the server's own metrics. */
async function countTasks(metricsPort: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const counts = [...text.matchAll(/^drydock_queue_tasks\{state="(?:waiting|active)"\} (\d+)$/gmu)];
  return counts.length === 0 ? Number.NaN : counts.reduce((sum, [, count]) => sum + Number(count), 0);
}
