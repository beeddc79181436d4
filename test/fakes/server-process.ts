import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../../src/sandbox/index.ts";

/** `drydock serve` as a process of its own, which can be killed and started again on the same port. */
export interface ServerProcess {
  readonly port: number;
  readonly webhookUrl: string;
  /** Resolves when it listens, for webhooks or to be set up; rejects with what it said when it ended instead. */
  start(): Promise<void>;
  /** `kill -9`, also of one that is still starting. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Ends it as an operator would, and gives its exit status. */
  stop(): Promise<number | null>;
  /** Resident memory now, bytes; 0 when it does not run. */
  residentBytes(): number;
  /** The most that it ever was since it started, bytes. */
  peakBytes(): number;
  /** The last lines that it wrote. */
  lastWords(): string;
}

export interface ServerProcessOptions {
  readonly sandbox: Sandbox;
  /** Its data directory. */
  readonly directory: string;
  readonly databaseUrl?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** Starts it with no App in its environment. */
  readonly isFirstRun?: boolean;
  /** Starts it by `bin/drydock`, with all that this sets for the process. */
  readonly isByCommand?: boolean;
}

const ROOT = join(import.meta.dirname, "..", "..");
const WORDS = 20_000;

export async function createServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const port = await findPort();
  const env = environmentOf(options, port);
  const [program = "", ...arguments_] =
    options.isByCommand === true
      ? [join(ROOT, "bin", "drydock"), "serve"]
      : [process.execPath, join(ROOT, "src", "main.ts"), "serve"];
  let words = "";
  let child: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    const started = spawn(program, arguments_, { env, cwd: options.directory });
    child = started;
    const listening = Promise.withResolvers<undefined>();
    const hear = (chunk: Buffer): void => {
      words = `${words}${chunk.toString("utf8")}`.slice(-WORDS);
      if (/drydock listens on|no GitHub App is configured/u.test(chunk.toString("utf8"))) listening.resolve(undefined);
    };
    started.stdout.on("data", hear);
    started.stderr.on("data", hear);
    started.once("exit", (code, signal) => {
      if (signal === "SIGKILL") listening.resolve(undefined);
      else listening.reject(new Error(`the server ended with ${String(code ?? signal)}:\n${words}`));
    });
    await listening.promise;
  };
  const end = async (signal: "SIGKILL" | "SIGTERM"): Promise<number | null> => {
    const ending = child;
    child = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return ending?.exitCode ?? null;
    const gone = once(ending, "exit");
    ending.kill(signal);
    await gone;
    return ending.exitCode;
  };
  return {
    port,
    webhookUrl: `http://127.0.0.1:${port}/api/github/webhooks`,
    start,
    kill: async () => {
      await end("SIGKILL");
    },
    stop: () => end("SIGTERM"),
    residentBytes: () => readResident(child?.pid, "VmRSS"),
    peakBytes: () => readResident(child?.pid, "VmHWM"),
    lastWords: () => words,
  };
}

function environmentOf(
  { sandbox, directory, databaseUrl, env, isFirstRun }: ServerProcessOptions,
  port: number,
): Record<string, string> {
  const { app } = sandbox;
  return {
    PATH: process.env["PATH"] ?? "",
    ...(isFirstRun !== true && {
      APP_ID: String(app.appId),
      PRIVATE_KEY: app.privateKey,
      WEBHOOK_SECRET: app.webhookSecret,
    }),
    GITHUB_API_URL: sandbox.apiUrl,
    DRYDOCK_DATA: join(directory, "data"),
    PORT: String(port),
    METRICS_PORT: "0",
    LOG_LEVEL: "warn",
    DRYDOCK_JOBS: "1",
    DRYDOCK_SWEEP_SECONDS: "5",
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
    ...env,
  };
}

/** Linux tells it in kB. */
function readResident(pid: number | undefined, field: "VmRSS" | "VmHWM"): number {
  try {
    const lines = readFileSync(`/proc/${pid ?? 0}/status`, "utf8").split("\n");
    const [kilobytes = "0"] = /\d+/u.exec(lines.find((line) => line.startsWith(`${field}:`)) ?? "") ?? [];
    return Number(kilobytes) * 1024;
  } catch {
    return 0;
  }
}

async function findPort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
