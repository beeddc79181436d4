import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { injectWebhookFault } from "../../../src/sandbox/webhooks/index.ts";
import { CHECK_NAMES } from "../../../src/model/index.ts";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createPlace, until, type Place } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const DEPLOYMENT = printDeployment();
const FILES = { "shop/web.yaml": DEPLOYMENT };
const withTag = (tag: string) => ({ "shop/web.yaml": DEPLOYMENT.replace("1.0.0", tag) });

/** GitHub never sends the webhook, and lists no failed delivery either. One test after the other: they share the faults. */
describe("what came without a webhook is found by the sweep", () => {
  let app: RunningApp;
  let place: Place;
  before(async () => {
    app = await startApp({ files: FILES });
    place = await createPlace(app, "missed", { files: FILES });
    await app.quiet();
  });
  after(() => app.close());

  const drop = (event: string, action: string): void =>
    injectWebhookFault(app.sandbox.parts.webhooks, { event, action, failing: { kind: "drop" } });
  /** Permissions that were accepted anew have the installation looked through at once. */
  const sweep = (): void => {
    world.setPermissions(app.sandbox.world, app.ada, place.installation, place.installation.permissions);
  };
  const opened = async (branch: string) => {
    const { head, pull } = await place.open(branch, withTag(`1.0.${branch.length}`));
    await place.judged(head);
    await app.quiet();
    return { head, pull };
  };
  const rerun = (head: string, times: number): Promise<readonly world.CheckRun[]> =>
    until(app, `run ${times}`, () => {
      const runs = place.runs(head, "drydock");
      return runs.length === times && runs.every(({ status }) => status === "completed") && runs;
    });

  it("a pull request that was opened, and one that was pushed to", async () => {
    drop("pull_request", "opened");
    const { head, pull } = await place.open("silent", withTag("1.1.0"));
    await app.quiet();
    assert.deepEqual(place.runs(head), []);
    sweep();
    assert.equal((await place.judged(head)).conclusion, "success");
    await app.quiet();
    drop("pull_request", "synchronize");
    const next = await place.push("silent", withTag("1.2.0"));
    sweep();
    assert.equal((await place.judged(next)).conclusion, "success");
    await until(app, "the comment", () => place.comments(pull.number)[0]?.body.includes("1.2.0"));
  });

  it("a command", async () => {
    const { head, pull } = await opened("command");
    drop("issue_comment", "created");
    const comment = world.addComment(app.sandbox.world, app.grace, pull, "/drydock check");
    await app.quiet();
    assert.equal(place.runs(head).length, CHECK_NAMES.length);
    sweep();
    await rerun(head, 2);
    await until(app, "the reaction", () => {
      return world.select(app.sandbox.world, "reactions", ({ commentId }) => commentId === comment.id).length === 1;
    });
  });

  it("a command on a line", async () => {
    const { head, pull } = await opened("on-a-line");
    drop("pull_request_review_comment", "created");
    const said = { path: "shop/web.yaml", line: 1, body: "/drydock check" };
    const comment = world.addReviewComment(app.sandbox.world, app.grace, pull, said);
    await app.quiet();
    assert.equal(place.runs(head).length, CHECK_NAMES.length);
    sweep();
    await rerun(head, 2);
    await until(app, "the reaction", () => {
      return world.select(app.sandbox.world, "reactions", ({ commentId }) => commentId === comment.id).length === 1;
    });
  });

  it("a re-run of one check, and of all", async () => {
    const { head } = await opened("button");
    const [run] = place.runs(head, "drydock");
    const suite = world
      .listSuites(app.sandbox.world, place.repository, head)
      .find(({ appId }) => appId === app.sandbox.app.appId);
    assert.ok(run !== undefined && suite !== undefined);
    drop("check_run", "rerequested");
    world.rerunCheck(app.sandbox.world, app.grace, run);
    await app.quiet();
    assert.equal(place.runs(head).length, CHECK_NAMES.length);
    sweep();
    await rerun(head, 2);
    await app.quiet();
    drop("check_suite", "rerequested");
    world.rerequestSuite(app.sandbox.world, app.grace, suite);
    sweep();
    await rerun(head, 3);
    await app.quiet();
    sweep();
    await app.quiet();
    assert.equal(place.runs(head, "drydock").length, 3, "what was done is not done again");
  });

  it("that a pull request was closed", async () => {
    const { head, pull } = await opened("left");
    drop("pull_request", "closed");
    world.closePullRequest(app.sandbox.world, app.ada, pull);
    sweep();
    await app.quiet();
    const [run] = place.runs(head, "drydock");
    assert.ok(run !== undefined);
    const looks = (): number =>
      app.sandbox.requests.filter(({ path }) => path.endsWith(`${place.path}/pulls/${pull.number}`)).length;
    const before = looks();
    assert.ok(before > 0);
    world.rerunCheck(app.sandbox.world, app.grace, run);
    await app.quiet();
    assert.equal(looks(), before, "nobody asks for it any more");
    assert.equal(place.runs(head).length, CHECK_NAMES.length);
  });
});
