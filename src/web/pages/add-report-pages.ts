import { setTimeout as delay } from "node:timers/promises";
import type { ServerConfig } from "../../config/server.ts";
import type { Log, RepositoryFacts } from "../../jobs/ports.ts";
import { markup } from "../../report/html/markup.ts";
import type { Access, KeptJudgement, PageRecords, Session } from "../ports.ts";
import { rememberAccess } from "../remember-access.ts";
import type { Visitors } from "../visitors.ts";
import type { WebApp, WebContext } from "../web-app.ts";
import { DENIAL, pathOf, type SendPage, type SignInDoor } from "./add-pages.ts";
import { writeReportPage, type ReportPlace } from "./write-report-page.ts";
import { writeWords } from "./write-page.ts";

export interface ReportPagesParts {
  readonly config: Pick<ServerConfig, "DRYDOCK_PUBLIC_PAGES">;
  readonly pages: PageRecords;
  readonly access: Access;
  readonly door: SignInDoor | undefined;
  readonly visitors: Visitors;
  readonly send: SendPage;
  readonly githubUrl: string;
  readonly log: Log;
  readonly now: () => number;
}

/** What a repository, pull request or commit may look like in an address. */
const REPOSITORY = "/:owner{[A-Za-z0-9_.-]+}/:repo{[A-Za-z0-9_.-]+}";
const NUMBER = ":number{[1-9][0-9]{0,8}}";
const NUMBER_JSON = ":number{[1-9][0-9]{0,8}[.]json}";
const RUN = ":run{[A-Za-z0-9_-]{1,64}}";
const RUN_JSON = ":run{[A-Za-z0-9_-]{1,64}[.]json}";
const SHA = ":sha{[0-9a-f]{40,64}}";
const SHA_JSON = ":sha{[0-9a-f]{40,64}[.]json}";

/** Pages of pull requests and merge groups, for those who can read the repository on GitHub. */
export function addReportPages(app: WebApp, parts: ReportPagesParts): void {
  const access = rememberAccess(parts.access, parts.now, parts.log);
  const open = (context: WebContext): Promise<Response> => openReport(context, { ...parts, access });
  for (const number of [NUMBER, NUMBER_JSON]) app.get(`${REPOSITORY}/pull/${number}`, open);
  for (const run of [RUN, RUN_JSON]) app.get(`${REPOSITORY}/pull/${NUMBER}/runs/${run}`, open);
  for (const sha of [SHA, SHA_JSON]) app.get(`${REPOSITORY}/group/${sha}`, open);
  app.notFound(async (context) => await sendNoPage(context, await parts.visitors.read(context), parts.send));
}

async function openReport(context: WebContext, parts: ReportPagesParts): Promise<Response> {
  const isSoonEnough = delay(DENIAL, undefined, { ref: false });
  const visitor = await parts.visitors.read(context);
  const { owner = "", repo = "" } = context.req.param();
  const repository = await parts.pages.findRepository(owner, repo);
  if (repository !== undefined && (await mayRead(visitor, repository, parts))) {
    return await sendReport(context, visitor, repository, parts);
  }
  if (visitor === undefined) return await sendSignIn(context, parts);
  await isSoonEnough;
  return await sendNoPage(context, visitor, parts.send);
}

async function mayRead(
  visitor: Session | undefined,
  repository: RepositoryFacts,
  { access, config }: ReportPagesParts,
): Promise<boolean> {
  if (config.DRYDOCK_PUBLIC_PAGES && !repository.isPrivate) return true;
  return visitor !== undefined && (await access.canRead(visitor.actor, repository));
}

/** The same for every address, whether there is something behind it or not. */
async function sendSignIn(context: WebContext, { door, send }: ReportPagesParts): Promise<Response> {
  if (door === undefined) return await sendNoPage(context, undefined, send);
  const to = encodeURIComponent(pathOf(context));
  const body = writeWords("Sign in to read this report", [
    "Reports are shown to those who can read the repository on GitHub. Signing in tells Drydock who you are and nothing else.",
    markup`<a class="button" href="/sign-in?to=${to}">Sign in with GitHub</a>`,
  ]);
  return await send(context, 401, undefined, { title: "Sign in", body });
}

/** One page for what does not exist and for what this visitor may not read: none can be told from the other. */
async function sendNoPage(context: WebContext, visitor: Session | undefined, send: SendPage): Promise<Response> {
  const body = writeWords("There is no such page", [
    "Or you cannot read its repository on GitHub, or GitHub could not be asked just now. Whoever was given access a moment ago sees it within a minute.",
  ]);
  return await send(context, 404, visitor, { title: "No such page", body });
}

interface Found {
  readonly place: ReportPlace;
  readonly kept: KeptJudgement | undefined;
}

async function find(context: WebContext, repository: RepositoryFacts, pages: PageRecords): Promise<Found> {
  const trim = (text: string | undefined): string | undefined => text?.replace(/[.]json$/u, "");
  const { number: numberText, run: runText, sha: shaText } = context.req.param();
  const [number, run, sha] = [trim(numberText), trim(runText), trim(shaText)];
  if (number === undefined) {
    const headSha = sha ?? "";
    const kept = await pages.readGroupJudgement(repository.repositoryId, headSha);
    return { kept, place: { kind: "group", repository, headSha } };
  }
  const key = { repositoryId: repository.repositoryId, number: Number(number) };
  const [history, kept] = await Promise.all([pages.listJudgements(key), pages.readJudgement(key, run)]);
  return { kept, place: { kind: "pull", repository, number: key.number, history } };
}

async function sendReport(
  context: WebContext,
  visitor: Session | undefined,
  repository: RepositoryFacts,
  { pages, send, githubUrl }: ReportPagesParts,
): Promise<Response> {
  const { kept, place } = await find(context, repository, pages);
  const isJson = new URL(context.req.url).pathname.endsWith(".json");
  if (isJson && kept?.json !== undefined) {
    return context.body(kept.json, 200, { "Content-Type": "application/json; charset=utf-8" });
  }
  const status = kept === undefined ? 404 : kept.body === undefined ? 410 : 200;
  return await send(context, isJson ? 404 : status, visitor, writeReportPage(place, kept, githubUrl));
}
