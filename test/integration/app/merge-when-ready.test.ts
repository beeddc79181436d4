import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { PERMISSION_SETS } from "../../../src/github/index.ts";
import { injectFault } from "../../../src/sandbox/index.ts";
import type { Failing } from "../../../src/sandbox/faults/index.ts";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createMovedClock } from "../../fakes/moved-clock.ts";
import { createPlace, until, type Place } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const DEPLOYMENT = printDeployment();
const MORE = DEPLOYMENT.replace("replicas: 2", "replicas: 3");
const MOST = DEPLOYMENT.replace("replicas: 2", "replicas: 4");
const RULES = "version: 1\nenvironments:\n  prod: { paths: [prod], approvals: 1 }\n  dev: { paths: [dev] }\n";
const CONFIG = `${RULES}merge: { whenReady: true, method: squash }\nlabels: { merged: "deploy/{environment}" }\n`;
const files = (config = CONFIG) => ({
  "prod/web.yaml": DEPLOYMENT,
  "dev/web.yaml": DEPLOYMENT,
  ".github/drydock.yaml": config,
});
const READY = "/drydock merge when ready";

/** One server; each test has a place of its own. */
describe("merge when ready", { concurrency: 3 }, () => {
  let app: RunningApp;
  const clock = createMovedClock();
  before(async () => {
    app = await startApp({
      files: files(),
      env: { DRYDOCK_CHECKS: "3" },
      sandbox: { app: { permissions: { ...PERMISSION_SETS.full, contents: "write" } } },
      now: clock.now,
    });
  });
  after(() => app.close());

  const github = (): world.World => app.sandbox.world;
  const at = (name: string, config?: string): Promise<Place> => createPlace(app, name, { files: files(config) });
  const say = (who: world.Account, pull: world.PullRequest, text: string): world.Comment =>
    world.addComment(github(), who, pull, text);
  const pullNow = (pull: world.PullRequest): world.PullRequest => world.read(github(), "pullRequests", pull);
  const isMerged = (pull: world.PullRequest): boolean => pullNow(pull).mergeCommitSha !== undefined;
  const words = (place: Place, pull: world.PullRequest): string =>
    place
      .comments(pull.number)
      .map(({ body }) => body)
      .join("\n");
  const told = (place: Place, pull: world.PullRequest, what: RegExp): Promise<unknown> =>
    until(app, what.source, () => what.test(words(place, pull))).catch((error: unknown) => {
      throw new Error(`it says: ${words(place, pull)}`, { cause: error });
    });
  const title = (place: Place, head: string, what: RegExp): Promise<unknown> =>
    until(app, what.source, () => what.test(place.runs(head, "drydock/environments")[0]?.title ?? ""));
  const merges = (place: Place): readonly number[] =>
    app.sandbox.requests
      .filter(({ operationId, path }) => operationId === "pulls/merge" && path.includes(place.path))
      .map(({ status }) => status);
  const approve = (pull: world.PullRequest): world.Review =>
    world.submitReview(github(), app.grace, pull, { state: "APPROVED" });
  /** A pull request that waits for an approval, and that its author wants merged. */
  const wanted = async (place: Place, branch = "change", text = MORE) => {
    const opened = await place.open(branch, { "prod/web.yaml": text });
    await title(place, opened.head, /^Waiting: 0 of 1 approval for prod/u);
    say(app.ada, opened.pull, READY);
    await told(place, opened.pull, /On record: commit `[0-9a-f]{7}` is merged \(squash\) once/u);
    return opened;
  };

  it("merges with the last approval, and labels what that changed", async () => {
    const place = await at("approved");
    const { pull } = await wanted(place);
    await place.quiet(500);
    assert.equal(isMerged(pull), false);
    approve(pull);
    await until(app, "the merge", () => isMerged(pull));
    await until(app, "the label", () =>
      world.labelsOf(github(), pullNow(pull)).some(({ name }) => name === "deploy/prod"),
    );
    assert.deepEqual(merges(place), [200]);
  });

  it("T27: does not merge what a freeze came over, before it is thawed", async () => {
    const place = await at("frozen");
    const { head, pull } = await wanted(place);
    const { pull: other } = await place.open("other", { "dev/web.yaml": MORE });
    say(app.ada, other, "/drydock freeze prod 2h the shop is down");
    await title(place, head, /^Waiting: prod is frozen|and 1 more/u);
    approve(pull);
    await title(place, head, /^Waiting: prod is frozen by ada/u);
    await place.quiet(800);
    assert.deepEqual([isMerged(pull), merges(place)], [false, []]);
    say(app.ada, other, "/drydock unfreeze prod");
    await until(app, "the merge", () => isMerged(pull));
  });

  it("T18: is over with a push, also one that changes nothing that is rendered", async () => {
    const place = await at("pushed");
    for (const [branch, pushed] of [
      ["quiet", { ".github/workflows/ci.yml": "on: push\n" }],
      ["loud", { "prod/web.yaml": MOST }],
    ] as const) {
      const { pull } = await wanted(place, branch);
      const next = await place.push(branch, pushed);
      await told(place, pull, /Not merged: something was pushed since/u);
      approve(pull);
      assert.equal((await place.judged(next)).conclusion, "success");
      await place.quiet(800);
      assert.deepEqual([isMerged(pull), merges(place)], [false, []]);
    }
  });

  it("T18: is over when the base moves so that it changes something else", async () => {
    const place = await at("moved");
    const { head, pull } = await wanted(place);
    await place.push("main", { "prod/web.yaml": MORE });
    await told(place, pull, /Not merged: what it changes is not what it was any more/u);
    assert.equal((await place.judged(head)).conclusion, "success");
    await place.quiet(800);
    assert.deepEqual([isMerged(pull), merges(place), head === pullNow(pull).headSha], [false, [], true]);
  });

  it("T05: ends when who asked may not write any more, and when somebody cancels it", async () => {
    const place = await at("lost");
    const heidi = world.createUser(github(), "heidi-merges");
    world.setRole(github(), place.repository, heidi, "write");
    const { head, pull } = await place.open("change", { "prod/web.yaml": MORE });
    await title(place, head, /^Waiting: 0 of 1/u);
    say(heidi, pull, READY);
    await told(place, pull, /On record/u);
    world.setRole(github(), place.repository, heidi, "read");
    approve(pull);
    await told(place, pull, /Not merged: who asked for it may not do so any more/u);
    const other = await wanted(place, "other", MOST);
    const cancel = say(app.grace, other.pull, "/drydock merge cancel");
    await until(app, "the reaction", () => {
      return world.select(github(), "reactions", ({ commentId }) => commentId === cancel.id).length === 1;
    });
    approve(other.pull);
    assert.equal((await place.judged(other.head)).conclusion, "success");
    await place.quiet(800);
    assert.deepEqual([isMerged(pull), isMerged(other.pull), merges(place)], [false, false, []]);
  });

  it("T02, T13: is refused to readers, on drafts, without the config's word and where a queue merges", async () => {
    const place = await at("refused", RULES);
    const reader = world.createUser(github(), "reads-only");
    world.setRole(github(), place.repository, reader, "read");
    const { head, pull } = await place.open("change", { "prod/web.yaml": MORE });
    await title(place, head, /^Waiting/u);
    say(reader, pull, READY);
    await told(place, pull, /it takes write access to the repository/u);
    say(app.ada, pull, READY);
    await told(place, pull, /Drydock merges nothing here/u);
    await place.push("main", { ".github/drydock.yaml": CONFIG });
    const draft = await place.open("draft", { "prod/web.yaml": MOST }, { isDraft: true });
    await title(place, draft.head, /^Waiting/u);
    say(app.ada, draft.pull, READY);
    await told(place, draft.pull, /this pull request is a draft/u);
    world.createRuleset(github(), { type: "Repository", id: place.repository.id }, "queue", { hasMergeQueue: true });
    say(app.grace, pull, READY);
    await told(place, pull, /its base branch has a merge queue/u);
    approve(pull);
    await place.judged(head);
    await place.quiet(800);
    assert.deepEqual(merges(place), []);
  });

  it("waits for what GitHub itself asks for", async () => {
    const place = await at("required");
    const requiredChecks = [{ context: "ci", appId: undefined }];
    world.protectBranch(github(), place.repository, "main", { requiredChecks, enforcesAdmins: true });
    const { head, pull } = await wanted(place);
    approve(pull);
    assert.equal((await place.judged(head)).conclusion, "success");
    await place.quiet(800);
    assert.deepEqual([isMerged(pull), merges(place)], [false, []]);
    world.setStatus(github(), app.ada, place.repository, head, { context: "ci", state: "success" });
    clock.pass(60_000);
    await until(app, "the merge", () => isMerged(pull));
  });

  const fail = (place: Place, failing: Failing): void =>
    injectFault(app.sandbox.faults, { operationId: "pulls/merge", path: `${place.path}/`, failing });

  it("tells what GitHub refuses, and asks for no second time", async () => {
    const place = await at("told");
    for (const [branch, status, said] of [
      ["moved", 409, "Head branch was modified. Review and try the merge again."],
      ["blocked", 405, "2 of 2 required status checks are expected."],
    ] as const) {
      const { pull } = await wanted(place, branch, status === 409 ? MORE : MOST);
      fail(place, { kind: "status", when: "before", status, message: said });
      approve(pull);
      await told(place, pull, new RegExp(`with ${status}: ${said.slice(0, 20)}`, "u"));
      await place.quiet(800);
      assert.equal(isMerged(pull), false);
    }
    assert.deepEqual(merges(place), [409, 405]);
  });

  it("T52: looks before it asks again where no answer came, whether GitHub merged or not", async () => {
    const place = await at("lost-answers");
    const done = await wanted(place, "done");
    fail(place, { kind: "status", when: "after", status: 502 });
    approve(done.pull);
    await until(app, "the merge", () => isMerged(done.pull));
    const undone = await wanted(place, "undone", MOST);
    fail(place, { kind: "status", when: "before", status: 502 });
    approve(undone.pull);
    await until(app, "the merge in the end", () => isMerged(undone.pull));
    assert.deepEqual(merges(place), [502, 502, 200]);
  });
});

describe("merge when ready, without the permission to", () => {
  it("is refused with what to grant", async () => {
    const app = await startApp({ files: files() });
    try {
      const place = await createPlace(app, "no-permission", { files: files() });
      const { head, pull } = await place.open("change", { "dev/web.yaml": MORE });
      await place.judged(head);
      world.addComment(app.sandbox.world, app.ada, pull, READY);
      await until(app, "the refusal", () =>
        place.comments(pull.number).some(({ body }) => /no permission `contents: write` here/u.test(body)),
      );
    } finally {
      await app.close();
    }
  });
});
