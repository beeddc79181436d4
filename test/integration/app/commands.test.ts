import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { injectFault, listAttempts, redeliver } from "../../../src/sandbox/index.ts";
import { unpackBody } from "../../../src/sandbox/webhooks/attempts.ts";
import { signWebhook } from "../../../src/sandbox/webhooks/send-webhook.ts";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createPlace, until, type Place } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const DEPLOYMENT = printDeployment();
const FILES = { "shop/web.yaml": DEPLOYMENT };
const CHANGED = { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.1.0") };
const config = (text: string) => ({ ".github/drydock.yaml": `version: 1\n${text}\n` });

/** Commands from GitHub's webhook to what stands on GitHub; each test in an organisation of its own. */
describe("commands on pull requests", { concurrency: 4 }, () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({ files: FILES, env: { DRYDOCK_CHECKS: "2" } });
  });
  after(() => app.close());

  const github = (): world.World => app.sandbox.world;
  const at = async (name: string, files: Readonly<Record<string, string>> = {}) => {
    const place = await createPlace(app, name, { files: { ...FILES, ...files } });
    const { head, pull } = await place.open("change", CHANGED);
    await place.judged(head);
    await place.quiet(300);
    return { place, head, pull };
  };
  const reactions = (id: number): readonly string[] =>
    world.select(github(), "reactions", ({ commentId }) => commentId === id).map(({ content }) => content);
  const reacted = (id: number) => until(app, "a reaction", () => reactions(id)[0]);
  const answers = (place: Place, number: number, quoted: string): readonly string[] =>
    place.comments(number).flatMap(({ body }) => (body.includes(`> \`${quoted}`) ? [body] : []));
  const say = (pull: world.Ref, text: string, actor: world.Ref = app.grace) =>
    world.addComment(github(), actor, pull, text);

  it("show the diff of an app, and how a check stands", async () => {
    const { place, pull } = await at("answers");
    assert.equal(await reacted(say(pull, "/drydock diff").id), "+1");
    const [diff] = await until(app, "a diff", () => {
      const found = answers(place, pull.number, "drydock diff");
      return found.length > 0 && found;
    });
    assert.match(
      diff ?? "",
      /-\s+image: "?registry\.example\/web:1\.0\.0"?\n\+\s+image: "?registry\.example\/web:1\.1\.0/u,
    );
    say(pull, "/drydock explain manifests");
    const [told] = await until(app, "an explanation", () => {
      const found = answers(place, pull.number, "drydock explain manifests");
      return found.length > 0 && found;
    });
    assert.match(told ?? "", /\*\*drydock\/manifests\*\* passes: /u);
    assert.equal(await reacted(say(pull, "/drydock diff shop/wab").id), "confused");
    await until(app, "a refusal", () => answers(place, pull.number, "drydock diff shop/wab").length > 0);
  });

  it("T11, T14: count in a review and on a line too, once each, for the commit that was checked", async () => {
    const { place, head, pull } = await at("reviews");
    const text = "/drydock explain policy";
    world.submitReview(github(), app.grace, pull, { state: "COMMENTED", body: text });
    await until(
      app,
      "an answer to the review",
      () => answers(place, pull.number, "drydock explain policy").length === 1,
    );
    const onLine = world.addReviewComment(github(), app.grace, pull, { path: "shop/web.yaml", body: text });
    assert.equal(await reacted(onLine.id), "+1");
    await until(app, "an answer to the line", () => answers(place, pull.number, "drydock explain policy").length === 2);
    world.editReviewComment(github(), app.grace, onLine, "/drydock explain manifests");
    await place.quiet(300);
    assert.equal(answers(place, pull.number, "drydock explain manifests").length, 0, "T09: an edit is no command");
    assert.ok(answers(place, pull.number, "drydock")[0]?.includes(head.slice(0, 10)));
  });

  it("T09, T12: are neither read out of an edit nor out of what the App said itself", async () => {
    const { place, pull } = await at("echoes");
    const first = say(pull, "please look");
    world.editComment(github(), app.ada, first, "/drydock help");
    assert.equal(await reacted(say(pull, "/drydock help").id), "+1");
    const help = await until(app, "help", () => answers(place, pull.number, "drydock help")[0]);
    const pasted = say(pull, help);
    const quoted = say(pull, help.replaceAll(/^/gmu, "> "));
    await place.quiet(300);
    for (const { id } of [first, pasted, quoted]) assert.deepEqual(reactions(id), []);
    assert.equal(answers(place, pull.number, "drydock help").length, 1);
  });

  it("T07, T02: are refused to somebody who may only read, in one comment, on their own pull request too", async () => {
    const { place, pull } = await at("readers", config("environments: { prod: { paths: [shop] } }"));
    const mallory = world.createUser(github(), "mallory-readers");
    world.setRole(github(), place.repository, mallory, "read");
    const own = await world.openPullRequest(github(), mallory, place.repository, { head: "change", base: "main" });
    for (const line of ["unhold", "lock prod", "freeze prod", "approve"]) {
      assert.equal(await reacted(say(own, `/drydock ${line}`, mallory).id), "confused", line);
    }
    const refusals = place.comments(own.number).filter(({ body }) => body.includes("Not done: "));
    assert.equal(refusals.length, 1);
    assert.equal(await reacted(say(pull, "/drydock lock prod", mallory).id), "confused");
  });

  it("T13, T08: do nothing on an issue, a closed pull request, or when a bot says them", async () => {
    const { place, pull } = await at("elsewhere");
    const issue = world.openIssue(github(), app.ada, place.repository, "hello");
    const onIssue = world.addComment(github(), app.grace, issue, "/drydock check");
    const bot = world.createUser(github(), "foo-bot");
    world.closePullRequest(github(), app.ada, pull);
    await place.quiet(300);
    assert.equal(await reacted(say(pull, "/drydock check").id), "confused");
    await place.quiet(300);
    assert.deepEqual(reactions(onIssue.id), []);
    assert.equal(await reacted(say(pull, "/drydock check", bot).id), "confused", "a name makes nobody a bot");
  });

  it("T08: do nothing of a ghost or another App, and are refused to somebody who was shut out meanwhile", async () => {
    const { place, pull } = await at("blocked", config("environments: { prod: { paths: [shop] } }"));
    const ghost = await deliver(place, pull, null);
    const bot = await deliver(place, pull, { id: 990, login: "other-app[bot]", type: "Bot" });
    const mallory = world.createUser(github(), "mallory-blocked");
    world.setRole(github(), place.repository, mallory, "write");
    assert.equal(await reacted(say(pull, "/drydock hold", mallory).id), "+1");
    assert.equal(await reacted(say(pull, "/drydock unhold", mallory).id), "+1");
    world.setRole(github(), place.repository, mallory, undefined);
    assert.equal(await reacted(say(pull, "/drydock hold", mallory).id), "confused");
    await place.quiet(300);
    for (const id of [ghost, bot]) assert.deepEqual(reactions(id), []);
    assert.doesNotMatch(
      place
        .comments(pull.number)
        .map(({ body }) => body)
        .join(),
      /> `\/drydock freeze/u,
    );
  });

  /** A comment by GitHub's own signature, of whoever wrote it. */
  async function deliver(
    { repository, organization, installation }: Place,
    pull: world.PullRequest,
    user: object | null,
  ): Promise<number> {
    const { id } = world.addComment(github(), app.grace, pull, "words");
    const payload = {
      action: "created",
      issue: { number: pull.number, pull_request: {} },
      comment: { id, body: "/drydock freeze prod", user, created_at: new Date().toISOString().replace(/\.\d+/u, "") },
      repository: { id: repository.id, name: repository.name, owner: { login: organization.login } },
      installation: { id: installation.id },
      sender: { id: app.ada.id, login: app.ada.login, type: "User" },
    };
    const body = Buffer.from(JSON.stringify(payload));
    const signed = { app: app.sandbox.app, event: "issue_comment", guid: crypto.randomUUID(), enterprise: undefined };
    const url = `http://127.0.0.1:${app.server.port}/api/github/webhooks`;
    const headers = signWebhook(signed, body);
    const { status } = await fetch(url, { method: "POST", headers, body: new Uint8Array(body) });
    assert.equal(status, 202);
    return id;
  }

  it("T10: are none in code, quotes, folds, HTML comments or look-alikes, for gate and effect alike", async () => {
    const { place, pull, head } = await at("quoted");
    const quoted = [
      "```\n/drydock hold\n```",
      "    /drydock hold",
      "`/drydock hold`",
      "> /drydock hold",
      "<!--\n/drydock hold\n-->",
      "<details><summary>log</summary>\n\n/drydock hold\n\n</details>",
      "/drydock\u00a0hold",
      "/dry\u200bdock hold",
      "/drуdock hold",
    ].map((text) => say(pull, text));
    assert.equal(await reacted(say(pull, "words\r\n\r\n/drydock explain\r\n").id), "+1", "CRLF is a line end");
    await place.quiet(300);
    for (const { id, body } of quoted) assert.deepEqual(reactions(id), [], body);
    assert.equal(place.runs(head, "drydock")[0]?.conclusion, "success");
  });

  it("T16: count once when they are sent again after their effect, and are done when GitHub failed before it", async () => {
    const { place, pull, head } = await at("again");
    const gate = () => place.runs(head, "drydock")[0];
    const hold = say(pull, "/drydock hold");
    assert.equal(await reacted(hold.id), "+1");
    await until(app, "the hold", () => gate()?.status === "in_progress");
    assert.equal(await reacted(say(pull, "/drydock unhold").id), "+1");
    await until(app, "its end", () => gate()?.conclusion === "success");
    const sent = listAttempts(app.sandbox.parts.webhooks, { id: app.sandbox.app.appId }).find(
      (attempt) => attempt.event === "issue_comment" && unpackBody(attempt).includes(`"id":${hold.id},`),
    );
    assert.ok(sent !== undefined && redeliver(app.sandbox.parts.webhooks, { id: app.sandbox.app.appId }, sent.id));
    await place.quiet(800);
    assert.equal(gate()?.conclusion, "success", "it is not held a second time");

    const failing = { kind: "status", status: 502, when: "before" } as const;
    injectFault(app.sandbox.faults, { operationId: "issues/get-comment", failing, path: place.path });
    assert.equal(await reacted(say(pull, "/drydock hold again").id), "+1");
    await until(app, "the second hold", () => gate()?.status === "in_progress");
  });

  it("T17: are refused with arguments that would lead elsewhere, which do nothing and are repeated nowhere", async () => {
    const { place, pull, head } = await at("arguments", config("environments: { prod: { paths: [shop] } }"));
    const hostile = ["../../etc/passwd", "__proto__", "constructor", "-x", "$(id)", ";id", "pro\u0000d"];
    const lines = [...hostile.map((argument) => `freeze ${argument}`), "lock __proto__", "approve constructor"];
    for (const line of lines) assert.equal(await reacted(say(pull, `/drydock ${line}`).id), "confused", line);
    const long = say(pull, `/drydock freeze ${"x".repeat(64_000)}`);
    assert.equal(await reacted(long.id), "confused");
    await place.quiet(300);
    const said = place.comments(pull.number).map(({ body }) => body);
    assert.ok(said.some((body) => body.includes("Not done: ")));
    assert.ok(said.every((body) => body.length < 10_000));
    for (const argument of hostile)
      assert.ok(said.every((body) => !body.replaceAll(/^> .*$/gmu, "").includes(argument)));
    assert.equal(place.runs(head, "drydock")[0]?.conclusion, "success", "nothing was stopped");
  });

  it("leave short forms to other bots until the config of the default branch says otherwise", async () => {
    const { place, pull } = await at("short", config("commands: { shortForms: [explain] }"));
    assert.equal(await reacted(say(pull, "/explain").id), "+1");
    const others = [say(pull, "/diff"), say(pull, "/approve"), say(pull, "/lgtm")];
    const asked = await place.open("loosen", config("commands: { shortForms: true }"));
    await place.judged(asked.head);
    others.push(say(asked.pull, "/diff"));
    await place.quiet(500);
    for (const { id } of others) assert.deepEqual(reactions(id), []);
    assert.equal(answers(place, pull.number, "approve").length, 0);
  });
});
