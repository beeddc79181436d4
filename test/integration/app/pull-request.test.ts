import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const DEPLOYMENT = printDeployment();

describe("a pull request, from webhook to required check", () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({ files: { "shop/web.yaml": DEPLOYMENT, "README.md": "# Config\n" } });
  });
  after(() => app.close());

  const open = async (branch: string, files: Record<string, string | null>, isDraft = false) => {
    const head = await world.pushCommit(app.sandbox.world, app.ada, app.repository, { branch, files });
    const pull = await world.openPullRequest(app.sandbox.world, app.ada, app.repository, { head: branch, isDraft });
    return { head, pull };
  };
  const push = (branch: string, files: Record<string, string | null>) =>
    world.pushCommit(app.sandbox.world, app.ada, app.repository, { branch, files });

  const listWrites = (): readonly string[] =>
    app.sandbox.requests
      .filter(({ method, path }) => method !== "GET" && !path.includes("access_tokens"))
      .map(({ method, path }) => `${method} ${path}`);

  it("gets checks and a comment with what would be deployed", async () => {
    const { head, pull } = await open("new-image", { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.1.0") });
    const gate = await app.judged(head);
    assert.equal(gate.conclusion, "success");
    await app.quiet();
    assert.deepEqual([...app.checks(head).keys()].toSorted(), [
      "drydock",
      "drydock/environments",
      "drydock/manifests",
      "drydock/policy",
    ]);
    const [comment, ...more] = app.comments(pull.number);
    assert.deepEqual(more, []);
    assert.match(comment?.body ?? "", /registry\.example\/web/u);
    assert.match(comment?.body ?? "", /1\.1\.0/u);
    assert.equal(comment?.appId, app.sandbox.app.appId);
  });

  it("fails with the error on its line, and passes once it is mended", async () => {
    const broken = DEPLOYMENT.replace("replicas: 2", "replicas: two");
    const { head, pull } = await open("broken", { "shop/web.yaml": broken });
    assert.equal((await app.judged(head)).conclusion, "failure");
    await app.quiet();
    const annotations = app.checks(head).get("drydock/manifests")?.annotations ?? [];
    assert.deepEqual(
      annotations.map(({ path, startLine, level }) => [path, startLine, level]),
      [["shop/web.yaml", 5, "failure"]],
    );
    const [review] = world.listReviewComments(app.sandbox.world, pull);
    assert.equal(review?.path, "shop/web.yaml");
    const before = app.comments(pull.number).map(({ id }) => id);

    const mended = await push("broken", { "shop/web.yaml": DEPLOYMENT.replace("replicas: 2", "replicas: 3") });
    assert.equal((await app.judged(mended)).conclusion, "success");
    await app.quiet();
    assert.deepEqual(
      app.comments(pull.number).map(({ id }) => id),
      before,
    );
    // An App that may not write contents cannot resolve a thread; a comment that nobody answered goes instead.
    assert.deepEqual(world.listReviewComments(app.sandbox.world, pull), []);
  });

  it("gets green checks and no comment when nothing that deploys changes", async () => {
    const { head, pull } = await open("docs", { "README.md": "# Our config\n" });
    const gate = await app.judged(head);
    assert.equal(gate.conclusion, "success");
    assert.match(gate.title ?? "", /nothing that deploys/iu);
    await app.quiet();
    assert.deepEqual(app.comments(pull.number), []);
  });

  it("is checked again on command, and answers one that it does not know", async () => {
    const { head, pull } = await open("command", { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.2.0") });
    await app.judged(head);
    await app.quiet();
    const runs = world.listCheckRuns(app.sandbox.world, app.repository, head).length;
    world.addComment(app.sandbox.world, app.grace, pull, "/drydock check");
    await app.quiet();
    assert.ok(world.listCheckRuns(app.sandbox.world, app.repository, head).length > runs);
    world.addComment(app.sandbox.world, app.grace, pull, "/drydock deploy");
    await app.quiet();
    assert.match(app.comments(pull.number).at(-1)?.body ?? "", /there is no such command/u);
  });

  it("stays silent when the base moves and nothing that it touches does", async () => {
    const { head, pull } = await open("silent", { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.3.0") });
    await app.judged(head);
    await app.quiet();
    const before = listWrites();
    await push("main", { "NOTES.md": "# Notes\n" });
    await app.quiet();
    assert.deepEqual(listWrites(), before);
    assert.equal(app.comments(pull.number).length, 1);
  });
});
