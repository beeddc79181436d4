import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { pino } from "pino";
import { resolveGitHubAddresses } from "./config/github-addresses.ts";
import { readServerConfig } from "./config/read-server-config.ts";
import type { ServerReading, ServerSettings } from "./config/server.ts";
import { buildManifest, convertManifest, createFetch } from "./github/index.ts";
import type { Log } from "./jobs/ports.ts";
import { scrubTokens, UsageError } from "./model/index.ts";
import type { ServerSurroundings } from "./open-workbench.ts";
import { loadReportAssets } from "./report/assets.ts";
import { startServer } from "./serve.ts";
import { wayToApi } from "./ways-to-github.ts";
import { createSetupServer } from "./web/index.ts";

/**
 * Runs the App until the process is told to end. With no App configured, pages that make one come first. Rejects with a
 * UsageError that names everything that is not set as it must be.
 */
export async function runServer(
  root: string,
  { environment, untilStopped }: ServerSurroundings,
  print: (text: string) => void,
): Promise<void> {
  const read = (): ServerReading => readServerConfig(environment, readText);
  const stopped = untilStopped();
  let reading = read();
  if (reading.kind === "no-app") {
    const isMade = await makeApp(reading.settings, stopped, print);
    if (!isMade) return;
    reading = read();
  }
  if (reading.kind === "invalid") throw new UsageError(reading.message);
  if (reading.kind === "no-app") throw new UsageError("the App that was made cannot be read from DRYDOCK_DATA");
  const { config } = reading;
  const server = await startServer({ config, root, log: openLog(config.LOG_LEVEL) });
  print(`drydock listens on ${describeAddress(config, server.port)}, metrics on port ${server.metricsPort}\n`);
  await stopped;
  await server.stop();
}

/** Serves the pages of the first run; false when the process is told to end before an App was made. */
async function makeApp(
  settings: ServerSettings,
  stopped: Promise<void>,
  print: (text: string) => void,
): Promise<boolean> {
  const addresses = resolveGitHubAddresses(settings);
  const made = Promise.withResolvers<boolean>();
  const setup = createSetupServer({
    settings,
    githubUrl: addresses.web,
    buildManifest,
    convertManifest: (code) =>
      convertManifest(code, { addresses, fetch: createFetch(wayToApi(settings)), now: Date.now }),
    onCreated: () => made.resolve(true),
    assets: await loadReportAssets(),
    log: openLog(settings.LOG_LEVEL),
    now: Date.now,
    randomBytes,
  });
  const { port } = await setup.start();
  print(`no GitHub App is configured; open ${describeAddress(settings, port)} to make one\n`);
  const isMade = await Promise.race([made.promise, stopped.then(() => false)]);
  await setup.stop();
  return isMade;
}

function describeAddress({ HOST, PUBLIC_URL }: Pick<ServerSettings, "HOST" | "PUBLIC_URL">, port: number): string {
  return PUBLIC_URL ?? `http://${HOST}:${port}`;
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
