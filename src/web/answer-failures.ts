import { HTTPException } from "hono/http-exception";
import { routePath } from "hono/route";
import type { Log } from "../jobs/ports.ts";
import { Fault } from "../model/index.ts";
import { describeCause } from "./describe-cause.ts";
import type { WebApp } from "./web-app.ts";

/** What is thrown while an answer is made ends here: it is logged once, and the visitor is told nothing of it. */
export function answerFailures(app: WebApp, log: Log): void {
  app.onError((error, context) => {
    if (error instanceof HTTPException) return error.getResponse();
    log.error({ cause: describeCause(error), route: routePath(context) }, "a request failed");
    const isAway = error instanceof Fault && error.isRetryable;
    return isAway
      ? context.text("Drydock cannot reach what it needs for this just now. Please try again in a minute.\n", 503)
      : context.text("Something went wrong here. The server's log says what.\n", 500);
  });
}
