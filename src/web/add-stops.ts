import type { DoctorSource } from "./add-doctor.ts";
import type { ServerStops } from "./ports.ts";
import type { WebApp } from "./web-app.ts";
import { targetOf } from "./add-doctor.ts";

/**
 * `/stops` for `drydock freeze`, on the address of the metrics and for whoever has the server's secret. What is lifted is
 * named, so that a question that somebody overheard lifts nothing that was set after it.
 */
export function addStops(
  app: WebApp,
  stops: ServerStops,
  { isOwnQuestion }: Pick<DoctorSource, "isOwnQuestion">,
): void {
  app.use("/stops/*", async (context, next) => {
    const { req } = context;
    if (!isOwnQuestion(targetOf(req.url), req.header("authorization"))) return context.json({}, 401);
    await next();
    return undefined;
  });
  app.get("/stops", async (context) => context.json({ stops: await stops.list() }));
  app.post("/stops/set", async (context) => {
    const { reason = "", until } = context.req.query();
    if (until !== undefined && !/^\d{1,16}$/u.test(until)) return context.json({}, 400);
    await stops.stopAll(reason, until === undefined ? undefined : Number(until));
    return context.json({ stops: await stops.list() });
  });
  app.post("/stops/lift", async (context) => {
    const ids = (context.req.query("ids") ?? "").split(",");
    if (!ids.every((id) => /^\d{1,15}$/u.test(id))) return context.json({}, 400);
    return context.json({ stops: await stops.lift(ids.map(Number)) });
  });
}
