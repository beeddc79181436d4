import { readFileSync } from "node:fs";
import { readServerConfig } from "./config/read-server-config.ts";
import type { ServerConfig } from "./config/server.ts";
import type { ServerWay } from "./doctor/index.ts";
import { UsageError } from "./model/index.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The configuration of the server that runs with this environment. Throws a UsageError where there is none. */
export function readOwnConfig(environment: Environment, command: string): ServerConfig {
  const reading = readServerConfig(environment, readText);
  if (reading.kind === "invalid") throw new UsageError(reading.message);
  if (reading.kind === "no-app") {
    throw new UsageError(`no GitHub App is configured here; run ${command} with the environment that the server has`);
  }
  return reading.config;
}

/** Where the running server answers its own people. */
export function wayToServer(config: Pick<ServerConfig, "METRICS_HOST" | "METRICS_PORT" | "WEBHOOK_SECRET">): ServerWay {
  return { host: config.METRICS_HOST, port: config.METRICS_PORT, secret: config.WEBHOOK_SECRET, now: Date.now };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
