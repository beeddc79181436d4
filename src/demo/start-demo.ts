import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EVENT_SETS, PERMISSION_SETS } from "../github/index.ts";
import { startSandbox, type Sandbox } from "../sandbox/index.ts";
import { setWebhookUrl } from "../sandbox/world/index.ts";
import { buildSample } from "./build-sample.ts";
import { openChanges, setStage, type OpenedChange, type Stage } from "./set-stage.ts";
import { createSite, type ServePage } from "./site/create-site.ts";

export interface DemoOptions {
  /** Holds `sample/` and `changes/`. */
  readonly source: string;
  /** Where git is found. */
  readonly path: string;
  /** Keeps the sample repository here; undefined makes a temporary one. */
  readonly directory: string | undefined;
  /** Starts the real server with these environment variables. */
  readonly startServer: (environment: Readonly<Record<string, string>>) => Promise<{ stop(): Promise<void> }>;
}

export interface RunningDemo {
  readonly stage: Stage;
  readonly opened: readonly OpenedChange[];
  /** The sample repository's directory. */
  readonly sample: string;
  /** Of the list of pull requests. */
  readonly url: string;
  /** Of the App's own pages. */
  readonly serverUrl: string;
  /** Ends both servers and removes everything temporary. */
  close(): Promise<void>;
}

/** Twelve pull requests at once, and a visitor who waits: as on GitHub Enterprise Server where no limits are set. */
const UNHURRIED = { pointsPerMinute: 100_000, creationsPerMinute: 10_000, creationsPerHour: 10_000 };

const CALLBACK = "http://127.0.0.1/sign-in/callback";

/**
 * Starts the stand-in GitHub and the real server beside it, all on 127.0.0.1, and opens the sample's pull requests.
 * Rejects when a part does not start; nothing is left then.
 */
export async function startDemo(options: DemoOptions): Promise<RunningDemo> {
  const endings: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const end of endings.splice(0).reverse()) await end();
  };
  try {
    return { ...(await start(options, endings)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  { source, path, directory, startServer }: DemoOptions,
  endings: (() => unknown)[],
): Promise<Omit<RunningDemo, "close">> {
  const temporary = mkdtempSync(join(tmpdir(), "drydock-demo-"));
  endings.push(() => rmSync(temporary, { recursive: true, force: true, maxRetries: 3 }));
  const sample = await buildSample(source, join(directory ?? temporary, "harbor-config"), path);
  const pages = new Set<ServePage>();
  const sandbox = await startSandbox({
    limits: UNHURRIED,
    app: { permissions: PERMISSION_SETS.full, events: EVENT_SETS.full, callbackUrls: [CALLBACK] },
    pages: async (request, response) => {
      for (const servePage of pages) if (await servePage(request, response)) return true;
      return false;
    },
  });
  endings.push(() => sandbox.close());
  const stage = await setStage(sandbox, sample, path);
  const port = await findFreePort();
  const serverUrl = `http://127.0.0.1:${port}`;
  const server = await startServer(describeServer(sandbox, port, join(temporary, "data")));
  endings.push(() => server.stop());
  setWebhookUrl(sandbox.world, sandbox.app, `${serverUrl}/api/github/webhooks`);
  pages.add(createSite(stage));
  const opened = await openChanges(stage, sample.changes);
  return { stage, opened, sample: sample.repository, serverUrl, url: `${sandbox.url}/harbor/config/pulls` };
}

function describeServer({ app, apiUrl }: Sandbox, port: number, data: string): Readonly<Record<string, string>> {
  return {
    APP_ID: String(app.appId),
    PRIVATE_KEY: app.privateKey,
    WEBHOOK_SECRET: app.webhookSecret,
    CLIENT_ID: app.clientId,
    CLIENT_SECRET: app.clientSecret,
    GITHUB_API_URL: apiUrl,
    DRYDOCK_WRITES_A_SECOND: "20",
    DRYDOCK_DATA: data,
    HOST: "127.0.0.1",
    PORT: String(port),
    METRICS_HOST: "127.0.0.1",
    METRICS_PORT: "0",
    PUBLIC_URL: `http://127.0.0.1:${port}`,
  };
}

/** The server's address is part of what it writes, so it is needed before the server listens. */
async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}
