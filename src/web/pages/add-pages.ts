import type { ServerConfig } from "../../config/server.ts";
import type { Log, StopDesk } from "../../jobs/ports.ts";
import type { HtmlAssets } from "../../report/index.ts";
import type { Access, PageRecords, Session, SignIn } from "../ports.ts";
import { createSealedBox } from "../sealed-box.ts";
import { writePagePolicy } from "../security-headers.ts";
import { createVisitors, type Visitors } from "../visitors.ts";
import type { WebApp, WebContext } from "../web-app.ts";
import { addHome } from "./add-home.ts";
import { addReportPages } from "./add-report-pages.ts";
import { addSignIn } from "./add-sign-in.ts";
import { addStopPages } from "./add-stop-pages.ts";
import { addAssets, sendText } from "./page-assets.ts";
import { writeAccount, writePage, type PageParts } from "./write-page.ts";

export interface PagesParts {
  readonly config: Pick<ServerConfig, "PRIVATE_KEY" | "PUBLIC_URL" | "DRYDOCK_PUBLIC_PAGES">;
  readonly pages: PageRecords;
  readonly signIn: SignIn | undefined;
  readonly access: Access;
  /** Undefined: nobody stops anything on these pages. */
  readonly stopDesk?: StopDesk | undefined;
  readonly assets: HtmlAssets;
  readonly githubUrl: string;
  readonly log: Log;
  readonly now: () => number;
  readonly randomBytes: (size: number) => Buffer;
}

export type PageStatus = Parameters<typeof sendText>[1];
export type SendPage = (
  context: WebContext,
  status: PageStatus,
  visitor: Session | undefined,
  page: Omit<PageParts, "account">,
) => Promise<Response>;

/** Milliseconds that every "no" takes at least, so that its time does not tell what its words do not. */
export const DENIAL = 1000;

/** How somebody signs in here. */
export interface SignInDoor {
  readonly signIn: SignIn;
  readonly origin: string;
}

/** Every page of the server, each for visitors who may read it. */
export function addPages(app: WebApp, parts: PagesParts): void {
  const { config, pages: records, randomBytes, now, log } = parts;
  const isHttps = config.PUBLIC_URL?.startsWith("https:") === true;
  const visitors: Visitors = createVisitors({ records, isHttps, now, randomBytes });
  const assets = addAssets(app, parts.assets);
  const door =
    parts.signIn === undefined || config.PUBLIC_URL === undefined
      ? undefined
      : { signIn: parts.signIn, origin: config.PUBLIC_URL };
  const send: SendPage = async (context, status, visitor, page) => {
    const account = door === undefined ? undefined : writeAccount(visitor, pathOf(context));
    return await sendText(context, status, writePage({ ...page, account }, assets), {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": writePagePolicy(),
    });
  };
  addHome(app, { visitors, send, isSignInReady: door !== undefined });
  addSignIn(app, {
    door,
    visitors,
    send,
    isHttps,
    now,
    randomBytes,
    log,
    box: sealer(config.PRIVATE_KEY, randomBytes),
  });
  if (parts.stopDesk !== undefined) addStopPages(app, { desk: parts.stopDesk, door, visitors, send });
  addReportPages(app, { ...parts, door, visitors, send });
}

function sealer(secret: string, randomBytes: (size: number) => Buffer): ReturnType<typeof createSealedBox> {
  return createSealedBox(secret, "sign-in cookie", randomBytes);
}

/** The path of a request with its query, as it was asked for. */
export function pathOf(context: WebContext): string {
  const { pathname, search } = new URL(context.req.url);
  return `${pathname}${search}`;
}
