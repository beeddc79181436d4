import type { WebApp } from "./web-app.ts";

/** What the running server tells `drydock doctor`, which may not open the database itself. */
export interface DoctorSource {
  /** Whether a question, by its target and `Authorization` header, is from somebody who has the server's secret. */
  isOwnQuestion(target: string, header: string | undefined): boolean;
  readOverview(): Promise<object>;
  /** Undefined when there is no such repository. */
  explainPullRequest(owner: string, name: string, number: number): Promise<object | undefined>;
}

/** `/doctor` and `/doctor/pull`, for the address of the metrics: never for the one that is public. */
export function addDoctor(app: WebApp, doctor: DoctorSource): void {
  app.use("/doctor/*", async (context, next) => {
    const { req } = context;
    if (!doctor.isOwnQuestion(targetOf(req.url), req.header("authorization"))) return context.json({}, 401);
    await next();
    return undefined;
  });
  app.get("/doctor", async (context) => context.json(await doctor.readOverview()));
  app.get("/doctor/pull", async (context) => {
    const { owner = "", name = "", number = "" } = context.req.query();
    const isNumber = /^\d{1,9}$/u.test(number);
    const story = isNumber ? await doctor.explainPullRequest(owner, name, Number(number)) : undefined;
    return story === undefined ? context.json({ known: false }, 404) : context.json(story);
  });
}

/** Path and query as they were sent. */
export function targetOf(url: string): string {
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
}
