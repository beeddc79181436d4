import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CHECK_NAMES } from "../../../src/model/index.ts";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createPlace, until, type Place, type PlaceOptions } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const DEPLOYMENT = printDeployment();
const FILES = { "shop/web.yaml": DEPLOYMENT };
const CHANGED = { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.1.0") };
const BROKEN = { "shop/web.yaml": DEPLOYMENT.replace("replicas: 2", "replicas: two") };
const ADVISE = { ".github/drydock.yaml": "version: 1\nmode: advise\n" };

/** What GitHub tells of a pull request, each event by its real webhook. One server; each test has a place of its own. */
describe("what happens to a pull request", { concurrency: 4 }, () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({ files: FILES, env: { DRYDOCK_CHECKS: "4" } });
  });
  after(() => app.close());

  const at = (name: string, options: Partial<PlaceOptions> = {}): Promise<Place> =>
    createPlace(app, name, { files: FILES, ...options });
  const writesOf = ({ path }: Place): readonly string[] =>
    app.sandbox.requests
      .filter((request) => request.method !== "GET" && request.path.includes(path))
      .map((request) => `${request.method} ${request.path}`);
  const commented = (place: Place, number: number): Promise<world.Comment> =>
    until(app, "the comment", () => place.comments(number)[0]);
  /** Opened, judged and commented on, with nothing left to write. */
  const opened = async (place: Place, files: Record<string, string | null>, branch = "change") => {
    const { head, pull } = await place.open(branch, files);
    const gate = await place.judged(head);
    await commented(place, pull.number);
    // One that does not stand yet would still begin, and end.
    const isWhole = (): boolean => {
      const runs = place.runs(head);
      return runs.length === CHECK_NAMES.length && runs.every(({ status }) => status === "completed");
    };
    await until(app, "all checks", isWhole);
    await place.quiet(600);
    return { head, pull, gate, comment: await commented(place, pull.number) };
  };

  it("retargeted: it is judged against its new base, and its comment says so in place", async () => {
    const place = await at("retargeted", { files: { ...FILES, "other/web.yaml": DEPLOYMENT } });
    await place.push("stable", ADVISE);
    const { head, pull, gate, comment } = await opened(place, BROKEN);
    assert.equal(gate.conclusion, "failure");
    world.editPullRequest(app.sandbox.world, app.ada, pull, { base: "stable" });
    await until(app, "the verdict for the new base", () => place.runs(head, "drydock")[0]?.conclusion === "success");
    const edited = await until(app, "the edit", () => {
      const [found] = place.comments(pull.number);
      return found?.body.includes("`stable`") === true && found;
    });
    assert.equal(edited.id, comment.id);
    assert.match(place.runs(head, "drydock")[0]?.title ?? "", /^Would have failed/u);
  });

  it("renamed, labelled by a person, locked: nothing is written, and their label stays", async () => {
    const place = await at("touched");
    const { pull, comment } = await opened(place, CHANGED);
    const writes = writesOf(place);
    world.editPullRequest(app.sandbox.world, app.ada, pull, { title: "Another title" });
    world.addLabel(app.sandbox.world, app.grace, pull, "looks good");
    await place.quiet(1200);
    assert.deepEqual(writesOf(place), writes);
    assert.deepEqual(place.comments(pull.number), [comment]);
    const labels = world.labelsOf(app.sandbox.world, world.read(app.sandbox.world, "pullRequests", pull));
    assert.deepEqual(
      labels.map(({ name }) => name),
      ["looks good"],
    );
  });

  it("closed: nothing is checked any more; reopened: its newest head is, in the comment it had", async () => {
    const place = await at("reopened");
    const { pull, comment } = await opened(place, BROKEN);
    world.closePullRequest(app.sandbox.world, app.ada, pull);
    const head = await place.push("change", CHANGED);
    await place.quiet(1200);
    assert.deepEqual(place.runs(head), []);
    world.reopenPullRequest(app.sandbox.world, app.ada, pull);
    assert.equal((await place.judged(head)).conclusion, "success");
    const edited = await until(app, "the comment's edit", () => {
      const [found] = place.comments(pull.number);
      return found?.body.includes("1.1.0") === true && found;
    });
    assert.equal(edited.id, comment.id);
    assert.equal(place.comments(pull.number).length, 1);
  });

  it("merged: nothing is written to it, and the others onto its base are asked again in silence", async () => {
    const place = await at("merged", { files: { ...FILES, "other/api.yaml": DEPLOYMENT.replaceAll("web", "api") } });
    const { pull } = await opened(place, CHANGED);
    await opened(place, { "other/api.yaml": DEPLOYMENT.replaceAll("web", "api").replace("1.0.0", "2.0.0") }, "api");
    const writes = writesOf(place);
    await world.mergePullRequest(app.sandbox.world, app.ada, pull);
    await place.quiet(1500);
    assert.deepEqual(writesOf(place), writes);
  });

  it("T32: asked for again by whatever button: both checks run anew, and an equal comment is not edited", async () => {
    const place = await at("rerun");
    const { head, pull, comment } = await opened(place, CHANGED);
    const [run] = place.runs(head, "drydock");
    const [suite] = world
      .listSuites(app.sandbox.world, place.repository, head)
      .filter(({ appId }) => appId === app.sandbox.app.appId);
    const [action] = run?.actions ?? [];
    assert.ok(run !== undefined && suite !== undefined && action !== undefined);
    const buttons = [
      () => world.rerunCheck(app.sandbox.world, app.grace, run),
      () => world.requestAction(app.sandbox.world, app.grace, run, action.identifier),
      () => world.rerequestSuite(app.sandbox.world, app.grace, suite),
    ];
    for (const [index, press] of buttons.entries()) {
      press();
      await until(app, `run ${index + 2} of every check`, () =>
        CHECK_NAMES.every((name) => {
          const runs = place.runs(head, name);
          return runs.length === index + 2 && runs.every(({ status }) => status === "completed");
        }),
      );
      await place.quiet(600);
    }
    assert.deepEqual(place.comments(pull.number), [comment]);
    assert.ok(place.runs(head).every(({ conclusion }) => conclusion === "success"));
  });

  it("its base brings the same: the old verdict stands until the new one is known, then checks and comment say so", async () => {
    const place = await at("overtaken-base");
    const { head, pull, comment } = await opened(place, CHANGED);
    const seen = new Set<string>();
    const stop = world.subscribe(app.sandbox.world, (event) => {
      if (event.kind !== "check_run") return;
      // Other places may have a commit of the same id.
      const run = place.runs(head).find(({ id }) => id === event.checkRunId);
      if (run !== undefined) seen.add(run.status);
    });
    await place.push("main", CHANGED);
    const gate = await until(app, "the new verdict", () => {
      const [found] = place.runs(head, "drydock");
      return /nothing that deploys/iu.test(found?.title ?? "") && found;
    });
    stop();
    assert.equal(gate.conclusion, "success");
    assert.ok(![...seen].includes("in_progress"), [...seen].join(", "));
    const edited = await until(app, "the comment's edit", () => {
      const [found] = place.comments(pull.number);
      return found?.body.startsWith("Nothing that deploys changes any more.") === true && found;
    });
    assert.equal(edited.id, comment.id);
  });

  it("its base gets another config: the same head is judged by it", async () => {
    const place = await at("new-config");
    const { head, gate } = await opened(place, BROKEN);
    assert.equal(gate.conclusion, "failure");
    await place.push("main", ADVISE);
    const after = await until(app, "the verdict in advise mode", () => {
      const [found] = place.runs(head, "drydock");
      return found?.conclusion === "success" && found;
    });
    assert.match(after.title ?? "", /^Would have failed: /u);
  });

  it("T22: one head for two bases: the worst wins with both listed, until the worse one is closed", async () => {
    const place = await at("two-bases");
    await place.push("stable", ADVISE);
    const { head, pull } = await opened(place, BROKEN);
    const second = await world.openPullRequest(app.sandbox.world, app.ada, place.repository, {
      head: "change",
      base: "stable",
    });
    assert.equal(second.headSha, head);
    const [run] = await until(app, "both verdicts", () => {
      const runs = place.runs(head, "drydock/manifests");
      const summary = runs[0]?.summary ?? "";
      return /`main`.*\*\*failed\*\*/u.test(summary) && /`stable`.*\*\*passed\*\*/u.test(summary) && runs;
    });
    assert.equal(run?.conclusion, "failure");
    world.closePullRequest(app.sandbox.world, app.ada, pull);
    const gate = await until(app, "the verdict of the other", () => {
      const [found] = place.runs(head, "drydock");
      return found?.conclusion === "success" && found;
    });
    assert.match(gate.title ?? "", /^Would have failed: /u);
  });
});
