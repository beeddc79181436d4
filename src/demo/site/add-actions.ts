import { getCookie, setCookie } from "hono/cookie";
import * as world from "../../sandbox/world/index.ts";
import { toOwnPath } from "../../web/own-path.ts";
import type { WebApp, WebContext } from "../../web/web-app.ts";
import type { Stage } from "../set-stage.ts";
import { pathOf } from "./write-parts.ts";
import { SITE } from "./write-shell.ts";

/** Cookie: whom the visitor plays. */
export const PERSON = "demo-person";

/** Characters; GitHub takes no longer comment, and files of the sample are small. */
const LONGEST_TEXT = 65_536;

interface Acted {
  readonly pull: world.PullRequest;
  readonly actor: world.Account;
  readonly fields: ReadonlyMap<string, string>;
  readonly context: WebContext;
}

/** Does what was asked for; a text says why it was not done. */
type Act = (acted: Acted) => string | undefined | Promise<string | undefined>;

/** What a visitor may do, each as somebody on GitHub does it in the browser. `pull` is the path of a pull request. */
export function addActions(app: WebApp, stage: Stage, pull: string): void {
  app.post(`${SITE}/person`, async (context) => {
    const fields = await readFields(context);
    const login = fields.get("person") ?? "";
    if (!stage.people.has(login)) return context.notFound();
    setCookie(context, PERSON, login, { httpOnly: true, sameSite: "Lax", path: "/" });
    return context.redirect(toOwnPath(fields.get("to")), 303);
  });
  const add = (path: string, act: Act): void => {
    app.post(`${pull}${path}`, (context) => carryOut(context, stage, act));
  };
  add("/comments", ({ pull: { id }, actor, fields }) => comment(stage, id, actor, fields.get("body") ?? ""));
  add("/approve", ({ pull: { id, authorId }, actor }) => {
    if (authorId === actor.id) return "Nobody approves what is their own.";
    world.submitReview(stage.sandbox.world, actor, { id }, { state: "APPROVED" });
    return undefined;
  });
  add("/merge", (acted) => merge(stage, acted));
  add("/edit", (acted) => push(stage, acted));
  add("/fix", (acted) => pushFix(stage, acted));
  add("/checks/:run{[0-9]+}/rerun", ({ context, actor }) =>
    withRun(stage, context, (run) => world.rerunCheck(stage.sandbox.world, actor, run)),
  );
  add("/checks/:run{[0-9]+}/actions/:action{[a-z_-]{1,20}}", ({ context, actor }) =>
    withRun(stage, context, (run) => {
      const identifier = context.req.param("action") ?? "";
      if (run.actions.some((one) => one.identifier === identifier))
        world.requestAction(stage.sandbox.world, actor, run, identifier);
    }),
  );
}

async function carryOut(context: WebContext, stage: Stage, act: Act): Promise<Response> {
  const { sandbox, repository, people } = stage;
  const pull = world.findPullRequest(sandbox.world, repository, Number(context.req.param("number")));
  const [first] = people.values();
  const actor = people.get(getCookie(context, PERSON) ?? "") ?? first;
  if (pull === undefined || actor === undefined) return context.notFound();
  const refusal = await act({ pull, actor, fields: await readFields(context), context });
  if (refusal !== undefined) return context.text(`${refusal}\n`, 409);
  const path = new URL(context.req.url).pathname;
  const tab = path.includes("/checks/") ? "/checks" : "";
  return context.redirect(pathOf(pull, tab), 303);
}

async function readFields(context: WebContext): Promise<ReadonlyMap<string, string>> {
  const fields = Object.entries(await context.req.parseBody());
  return new Map(
    fields.flatMap(([name, value]) => (typeof value === "string" ? [[name, value.replaceAll("\r\n", "\n")]] : [])),
  );
}

function comment({ sandbox }: Stage, id: number, actor: world.Account, body: string): string | undefined {
  if (body.trim() === "" || body.length > LONGEST_TEXT) return "A comment needs some text, and not too much.";
  world.addComment(sandbox.world, actor, { id }, body);
  return undefined;
}

async function merge({ sandbox }: Stage, { pull, actor }: Acted): Promise<string | undefined> {
  if (pull.state !== "open") return "It is closed already.";
  const blockers = await world.listMergeBlockers(sandbox.world, pull);
  if (blockers.length > 0) return blockers.join("\n");
  const sha = await world.mergePullRequest(sandbox.world, actor, pull);
  return sha === undefined ? "Merge conflict" : undefined;
}

async function push({ sandbox, repository }: Stage, { pull, actor, fields }: Acted): Promise<string | undefined> {
  const path = fields.get("path") ?? "";
  const content = fields.get("content") ?? "";
  if (pull.state !== "open") return "It is closed already.";
  if (!isFilePath(path) || content.length > LONGEST_TEXT) return "This file cannot be changed here.";
  const isRemoved = fields.get("do") === "remove";
  const message = fields.get("message") ?? `Change ${path}`;
  const files = new Map([[path, isRemoved ? null : content]]);
  await world.pushCommit(sandbox.world, actor, repository, {
    branch: pull.headRef,
    message,
    files: Object.fromEntries(files),
  });
  return undefined;
}

async function pushFix({ sandbox, repository, fixes }: Stage, { pull, actor }: Acted): Promise<string | undefined> {
  const fix = fixes.get(pull.headRef);
  if (pull.state !== "open" || fix === undefined) return "There is nothing to push.";
  const { title: message, files } = fix;
  await world.pushCommit(sandbox.world, actor, repository, { branch: pull.headRef, message, files });
  return undefined;
}

/** Relative, without a part that git refuses. */
function isFilePath(path: string): boolean {
  const parts = path.split("/");
  return path.length <= 500 && !/[\0\n]/u.test(path) && parts.every((part) => !/^(?:|\.|\.\.|\.git)$/iu.test(part));
}

function withRun(
  { sandbox, repository }: Stage,
  context: WebContext,
  act: (run: world.CheckRun) => void,
): string | undefined {
  const run = sandbox.world.checkRuns.get(Number(context.req.param("run")));
  if (run?.repositoryId !== repository.id) return "There is no such check.";
  act(run);
  return undefined;
}
