import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sandbox } from "../src/sandbox/index.ts";

const ROOT = join(import.meta.dirname, "..");
const READY = /listens on (http:\S+?),/u;

/** One `drydock serve` as a process of its own. */
export interface ServerProcess {
  readonly url: string;
  readonly webhooks: string;
  stop(): Promise<void>;
}

/** Starts a server beside a stand-in GitHub, with a data directory of its own; `env` adds to its configuration. */
export async function startServerProcess(
  sandbox: Sandbox,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const data = mkdtempSync(join(tmpdir(), "drydock-bench-app-"));
  const { app } = sandbox;
  const child = spawn(process.execPath, [join(ROOT, "src", "main.ts"), "serve"], {
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      PATH: process.env["PATH"],
      APP_ID: String(app.appId),
      PRIVATE_KEY: app.privateKey,
      WEBHOOK_SECRET: app.webhookSecret,
      GITHUB_API_URL: sandbox.apiUrl,
      DRYDOCK_DATA: data,
      DRYDOCK_SWEEP_SECONDS: "3600",
      LOG_LEVEL: "error",
      PORT: "0",
      METRICS_PORT: "0",
      ...env,
    },
  });
  const url = await readAddress(child);
  return {
    url,
    webhooks: `${url}/api/github/webhooks`,
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      rmSync(data, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function readAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const address = READY.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.once("exit", () => reject(new Error(`the server ended: ${said}`)));
  });
}
