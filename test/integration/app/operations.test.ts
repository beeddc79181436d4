import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { enqueuePullRequest, injectFault, dequeuePullRequest } from "../../../src/sandbox/index.ts";
import type { Failing } from "../../../src/sandbox/faults/index.ts";
import * as world from "../../../src/sandbox/world/index.ts";
import { CHECK_NAMES } from "../../../src/model/index.ts";
import { createPlace, until, type Place, type PlaceOptions } from "../../fakes/places.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const DEPLOYMENT = printDeployment();
const FILES = { "shop/web.yaml": DEPLOYMENT };
const CHANGED = { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.1.0") };
const BROKEN = { "shop/web.yaml": DEPLOYMENT.replace("replicas: 2", "replicas: two") };

/** The tests share one server and run side by side: each has an organisation of its own, and so its own limits. */
describe("the App in operation", { concurrency: 4 }, () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({ files: FILES, env: { DRYDOCK_CHECKS: "4" } });
  });
  after(() => app.close());

  const at = (name: string, options: Partial<PlaceOptions> = {}): Promise<Place> =>
    createPlace(app, name, { files: FILES, ...options });
  const requestsOf = ({ path }: Place, operationId: string) =>
    app.sandbox.requests.filter((request) => request.operationId === operationId && request.path.includes(path));
  const fail = (place: Place, operationId: string, failing: Failing, more: { skip?: number; count?: number } = {}) =>
    injectFault(app.sandbox.faults, { operationId, failing, path: place.path, ...more });
  const status = (code: number, when: "before" | "after", headers?: Record<string, string>): Failing => ({
    kind: "status",
    status: code,
    when,
    ...(headers !== undefined && { headers }),
  });
  /** One run a check, completed; one comment. */
  const assertOnce = (place: Place, head: string, number: number): void => {
    const runs = place.runs(head).map(({ name, status: state }) => `${name} ${state}`);
    assert.deepEqual(runs.toSorted(), CHECK_NAMES.map((name) => `${name} completed`).toSorted());
    assert.equal(place.comments(number).length, 1);
  };

  for (const [name, failing] of [
    ["refused-403", status(403, "before", { "retry-after": "2" })],
    ["refused-429", status(429, "before", { "retry-after": "1" })],
  ] as const) {
    it(`T52: waits as long as GitHub says when a check write is ${name}, then goes on`, async () => {
      const place = await at(name);
      fail(place, "checks/create", failing);
      const { head, pull } = await place.open("change", CHANGED);
      assert.equal((await place.judged(head)).conclusion, "success");
      await until(app, "the comment", () => place.comments(pull.number).length > 0);
      await place.quiet();
      assertOnce(place, head, pull.number);
      const [refused, next] = requestsOf(place, "checks/create");
      const wait = name === "refused-403" ? 2000 : 1000;
      assert.ok((next?.at ?? 0) - (refused?.at ?? 0) >= wait, `${(next?.at ?? 0) - (refused?.at ?? 0)} ms`);
    });
  }

  it("T52: renews a token that ended half-way", async () => {
    const place = await at("expired");
    fail(place, "checks/update", status(401, "before"));
    fail(place, "issues/create-comment", status(401, "before"));
    const { head, pull } = await place.open("change", CHANGED);
    assert.equal((await place.judged(head)).conclusion, "success");
    await until(app, "the comment", () => place.comments(pull.number).length > 0);
    await place.quiet();
    assertOnce(place, head, pull.number);
  });

  for (const when of ["before", "after"] as const) {
    it(`T52: makes one run and one comment when GitHub fails ${when} it made them`, async () => {
      const place = await at(`fails-${when}`);
      fail(place, "checks/create", status(502, when));
      fail(place, "issues/create-comment", status(500, when));
      const { head, pull } = await place.open("change", CHANGED);
      assert.equal((await place.judged(head)).conclusion, "success");
      await until(app, "the comment", () => requestsOf(place, "issues/create-comment").length > 0);
      if (when === "before") await until(app, "the second try", () => place.comments(pull.number).length > 0);
      await place.quiet(17_000);
      assertOnce(place, head, pull.number);
    });
  }

  it("T50: shows each annotation once when the answer that took it was lost", async () => {
    const place = await at("lost-answer");
    fail(place, "checks/update", { kind: "drop", when: "after" }, { skip: 1 });
    const { head } = await place.open("change", BROKEN);
    await place.judged(head);
    const manifests = await until(app, "all that is tried again", () => {
      const [run] = place.runs(head, "drydock/manifests");
      return requestsOf(place, "checks/update").length > CHECK_NAMES.length && run?.status === "completed" && run;
    });
    await place.quiet(1000);
    assert.equal(manifests.conclusion, "failure");
    assert.equal(place.runs(head, "drydock/manifests")[0]?.annotations.length, 1);
    assert.equal(place.runs(head).length, CHECK_NAMES.length, "one run a check");
  });

  it("T53: does nothing while it is suspended, and catches up afterwards", async () => {
    const place = await at("suspended");
    const { head } = await place.open("before", CHANGED);
    await place.judged(head);
    world.setSuspended(app.sandbox.world, app.ada, place.installation, true);
    await place.quiet();
    const seen = app.sandbox.requests.filter(({ path }) => path.includes(place.path)).length;
    const later = await place.open("meanwhile", { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.3.0") });
    await place.quiet();
    assert.equal(app.sandbox.requests.filter(({ path }) => path.includes(place.path)).length, seen);
    world.setSuspended(app.sandbox.world, app.ada, place.installation, false);
    assert.equal((await place.judged(later.head)).conclusion, "success");
  });

  it("T53: leaves comments alone without the permission to write them", async () => {
    const place = await at("narrowed");
    const { permissions } = place.installation;
    world.setPermissions(app.sandbox.world, app.ada, place.installation, {
      ...permissions,
      pull_requests: "read",
      issues: "read",
    });
    await place.quiet();
    const { head, pull } = await place.open("change", CHANGED);
    assert.equal((await place.judged(head)).conclusion, "success");
    await place.quiet(3000);
    assert.deepEqual(place.comments(pull.number), []);
    assert.ok(requestsOf(place, "issues/create-comment").length <= 1, "no storm");
    world.setPermissions(app.sandbox.world, app.ada, place.installation, permissions);
    await until(app, "the comment that was refused", () => place.comments(pull.number).length > 0);
  });

  it("T53: says in help and in the check what a permission that was withdrawn turns off", async () => {
    const place = await at("withdrawn");
    const { permissions } = place.installation;
    const without = (name: string): void => {
      const left = Object.fromEntries(Object.entries(permissions).filter(([each]) => each !== name));
      world.setPermissions(app.sandbox.world, app.ada, place.installation, left);
    };
    const { head, pull } = await place.open("change", CHANGED);
    await place.judged(head);
    without("merge_queues");
    await place.quiet();
    world.addComment(app.sandbox.world, app.grace, pull, "/drydock help");
    const answer = await until(app, "the answer", () =>
      place.comments(pull.number).find(({ body }) => body.includes("/drydock help`: lists")),
    );
    assert.match(
      answer.body,
      /Without the permission `merge_queues: read`, pull requests in a merge queue get no checks/u,
    );
    assert.equal(answer.body.match(/Without the permission/gu)?.length, 1);
    without("contents");
    await place.quiet();
    const next = await place.push("change", { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.9.0") });
    const gate = await place.judged(next);
    assert.equal(gate.conclusion, "failure");
    assert.match(gate.title ?? "", /^Could not check: the App lacks a permission here/u);
    world.setPermissions(app.sandbox.world, app.ada, place.installation, permissions);
    await place.quiet();
    world.addComment(app.sandbox.world, app.ada, pull, "/drydock check");
    await until(
      app,
      "the check that is possible again",
      () => place.runs(next, "drydock")[0]?.conclusion === "success",
    );
  });

  it("T53: ends cleanly when the repository is taken away or archived", async () => {
    for (const end of ["removed", "archived"] as const) {
      const place = await at(`is-${end}`);
      const { head } = await place.open("change", CHANGED);
      await place.judged(head);
      await place.push("change", { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.5.0") });
      if (end === "archived") world.setArchived(app.sandbox.world, app.ada, place.repository, true);
      else world.removeRepositories(app.sandbox.world, app.ada, place.installation, [place.repository]);
      await place.quiet(3000);
      const seen = app.sandbox.requests.filter(({ path }) => path.includes(place.path)).length;
      await place.quiet(8000);
      const now = app.sandbox.requests.filter(({ path }) => path.includes(place.path)).length;
      assert.ok(now - seen <= 2, `${now - seen} requests about a repository that is ${end}`);
    }
  });

  it("T53: follows a repository that is renamed, and one that is transferred", async () => {
    const place = await at("mover");
    const { head, pull } = await place.open("change", CHANGED);
    await place.judged(head);
    await until(app, "the comment", () => place.comments(pull.number).length > 0);
    world.renameRepository(app.sandbox.world, app.ada, place.repository, "settings");
    const renamed = await place.push("change", { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.6.0") });
    assert.equal((await place.judged(renamed)).conclusion, "success");
    const other = world.createOrganization(app.sandbox.world, app.ada, "taker");
    world.installApp(app.sandbox.world, app.ada, app.sandbox.app, other);
    world.transferRepository(app.sandbox.world, app.ada, place.repository, other);
    const moved = await place.push("change", { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.7.0") });
    assert.equal((await place.judged(moved)).conclusion, "success");
    await until(app, "the new comment", () => place.comments(pull.number)[0]?.body.includes("1.7.0"));
    assert.equal(place.comments(pull.number).length, 1);
  });

  it("T22: gives a commit the worst verdict of the pull requests that it heads, and lists both", async () => {
    const place = await at("twins");
    await place.push("stable", { "other/readme.md": "stable\n" });
    const broken = await place.open("change", BROKEN);
    const second = await world.openPullRequest(app.sandbox.world, app.ada, place.repository, {
      head: "change",
      base: "stable",
    });
    const gate = await until(app, "both verdicts", () => {
      const [run] = place.runs(second.headSha, "drydock/manifests");
      const isBoth = run?.summary?.includes("main") === true && run.summary.includes("stable");
      return run?.status === "completed" && isBoth && !run.summary.includes("waiting") ? run : undefined;
    });
    assert.equal(gate.conclusion, "failure");
    assert.match(gate.summary ?? "", new RegExp(`#${broken.pull.number}[\\s\\S]*#${second.number}`, "u"));
  });

  it("T29, T30: goes by its own runs, whoever posts the same names", async () => {
    const place = await at("imposter");
    const stranger = await world.createApp(app.sandbox.world, app.ada, "Drydock twin", {
      permissions: { checks: "write" },
    });
    const { head, pull } = await place.open("change", BROKEN);
    for (const name of ["drydock", "drydock/manifests", "drydock/policy", "drydock/environments"]) {
      world.createCheckRun(app.sandbox.world, app.ada, place.repository, stranger, {
        name,
        headSha: head,
        conclusion: "success",
      });
    }
    assert.equal((await place.judged(head)).conclusion, "failure");
    await until(app, "the comment", () => place.comments(pull.number).length > 0);
    await place.quiet();
    assertOnce(place, head, pull.number);
    const said = place.runs(head).map(({ name, conclusion }) => `${name} ${conclusion}`);
    const expected = [
      "drydock failure",
      "drydock/environments success",
      "drydock/manifests failure",
      "drydock/policy success",
    ];
    assert.deepEqual(said.toSorted(), expected, "never neutral, never skipped");
  });

  it("T31: judges a merge group on its own head, and lets a destroyed one go", async () => {
    const place = await at("queue");
    const github = app.sandbox.world;
    const source = { type: "Repository", id: place.repository.id } as const;
    const requiredChecks = [{ context: "drydock", appId: app.sandbox.app.appId }];
    world.createRuleset(github, source, "main", { hasMergeQueue: true, requiredChecks });
    const groups: string[] = [];
    world.subscribe(github, (event) => {
      if (event.kind === "merge_group" && event.action === "checks_requested") {
        groups.push(world.read(github, "mergeGroups", { id: event.mergeGroupId }).headSha);
      }
    });
    const { head, pull } = await place.open("change", CHANGED);
    await place.judged(head);
    enqueuePullRequest(app.sandbox.parts.queues, app.ada, pull);
    const group = await until(app, "the group", () => groups[0]);
    assert.notEqual(group, head);
    assert.equal((await place.judged(group)).conclusion, "success");
    await until(app, "the merge", () => world.read(github, "pullRequests", pull).mergedAt);

    const { head: second, pull: taken } = await place.open("second", {
      "shop/more.yaml": DEPLOYMENT.replaceAll("web", "more"),
    });
    await place.judged(second);
    fail(place, "git/upload-pack", { kind: "delay", milliseconds: 4000 });
    enqueuePullRequest(app.sandbox.parts.queues, app.ada, taken);
    const destroyed = await until(app, "the second group", () => groups[1]);
    dequeuePullRequest(app.sandbox.parts.queues, app.ada, taken);
    await place.quiet(6000);
    assert.ok(
      place.runs(destroyed).every(({ status: state }) => state !== "completed"),
      "nobody waits for it",
    );
  });

  it("T33: never shows an older evaluation over a newer one", async () => {
    const place = await at("overtaken");
    fail(place, "git/upload-pack", { kind: "delay", milliseconds: 3000 });
    const { head, pull } = await place.open("change", BROKEN);
    const newer = await place.push("change", CHANGED);
    assert.equal((await place.judged(newer)).conclusion, "success");
    await place.quiet(4000);
    assert.notEqual(place.runs(head, "drydock")[0]?.conclusion, "success");
    assert.match(place.comments(pull.number)[0]?.body ?? "", /1\.1\.0/u);
    assertOnce(place, newer, pull.number);
  });

  it("T46: does not take somebody's comment for its own, and posts one again that was deleted", async () => {
    const place = await at("marker");
    const { head, pull } = await place.open("change", CHANGED);
    world.addComment(app.sandbox.world, app.grace, pull, "Mine.\n\n<!-- drydock 1 -->");
    await place.judged(head);
    const [own] = await until(app, "the comment", () => {
      const found = place.comments(pull.number);
      return found.length > 0 && found;
    });
    assert.ok(own);
    world.deleteComment(app.sandbox.world, app.ada, own);
    const next = await place.push("change", { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.8.0") });
    await place.judged(next);
    await until(app, "the comment again", () => place.comments(pull.number).length === 1);
    const all = world.listComments(app.sandbox.world, place.repository, pull.number);
    assert.ok(all.some(({ body }) => body === "Mine.\n\n<!-- drydock 1 -->"));
  });

  it("is quiet on pull requests from before the installation, until their next push", async () => {
    let opened: { head: string; pull: world.PullRequest } | undefined;
    const place = await at("quiet", {
      before: async (repository) => {
        const github = app.sandbox.world;
        const head = await world.pushCommit(github, app.ada, repository, { branch: "old", files: BROKEN });
        opened = { head, pull: await world.openPullRequest(github, app.ada, repository, { head: "old" }) };
      },
    });
    assert.ok(opened);
    const { head, pull } = opened;
    assert.equal((await place.judged(head)).conclusion, "failure");
    await place.quiet();
    assert.deepEqual(place.comments(pull.number), []);
    assert.deepEqual(world.listReviewComments(app.sandbox.world, pull), []);
    const next = await place.push("old", CHANGED);
    await place.judged(next);
    await until(app, "the comment", () => place.comments(pull.number).length === 1);
  });

  it("gives a fork checks and a comment, without labels and without a page", async () => {
    const place = await at("upstream", { isPrivate: false });
    const mallory = world.createUser(app.sandbox.world, "mallory");
    const fork = await world.forkRepository(app.sandbox.world, mallory, place.repository);
    await world.pushCommit(app.sandbox.world, mallory, fork, { branch: "main", files: { "shop/web.yaml": null } });
    const pull = await world.openPullRequest(app.sandbox.world, mallory, place.repository, {
      head: "main",
      headRepository: fork,
    });
    const gate = await place.judged(pull.headSha);
    await until(app, "the comment", () => place.comments(pull.number).length === 1);
    await place.quiet();
    assert.equal(gate.detailsUrl?.includes("127.0.0.1:1/") ?? false, false);
    assert.doesNotMatch(place.comments(pull.number)[0]?.body ?? "", /127\.0\.0\.1:1\//u);
    assert.deepEqual(world.labelsOf(app.sandbox.world, world.read(app.sandbox.world, "pullRequests", pull)), []);
  });

  it("checks a draft, and leaves its lines alone until it is ready", async () => {
    const place = await at("draft");
    const { head, pull } = await place.open("change", BROKEN, { isDraft: true });
    assert.equal((await place.judged(head)).conclusion, "failure");
    await until(app, "the comment", () => place.comments(pull.number).length === 1);
    await place.quiet();
    assert.deepEqual(world.listReviewComments(app.sandbox.world, pull), []);
    world.setDraft(app.sandbox.world, app.ada, pull, false);
    await until(app, "the review", () => world.listReviewComments(app.sandbox.world, pull).length === 1);
  });

  it("only says what it would have done in advise mode", async () => {
    const place = await at("advised", { files: { ...FILES, ".github/drydock.yaml": "version: 1\nmode: advise\n" } });
    const { head } = await place.open("change", BROKEN);
    const gate = await place.judged(head);
    assert.equal(gate.conclusion, "success");
    assert.match(gate.title ?? "", /^Would have failed: /u);
  });
});
