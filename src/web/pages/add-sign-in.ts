import { createHash } from "node:crypto";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { z } from "zod";
import type { Log } from "../../jobs/ports.ts";
import { type Actor, Fault, RefusedFault } from "../../model/index.ts";
import { markup } from "../../report/html/markup.ts";
import { describeCause } from "../describe-cause.ts";
import { isSameText } from "../is-same-text.ts";
import { toOwnPath } from "../own-path.ts";
import { isFromOwnPage } from "../same-origin.ts";
import type { SignIn } from "../ports.ts";
import type { SealedBox } from "../sealed-box.ts";
import { describeCookie, type Visitors } from "../visitors.ts";
import type { WebApp, WebContext } from "../web-app.ts";
import type { SendPage, SignInDoor } from "./add-pages.ts";
import { writeWords } from "./write-page.ts";

export interface SignInParts {
  /** Undefined: nobody can sign in here. */
  readonly door: SignInDoor | undefined;
  readonly visitors: Visitors;
  readonly send: SendPage;
  readonly box: SealedBox;
  readonly isHttps: boolean;
  readonly log: Log;
  readonly now: () => number;
  readonly randomBytes: (size: number) => Buffer;
}

export const CALLBACK_PATH = "/sign-in/callback";
/** Seconds that somebody may take on GitHub's page. */
const PATIENCE = 600;
/** Answers that GitHub is asked about at once: anybody can begin a sign-in and come back with one that is made up. */
const MOST_AT_ONCE = 10;

const attemptSchema = z.object({ state: z.string(), verifier: z.string(), to: z.string(), expiresAt: z.number() });
type Attempt = z.output<typeof attemptSchema>;

/** Why nobody was signed in; the words that stand in an address. */
const FAILURES: ReadonlyMap<string, string> = new Map([
  ["cancelled", "GitHub says that you did not let Drydock know who you are."],
  ["expired", "The sign-in took too long, or began in another browser or tab."],
  ["refused", "GitHub did not accept the sign-in."],
  ["away", "GitHub could not be reached just now."],
]);

/**
 * Sign-in with GitHub: `state` and the PKCE verifier travel in a sealed cookie, and what GitHub sends back in the
 * address is redirected away at once.
 */
export function addSignIn(app: WebApp, parts: SignInParts): void {
  app.get("/sign-in", async (context) => await begin(context, parts));
  let asked = 0;
  const identify: SignIn["identify"] = async (answer) => {
    if (parts.door === undefined || asked >= MOST_AT_ONCE) throw new Fault("too many sign-ins at once");
    asked += 1;
    try {
      return await parts.door.signIn.identify(answer);
    } finally {
      asked -= 1;
    }
  };
  app.get(CALLBACK_PATH, async (context) => await finish(context, parts, identify));
  app.get("/sign-in/failed", async (context) => {
    const why = FAILURES.get(context.req.query("why") ?? "") ?? "Nobody was signed in.";
    const body = writeWords("You are not signed in", [why, markup`<a href="/sign-in">Try again</a>`]);
    return await parts.send(context, 400, undefined, { title: "Not signed in", body });
  });
  app.post("/sign-out", async (context) => {
    if (!isFromOwnPage(context, parts.door?.origin)) return context.text("Sign out on a page of this server.\n", 403);
    await parts.visitors.end(context);
    return context.redirect("/", 303);
  });
}

async function begin(context: WebContext, parts: SignInParts): Promise<Response> {
  const { door, randomBytes, now, box, isHttps } = parts;
  if (door === undefined) {
    const words = "The operator of this server has to set PUBLIC_URL, CLIENT_ID and CLIENT_SECRET first.";
    const body = writeWords("Signing in is not set up", [words]);
    return await parts.send(context, 503, undefined, { title: "Not set up", body });
  }
  const attempt: Attempt = {
    state: randomBytes(32).toString("base64url"),
    verifier: randomBytes(32).toString("base64url"),
    to: toOwnPath(context.req.query("to")),
    expiresAt: now() + PATIENCE * 1000,
  };
  const { name, options } = describeCookie("sign-in", isHttps);
  setCookie(context, name, box.seal(JSON.stringify(attempt)), { ...options, maxAge: PATIENCE });
  const challenge = createHash("sha256").update(attempt.verifier).digest("base64url");
  const redirect = `${door.origin}${CALLBACK_PATH}`;
  return context.redirect(door.signIn.authorizeUrl({ state: attempt.state, challenge, redirect }), 302);
}

async function finish(context: WebContext, parts: SignInParts, identify: SignIn["identify"]): Promise<Response> {
  const { door, visitors, isHttps, box, now, log } = parts;
  const { name, options } = describeCookie("sign-in", isHttps);
  const attempt = readAttempt(getCookie(context, name), box);
  deleteCookie(context, name, options);
  const fail = (why: string): Response => context.redirect(`/sign-in/failed?why=${why}`, 303);
  const { code, state, error } = context.req.query();
  if (door === undefined || attempt === undefined || attempt.expiresAt <= now()) return fail("expired");
  if (!isSameText(state ?? "", attempt.state)) return fail("expired");
  if (error !== undefined) return fail("cancelled");
  let actor: Actor;
  try {
    const redirect = `${door.origin}${CALLBACK_PATH}`;
    actor = await identify({ code: code ?? "", verifier: attempt.verifier, redirect });
  } catch (cause) {
    log.warn({ cause: describeCause(cause) }, "a sign-in failed");
    return fail(cause instanceof RefusedFault ? "refused" : "away");
  }
  await visitors.begin(context, actor);
  return context.redirect(attempt.to, 303);
}

function readAttempt(cookie: string | undefined, box: SealedBox): Attempt | undefined {
  const text = cookie === undefined ? undefined : box.open(cookie);
  return text === undefined ? undefined : attemptSchema.safeParse(JSON.parse(text)).data;
}
