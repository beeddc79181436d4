import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { getCookie } from "hono/cookie";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { listFiles, readFileAt } from "../../sandbox/git/index.ts";
import { isFromOwnPage } from "../../web/same-origin.ts";
import { secureHeaders } from "../../web/security-headers.ts";
import type { WebApp, WebContext, WebEnvironment } from "../../web/web-app.ts";
import type { Stage } from "../set-stage.ts";
import { addActions, PERSON } from "./add-actions.ts";
import { readPull, type PullView } from "./read-pull.ts";
import { writeChecks } from "./write-checks.ts";
import { writeEditor, writeFiles } from "./write-files.ts";
import { writeList } from "./write-list.ts";
import { writePull } from "./write-pull.ts";
import { ASSETS, hashPage, SITE, writeShell, type Page, type Visitor } from "./write-shell.ts";

/** Answers requests for pages; false for any other, untouched. */
export type ServePage = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

const NUMBER = ":number{[1-9][0-9]{0,5}}";
export const PULL = `${SITE}/pull/${NUMBER}`;

/** The pages of the stage's repository, at the addresses where GitHub has them. */
export function createSite(stage: Stage): ServePage {
  const app: WebApp = new Hono<WebEnvironment>();
  const { host, origin } = new URL(stage.sandbox.url);
  app.use("*", secureHeaders(false));
  app.use("*", async (context, next) => {
    // A name that somebody else points to this machine is not ours to answer to.
    if (context.req.header("host") !== host) return context.text("This is another server.\n", 421);
    if (context.req.method === "POST" && !isFromOwnPage(context as WebContext, origin))
      return context.text("Forms are sent from pages of this server.\n", 403);
    await next();
    return undefined;
  });
  addAssets(app);
  addViews(app, stage);
  addActions(app, stage, PULL);
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  return async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", origin);
    if (!["/", SITE].includes(pathname) && ![SITE, ASSETS].some((prefix) => pathname.startsWith(`${prefix}/`)))
      return false;
    await listener(request, response);
    return true;
  };
}

const FILES = [
  ["page.css", "../../report/html/page.css", "text/css; charset=utf-8"],
  ["site.css", "./site.css", "text/css; charset=utf-8"],
  ["site.js", "./site.js", "text/javascript; charset=utf-8"],
] as const;

function addAssets(app: WebApp): void {
  for (const [name, file, type] of FILES) {
    const text = readFileSync(new URL(file, import.meta.url), "utf8");
    app.get(`${ASSETS}/${name}`, (context) => context.body(text, 200, { "Content-Type": type }));
  }
}

function addViews(app: WebApp, stage: Stage): void {
  const { repository } = stage;
  for (const path of ["/", SITE]) app.get(path, (context) => context.redirect(`${SITE}/pulls`, 302));
  app.get(`${SITE}/pulls`, (context) => send(context, stage, writeList(stage)));
  const add = (tab: string, write: (view: PullView, context: WebContext) => Page | Promise<Page>): void => {
    app.get(`${PULL}${tab}`, async (context) => {
      const view = await readPull(stage, Number(context.req.param("number")));
      return view === undefined ? context.notFound() : send(context, stage, await write(view, context));
    });
  };
  add("", (view, context) => writePull(stage, view, readVisitor(context, stage)));
  add("/checks", (view) => writeChecks(stage, view));
  add("/files", async (view) => {
    const { pull } = view;
    return writeFiles(stage, view, pull.state === "open" ? (await listFiles(repository, pull.headSha)).keys() : []);
  });
  add("/edit", async (view, context) => {
    const path = context.req.query("path") ?? "";
    const content = await readFileAt(repository, view.pull.headSha, path);
    return writeEditor(view, path, content?.toString("utf8") ?? "", readVisitor(context, stage));
  });
}

/** The whole page; for the page's own script only what changes by itself, and nothing when that did not change. */
function send(context: WebContext, stage: Stage, page: Page): Response {
  const tag = hashPage(page);
  const headers = { ETag: tag, "Content-Type": "text/html; charset=utf-8" };
  if (context.req.query("live") === undefined) {
    const text = writeShell(page, stage, readVisitor(context, stage));
    return context.body(text, 200, { ...headers, "Content-Security-Policy": POLICY });
  }
  if (context.req.header("if-none-match") === tag) return context.body(null, 304, { ETag: tag });
  return context.body(page.live.text, 200, headers);
}

function readVisitor(context: WebContext, { people }: Stage): Visitor {
  const chosen = getCookie(context, PERSON) ?? "";
  const [first = ""] = people.keys();
  const { pathname, search } = new URL(context.req.url);
  return { login: people.has(chosen) ? chosen : first, here: `${pathname}${search}` };
}
