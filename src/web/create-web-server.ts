import { Hono } from "hono";
import type { Registry } from "prom-client";
import type { ServerConfig } from "../config/server.ts";
import type { Log, StopDesk } from "../jobs/ports.ts";
import type { HtmlAssets } from "../report/index.ts";
import { addDoctor, type DoctorSource } from "./add-doctor.ts";
import { addStops } from "./add-stops.ts";
import { answerFailures } from "./answer-failures.ts";
import { createReadiness, type Readiness } from "./health.ts";
import { listen, type ListeningServer } from "./listen.ts";
import type { Metrics } from "./metrics.ts";
import { addPages } from "./pages/add-pages.ts";
import type { Access, Intake, PageRecords, ServerStops, SignIn } from "./ports.ts";
import { createWebhookReceiver, type WebhookLimits, type WebhookParts } from "./receive-webhook.ts";
import { secureHeaders } from "./security-headers.ts";
import type { WebApp, WebEnvironment } from "./web-app.ts";

export interface WebServerParts {
  readonly config: Pick<
    ServerConfig,
    | "APP_ID"
    | "PRIVATE_KEY"
    | "WEBHOOK_SECRET"
    | "WEBHOOK_PATH"
    | "HOST"
    | "PORT"
    | "METRICS_HOST"
    | "METRICS_PORT"
    | "PUBLIC_URL"
    | "DRYDOCK_PUBLIC_PAGES"
  >;
  readonly intake: Intake;
  readonly pages: PageRecords;
  /** Undefined when the App has no client id: pages that need somebody to be known are closed then. */
  readonly signIn: SignIn | undefined;
  readonly access: Access;
  /** The button that stops everything of an account. */
  readonly stopDesk?: StopDesk | undefined;
  readonly verifySignature: WebhookParts["verifySignature"];
  readonly readDelivery: WebhookParts["readDelivery"];
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly registry: Pick<Registry, "metrics" | "contentType">;
  /** Styles and scripts of the report's page. */
  readonly assets: HtmlAssets;
  /** Where GitHub's pages for people are, `https://github.com`. */
  readonly githubUrl: string;
  /** What `drydock doctor` asks; undefined answers it nothing. */
  readonly doctor?: DoctorSource | undefined;
  /** What `drydock freeze` sets and lifts, for whoever `doctor` answers. */
  readonly stops?: ServerStops | undefined;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly randomBytes: (size: number) => Buffer;
  readonly limits?: Partial<WebhookLimits>;
  /** Milliseconds that requests in flight get when the server stops; ten seconds unless told. */
  readonly grace?: number;
}

export interface WebServer {
  /** Rejects when an address cannot be listened on; nothing listens then. */
  start(): Promise<{ readonly port: number; readonly metricsPort: number }>;
  /** Takes nothing new and lets what is in flight end, within the grace. */
  stop(): Promise<void>;
}

/** Milliseconds: GitHub gives no delivery longer. */
const GRACE = 10_000;

/** Webhooks in, pages out, and metrics on an address of their own. Nothing listens before `start`. */
export function createWebServer(parts: WebServerParts): WebServer {
  const { config, grace = GRACE } = parts;
  const servers: ListeningServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(servers.splice(0).map((server) => server.close(grace)));
  };
  return {
    start: async () => {
      try {
        const main = await listen(createApp(parts), config.HOST, config.PORT);
        servers.push(main);
        const metrics = await listen(createMetricsApp(parts), config.METRICS_HOST, config.METRICS_PORT);
        servers.push(metrics);
        return { port: main.port, metricsPort: metrics.port };
      } catch (error) {
        await stop();
        throw error;
      }
    },
    stop,
  };
}

function createApp(parts: WebServerParts): WebApp {
  const { config, log, now } = parts;
  const app: WebApp = new Hono<WebEnvironment>();
  app.use("*", secureHeaders(config.PUBLIC_URL?.startsWith("https:") === true));
  const receive = createWebhookReceiver({ ...parts, appId: config.APP_ID, secret: config.WEBHOOK_SECRET });
  app.post(config.WEBHOOK_PATH, async (context) => {
    const { status, text } = await receive(context.env.incoming);
    return context.text(`${text}\n`, status);
  });
  addHealth(app, createReadiness(parts.readiness, now, log));
  addPages(app, parts);
  answerFailures(app, log);
  return app;
}

function addHealth(app: WebApp, readReadiness: ReturnType<typeof createReadiness>): void {
  app.get("/healthz", (context) => context.text("ok\n"));
  app.get("/readyz", async (context) => {
    const { status, body } = await readReadiness();
    return context.json(body, status);
  });
}

function createMetricsApp({ registry, doctor, stops, log }: WebServerParts): WebApp {
  const app: WebApp = new Hono<WebEnvironment>();
  app.use("*", secureHeaders(false));
  app.get("/metrics", async (context) =>
    context.body(await registry.metrics(), 200, { "Content-Type": registry.contentType }),
  );
  if (doctor !== undefined) addDoctor(app, doctor);
  if (doctor !== undefined && stops !== undefined) addStops(app, stops, doctor);
  answerFailures(app, log);
  return app;
}
