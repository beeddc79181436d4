import { setTimeout as delay } from "node:timers/promises";
import { bodyLimit } from "hono/body-limit";
import type { StopDesk } from "../../jobs/ports.ts";
import { markup } from "../../report/html/markup.ts";
import type { Session } from "../ports.ts";
import { isFromOwnPage } from "../same-origin.ts";
import type { Visitors } from "../visitors.ts";
import type { WebApp, WebContext } from "../web-app.ts";
import { DENIAL, pathOf, type SendPage, type SignInDoor } from "./add-pages.ts";
import { DURATIONS, writeStopPage } from "./write-stop-page.ts";
import { writeWords } from "./write-page.ts";

export interface StopPagesParts {
  readonly desk: StopDesk;
  readonly door: SignInDoor | undefined;
  readonly visitors: Visitors;
  readonly send: SendPage;
}

const OWNER = "/stops/:owner{[A-Za-z0-9_.-]+}";

/**
 * The button that stops everything of an account. Whoever may not is told what somebody is told who asks for a page that
 * does not exist. Forms count from our own pages alone.
 */
export function addStopPages(app: WebApp, parts: StopPagesParts): void {
  app.use("/stops/*", bodyLimit({ maxSize: 10_000 }));
  app.get(OWNER, async (context) => {
    const visitor = await parts.visitors.read(context);
    if (visitor === undefined) return await sendSignIn(context, parts);
    return await sendDesk(context, visitor, parts);
  });
  app.post(OWNER, async (context) =>
    change(context, parts, async (owner, { actor }, form) => {
      const duration = DURATIONS.get(form("duration"));
      if (duration === undefined) return { problem: "choose when it ends" };
      return await parts.desk.stop(owner, actor, { reason: form("reason").trim(), duration: duration.milliseconds });
    }),
  );
  app.post(`${OWNER}/lift`, async (context) =>
    change(context, parts, async (owner, { actor }, form) => {
      const isId = /^\d{1,15}$/u.test(form("id"));
      return isId ? await parts.desk.lift(owner, actor, Number(form("id"))) : { problem: "there is no such stop" };
    }),
  );
}

/** Undefined for somebody who may not. */
type Change = (
  owner: string,
  visitor: Session,
  form: (name: string) => string,
) => Promise<{ readonly problem?: string | undefined } | undefined>;

async function change(context: WebContext, parts: StopPagesParts, carryOut: Change): Promise<Response> {
  const isSoonEnough = delay(DENIAL, undefined, { ref: false });
  if (!isFromOwnPage(context, parts.door?.origin)) return context.text("Do that on a page of this server.\n", 403);
  const visitor = await parts.visitors.read(context);
  if (visitor === undefined) return await sendSignIn(context, parts);
  const fields = await context.req.parseBody();
  const owner = context.req.param("owner") ?? "";
  const done = await carryOut(owner, visitor, (name) => {
    const value = fields[name];
    return typeof value === "string" ? value : "";
  });
  if (done === undefined) {
    await isSoonEnough;
    return await context.notFound();
  }
  if (done.problem !== undefined) return await sendDesk(context, visitor, parts, done.problem);
  return context.redirect(`/stops/${owner}`, 303);
}

async function sendDesk(
  context: WebContext,
  visitor: Session,
  { desk, send }: StopPagesParts,
  problem?: string,
): Promise<Response> {
  const isSoonEnough = delay(DENIAL, undefined, { ref: false });
  const found = await desk.look(context.req.param("owner") ?? "", visitor.actor);
  if (found === undefined) {
    await isSoonEnough;
    return await context.notFound();
  }
  const title = `Stop everything of ${found.account}`;
  return await send(context, problem === undefined ? 200 : 400, visitor, {
    title,
    body: writeStopPage(found, problem),
  });
}

async function sendSignIn(context: WebContext, { door, send }: StopPagesParts): Promise<Response> {
  if (door === undefined) return await context.notFound();
  const to = encodeURIComponent(pathOf(context).replace(/\/lift$/u, ""));
  const body = writeWords("Sign in to stop everything", [
    "Whoever administers an organisation's .github repository may. Signing in tells Drydock who you are and nothing else.",
    markup`<a class="button" href="/sign-in?to=${to}">Sign in with GitHub</a>`,
  ]);
  return await send(context, 401, undefined, { title: "Sign in", body });
}
