import { readFileSync } from "node:fs";
import { pino } from "pino";
import { readServerConfig } from "./config/read-server-config.ts";
import type { Log } from "./jobs/ports.ts";
import { scrubTokens, UsageError } from "./model/index.ts";
import type { ServerSurroundings } from "./open-workbench.ts";
import { startServer } from "./serve.ts";

/** Runs the App until it is told to end. Rejects with a UsageError that names everything that is not set as it must be. */
export async function runServer(
  root: string,
  { environment, untilStopped }: ServerSurroundings,
  print: (text: string) => void,
): Promise<void> {
  const reading = readServerConfig(environment, readText);
  if (reading.kind === "invalid") throw new UsageError(reading.message);
  if (reading.kind === "no-app")
    throw new UsageError("no GitHub App is configured: APP_ID, PRIVATE_KEY and WEBHOOK_SECRET are not set");
  const { config } = reading;
  const server = await startServer({ config, root, log: openLog(config.LOG_LEVEL) });
  print(
    `drydock listens on http://${config.HOST}:${server.port}, metrics on ${config.METRICS_HOST}:${server.metricsPort}\n`,
  );
  await untilStopped();
  await server.stop();
}

/** Every line is scrubbed once more on its way out: what a library puts into an error's text is not ours to know. */
function openLog(level: string): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, hooks: { streamWrite: scrubTokens } });
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
