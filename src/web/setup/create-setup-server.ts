import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ServerSettings } from "../../config/server.ts";
import type { Log } from "../../jobs/ports.ts";
import { RefusedFault } from "../../model/index.ts";
import type { Markup } from "../../report/html/markup.ts";
import type { HtmlAssets } from "../../report/index.ts";
import { answerFailures } from "../answer-failures.ts";
import type { WebServer } from "../create-web-server.ts";
import { describeCause } from "../describe-cause.ts";
import { isSameText } from "../is-same-text.ts";
import { listen, type ListeningServer } from "../listen.ts";
import { CALLBACK_PATH } from "../pages/add-sign-in.ts";
import { addAssets, sendText } from "../pages/page-assets.ts";
import { writePage } from "../pages/write-page.ts";
import { isFromOwnPage } from "../same-origin.ts";
import { createSealedBox } from "../sealed-box.ts";
import { secureHeaders, writePagePolicy } from "../security-headers.ts";
import type { WebApp, WebContext, WebEnvironment } from "../web-app.ts";
import { reserveCredentials } from "./keep-credentials.ts";
import { createSetupGate, SETUP_SECONDS, type SetupGate } from "./setup-gate.ts";
import { writeChoicePage, writeHandOverPage, writeSetupFailure, writeTokenPage } from "./write-setup-pages.ts";

/** The App that GitHub made. */
export interface MadeApp {
  readonly appId: number;
  readonly htmlUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly webhookSecret: string;
  readonly privateKey: string;
}

export interface AppRequest {
  readonly url: string;
  readonly name: string;
  readonly set: "checks only" | "full";
  readonly webhookPath: string;
  readonly redirectPath: string;
  readonly callbackPath: string;
}

export interface SetupServerParts {
  readonly settings: Pick<ServerSettings, "HOST" | "PORT" | "PUBLIC_URL" | "WEBHOOK_PATH" | "DRYDOCK_DATA">;
  /** Where GitHub's pages for people are. */
  readonly githubUrl: string;
  /** The value of the form that GitHub takes. */
  readonly buildManifest: (request: AppRequest) => object;
  /** Exchanges GitHub's code, once. Rejects with a RefusedFault when GitHub does not know the code. */
  readonly convertManifest: (code: string) => Promise<MadeApp>;
  /** The App's credentials are written and the browser is on its way to GitHub: the real server can start. */
  readonly onCreated: () => void;
  readonly assets: HtmlAssets;
  readonly log: Log;
  readonly now: () => number;
  readonly randomBytes: (size: number) => Buffer;
}

export const SETUP_CALLBACK_PATH = "/setup/callback";
/** Milliseconds. */
const GRACE = 2000;

/** The one App that is being made; a new choice takes its place. */
interface Pending {
  readonly state: string;
  readonly url: string;
  readonly expiresAt: number;
}

interface Setup extends SetupServerParts {
  readonly gate: SetupGate;
  readonly send: (context: WebContext, status: 200 | 400 | 403 | 404, title: string, body: Markup) => Promise<Response>;
  pending: Pending | undefined;
}

/**
 * What `serve` is while there is no GitHub App: pages that make one by GitHub's manifest flow. Webhooks are not taken,
 * so GitHub has them in its list of failures. The token that opens the pages is logged by `start`.
 */
export function createSetupServer(
  parts: SetupServerParts,
): Omit<WebServer, "start"> & { start(): Promise<{ port: number }> } {
  let server: ListeningServer | undefined;
  return {
    start: async () => {
      const { app, token } = createSetupApp(parts);
      server = await listen(app, parts.settings.HOST, parts.settings.PORT);
      const address = parts.settings.PUBLIC_URL ?? `http://${parts.settings.HOST}:${server.port}`;
      parts.log.warn({ address, token }, "there is no GitHub App yet: open the address and enter the token");
      return { port: server.port };
    },
    stop: async () => await server?.close(GRACE),
  };
}

function createSetupApp(parts: SetupServerParts): { readonly app: WebApp; readonly token: string } {
  const { settings, randomBytes, log, githubUrl } = parts;
  const app: WebApp = new Hono<WebEnvironment>();
  const isHttps = settings.PUBLIC_URL?.startsWith("https:") === true;
  app.use("*", secureHeaders(isHttps));
  app.use("*", bodyLimit({ maxSize: 10_000 }));
  const assets = addAssets(app, parts.assets);
  const box = createSealedBox(randomBytes(32).toString("hex"), "set-up cookie", randomBytes);
  const gate = createSetupGate({ ...parts, box, isHttps });
  const policy = writePagePolicy([new URL(githubUrl).origin]);
  const setup: Setup = {
    ...parts,
    gate,
    pending: undefined,
    send: (context, status, title, body) =>
      sendText(context, status, writePage({ title, body }, assets), {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
      }),
  };
  addSteps(app, setup);
  app.get("/healthz", (context) => context.text("ok\n"));
  app.get("/readyz", (context) => context.json({ ready: false, notReady: ["app"] }, 503));
  app.post(settings.WEBHOOK_PATH, (context) => context.text("There is no App here yet.\n", 503));
  app.notFound((context) => context.text("There is no such page.\n", 404));
  answerFailures(app, log);
  return { app, token: gate.token };
}

function addSteps(app: WebApp, setup: Setup): void {
  const { gate, send, settings } = setup;
  app.get("/", async (context) =>
    gate.isOpen(context)
      ? await send(
          context,
          200,
          "Set up",
          writeChoicePage(addressOf(context, setup), settings.PUBLIC_URL !== undefined),
        )
      : await send(context, 200, "Set up", writeTokenPage()),
  );
  app.post("/setup/token", async (context) => {
    const { token } = await context.req.parseBody();
    const isIn =
      isFromOwnPage(context, settings.PUBLIC_URL) && gate.enter(context, typeof token === "string" ? token : "");
    if (isIn) return context.redirect("/", 303);
    const problem = "This is not the token, or it was used, or an hour is over.";
    return await send(context, 403, "Set up", writeTokenPage(problem));
  });
  app.post("/setup/app", async (context) => {
    if (!gate.isOpen(context) || !isFromOwnPage(context, settings.PUBLIC_URL)) return context.redirect("/", 303);
    return await handOver(context, setup);
  });
  app.get(SETUP_CALLBACK_PATH, async (context) => await takeOver(context, setup));
  app.get("/setup/failed", async (context) =>
    send(context, 400, "Not set up", writeSetupFailure(context.req.query("why"))),
  );
}

/** Behind a proxy the browser's own idea of the address is the better one; it can be changed in the form. */
function addressOf(context: WebContext, { settings }: Setup): string {
  const protocol = context.req.header("x-forwarded-proto") === "https" ? "https" : "http";
  return settings.PUBLIC_URL ?? `${protocol}://${new URL(context.req.url).host}`;
}

async function handOver(context: WebContext, setup: Setup): Promise<Response> {
  const { settings, send, randomBytes, now, githubUrl } = setup;
  const form = await context.req.parseBody();
  const owner = typeof form["owner"] === "string" ? form["owner"].trim() : "";
  const url = settings.PUBLIC_URL ?? readOrigin(form["url"]);
  const set = form["set"] === "checks only" ? form["set"] : "full";
  if (url === undefined || !/^(?:[a-z\d](?:[a-z\d-]{0,38}))?$/iu.test(owner)) {
    const problem = url === undefined ? "The address is none, or has a path." : "This is no name of an organisation.";
    const page = writeChoicePage(url ?? addressOf(context, setup), settings.PUBLIC_URL !== undefined, problem);
    return await send(context, 400, "Set up", page);
  }
  const state = randomBytes(32).toString("base64url");
  setup.pending = { state, url, expiresAt: now() + SETUP_SECONDS * 1000 };
  const manifest = setup.buildManifest({
    url,
    set,
    name: `drydock-${randomBytes(3).toString("hex")}`,
    webhookPath: settings.WEBHOOK_PATH,
    redirectPath: SETUP_CALLBACK_PATH,
    callbackPath: CALLBACK_PATH,
  });
  const place = owner === "" ? "" : `/organizations/${owner}`;
  const action = `${githubUrl}${place}/settings/apps/new?state=${state}`;
  const page = writeHandOverPage({
    action,
    manifest: JSON.stringify(manifest),
    place: "DRYDOCK_DATA/app.json",
    unreachable: isOnThisMachine(url) && !isOnThisMachine(githubUrl) ? new URL(url).host : undefined,
  });
  return await send(context, 200, "Create the App", page);
}

function isOnThisMachine(url: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/u.test(new URL(url).hostname);
}

function readOrigin(value: unknown): string | undefined {
  if (typeof value !== "string" || !URL.canParse(value)) return undefined;
  const { protocol, origin, href } = new URL(value);
  return /^https?:$/u.test(protocol) && href === `${origin}/` ? origin : undefined;
}

/** GitHub sent the browser back: what stands in the address is used once and redirected away. */
async function takeOver(context: WebContext, setup: Setup): Promise<Response> {
  const { pending, gate, now, onCreated } = setup;
  const { code = "", state = "" } = context.req.query();
  const fail = (why: string): Response => context.redirect(`/setup/failed?why=${why}`, 303);
  if (!gate.isOpen(context) || pending === undefined || pending.expiresAt <= now()) return fail("expired");
  if (!isSameText(state, pending.state)) return fail("expired");
  setup.pending = undefined;
  const made = await makeApp(code, pending.url, setup);
  if (typeof made === "string") return fail(made);
  // After the answer is on its way: whoever hears of it may stop this server at once.
  setImmediate(onCreated);
  const isOnGitHub = new URL(made.htmlUrl).origin === new URL(setup.githubUrl).origin;
  return context.redirect(isOnGitHub ? `${made.htmlUrl}/installations/new` : setup.githubUrl, 303);
}

async function makeApp(code: string, url: string, setup: Setup): Promise<MadeApp | string> {
  const { settings, log, randomBytes } = setup;
  const tell = (step: string, why: string) => (cause: unknown) => {
    log.error({ step, cause: describeCause(cause) }, "the App could not be set up");
    return cause instanceof RefusedFault ? "refused" : why;
  };
  const place = await reserveCredentials(settings.DRYDOCK_DATA, randomBytes(6).toString("hex")).catch(
    tell("reserve", "storage"),
  );
  if (typeof place === "string") return place;
  try {
    const made = await setup.convertManifest(code).catch(tell("convert", "away"));
    if (typeof made === "string") return made;
    const credentials = {
      APP_ID: String(made.appId),
      PRIVATE_KEY: made.privateKey,
      WEBHOOK_SECRET: made.webhookSecret,
      CLIENT_ID: made.clientId,
      CLIENT_SECRET: made.clientSecret,
      PUBLIC_URL: url,
    };
    const problem = await place.keep(credentials).then(() => undefined, tell("keep", "lost"));
    if (problem !== undefined) return problem;
    log.info({ appId: made.appId, page: made.htmlUrl }, "the App is set up");
    return made;
  } finally {
    await place.release();
  }
}
