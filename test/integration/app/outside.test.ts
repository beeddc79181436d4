import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { injectWebhookFault } from "../../../src/sandbox/webhooks/index.ts";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createPlace, until, type Place } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const DEPLOYMENT = printDeployment();
const CHANGED = DEPLOYMENT.replace("replicas: 2", "replicas: 3");
const OTHER = DEPLOYMENT.replace("replicas: 2", "replicas: 4");
const ENVIRONMENTS = "{ prod: { paths: [prod], approvals: { count: 1, teams: [sre] } }, dev: { paths: [dev] } }";
const RULES = `version: 1\nenvironments: ${ENVIRONMENTS}\n`;
const FILES = { "prod/web.yaml": DEPLOYMENT, "dev/web.yaml": DEPLOYMENT, ".github/drydock.yaml": RULES };

describe("what comes in outside of the rules", { concurrency: 4 }, () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({ files: FILES, env: { DRYDOCK_CHECKS: "4" } });
  });
  after(() => app.close());

  const github = (): world.World => app.sandbox.world;
  const at = async (name: string, files: Readonly<Record<string, string>> = FILES): Promise<Place> => {
    const place = await createPlace(app, name, { files });
    world.createTeam(github(), place.organization, "sre", { members: [app.grace] });
    return place;
  };
  const pushCheck = (place: Place, commit: string) => place.runs(commit, "drydock/pushes")[0];
  const told = (place: Place, commit: string): Promise<world.CheckRun> =>
    until(app, `what is said of the push to ${place.path}`, () => pushCheck(place, commit));
  /** The comments about how it was merged. */
  const merges = (place: Place, number: number): readonly string[] =>
    place.comments(number).flatMap(({ body }) => (/on record/u.test(body) ? [body] : []));
  const toldOfMerge = (place: Place, number: number, what: RegExp): Promise<string> =>
    until(app, what.source, () => merges(place, number).find((body) => what.test(body))).catch((error: unknown) => {
      throw new Error(`it says: ${merges(place, number).join("\n")}`, { cause: error });
    });
  const greenChange = async (place: Place, files: Readonly<Record<string, string>> = { "prod/web.yaml": CHANGED }) => {
    const opened = await place.open("change", files);
    const review = world.submitReview(github(), app.grace, opened.pull, { state: "APPROVED" });
    await until(app, "the pass", () => place.runs(opened.head, "drydock")[0]?.conclusion === "success");
    return { ...opened, review };
  };
  const merge = async (pull: world.PullRequest, method?: world.MergeMethod): Promise<string> =>
    (await world.mergePullRequest(github(), app.ada, pull, method)) ?? assert.fail("it conflicts");
  /** What a push brought, weighed: the later one of a branch is weighed after the earlier ones. */
  const weighedBefore = async (place: Place): Promise<void> => {
    const later = await place.push("main", { "prod/web.yaml": OTHER });
    await told(place, later);
  };

  it("T28: a direct push is told on its commit, if it changes an environment under rules", async () => {
    const place = await at("pushed");
    await place.push("main", { "readme.md": "# Hello\n" });
    const harmless = await place.push("main", { "dev/web.yaml": CHANGED });
    const pushed = await place.push("main", { "prod/web.yaml": CHANGED });
    const check = await told(place, pushed);
    assert.equal(check.conclusion, "failure");
    assert.equal(check.title, "Pushed without a pull request: changes prod");
    assert.match(check.summary ?? "", /`ada` pushed it/u);
    assert.equal(pushCheck(place, harmless), undefined, "no rule holds for dev");
  });

  it("T28: taking the rules away by a push does not hide what comes with it", async () => {
    const place = await at("rules-away");
    const pushed = await place.push("main", { "prod/web.yaml": CHANGED, ".github/drydock.yaml": "version: 1\n" });
    assert.match((await told(place, pushed)).title ?? "", /changes prod/u);
  });

  it("T28: a push that changes the rules alone is told, one that changes words alone is not", async () => {
    const place = await at("rules-first");
    const relaxed = await place.push("main", {
      ".github/drydock.yaml": RULES.replace("count: 1, teams: [sre]", "count: 1"),
    });
    const check = await told(place, relaxed);
    assert.equal(check.title, "Pushed without a pull request: changes the rules");
    assert.match(check.summary ?? "", /It changes the rules of environments\. `ada` pushed it/u);
    const commented = await place.push("main", { ".github/drydock.yaml": `# nothing else\n${RULES}` });
    assert.match((await told(place, commented)).title ?? "", /the rules$/u, "they are back");
    const same = await place.push("main", { ".github/drydock.yaml": `# another word\n${RULES}` });
    await weighedBefore(place);
    assert.equal(pushCheck(place, same), undefined, "what is asked is the same");
  });

  it("T28: advice is other rules, and the first rules of all go around none", async () => {
    const place = await at("advice", { "prod/web.yaml": DEPLOYMENT, ".github/drydock.yaml": "version: 1\n" });
    const first = await place.push("main", { ".github/drydock.yaml": RULES });
    const advised = await place.push("main", { ".github/drydock.yaml": `${RULES}mode: advise\n` });
    assert.match((await told(place, advised)).title ?? "", /changes the rules$/u);
    assert.equal(pushCheck(place, first), undefined);
  });

  it("T28: a push to another branch is weighed by the rules of its moment, also where these go right after it", async () => {
    const ruled = "version: 1\nenvironments: { prod: { branch: env/prod, approvals: 1 } }\n";
    const place = await at("rules-after", { "web.yaml": DEPLOYMENT, ".github/drydock.yaml": ruled });
    await place.push("env/prod", {});
    await app.quiet();
    const pushed = await place.push("env/prod", { "web.yaml": CHANGED });
    const relaxed = await place.push("main", { ".github/drydock.yaml": "version: 1\n" });
    assert.match((await told(place, relaxed)).title ?? "", /changes the rules$/u);
    assert.match((await told(place, pushed)).title ?? "", /changes prod$/u);
    // Back again, and pushed before anybody has read that.
    await place.push("main", { ".github/drydock.yaml": ruled });
    const again = await place.push("env/prod", { "web.yaml": OTHER });
    assert.match((await told(place, again)).title ?? "", /changes prod$/u);
  });

  for (const method of ["merge", "squash", "rebase"] as const) {
    it(`a green pull request that is merged (${method}) is told nowhere`, async () => {
      const place = await at(`green-${method}`);
      const { pull } = await greenChange(place);
      const commit = await merge(pull, method);
      await weighedBefore(place);
      assert.equal(pushCheck(place, commit), undefined);
      await place.quiet(500);
      assert.deepEqual(merges(place, pull.number), []);
    });
  }

  it("T28: a merge by somebody who may bypass the rules is told on the pull request, once", async () => {
    const place = await at("bypassed");
    const { head, pull } = await place.open("change", { "prod/web.yaml": CHANGED });
    await until(app, "the wait", () =>
      /^Waiting: 0 of 1/u.test(place.runs(head, "drydock/environments")[0]?.title ?? ""),
    );
    const commit = await merge(pull);
    const comment = await toldOfMerge(place, pull.number, /past the rules/u);
    assert.match(comment, /`ada` merged this into `main`, which changes `prod`/u);
    assert.match(comment, /Waiting: 0 of 1 approval /u);
    await weighedBefore(place);
    assert.equal(pushCheck(place, commit), undefined, "it has a pull request");
    assert.equal(merges(place, pull.number).length, 1);
  });

  it("T28: a merge that brings more than the pull request is told", async () => {
    const place = await at("evil-merge");
    const { pull } = await greenChange(place);
    const main = github().repositories.get(place.repository.id)?.branches.get("main") ?? "";
    const evil = await world.pushCommit(github(), app.ada, place.repository, {
      branch: "evil",
      files: { "prod/web.yaml": OTHER },
      from: main,
    });
    await world.moveBranch(github(), app.ada, place.repository, "main", evil);
    world.markMerged(github(), app.ada, pull, evil);
    await toldOfMerge(place, pull.number, /not what merging it gives/u);
    assert.match((await told(place, evil)).title ?? "", /changes prod/u);
  });

  it("T15, T27: a merge before the verdict caught up with its facts is told, whatever the verdict said", async () => {
    const place = await at("outdated");
    const { pull, review } = await greenChange(place);
    world.dismissReview(github(), app.ada, review);
    await merge(pull);
    await toldOfMerge(place, pull.number, /past the rules.*Waiting: 0 of 1/su);
  });

  it("a fact that changed without an event is found at the merge", async () => {
    const place = await at("left");
    const { pull } = await greenChange(place);
    await app.quiet();
    const team = world.findTeam(github(), place.organization, "sre") ?? assert.fail("no team");
    // As where the event is lost: the next hour's look has not come yet.
    world.change(github(), "teams", team, { memberIds: [] });
    await merge(pull);
    await toldOfMerge(place, pull.number, /past the rules.*Waiting: 0 of 1/su);
  });
});

describe("what comes in outside of the rules while webhooks are lost", () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({ files: FILES });
  });
  after(() => app.close());

  const github = (): world.World => app.sandbox.world;
  const lose = (event: string, action?: string): void =>
    injectWebhookFault(app.sandbox.parts.webhooks, {
      event,
      failing: { kind: "drop" },
      ...(action === undefined ? {} : { action }),
    });
  /** Permissions that were accepted anew have the installation looked through at once. */
  const sweep = ({ installation }: Place): void => {
    world.setPermissions(github(), app.ada, installation, installation.permissions);
  };
  const openGreen = async (place: Place): Promise<world.PullRequest> => {
    world.createTeam(github(), place.organization, "sre", { members: [app.grace] });
    const { head, pull } = await place.open("change", { "prod/web.yaml": CHANGED });
    world.submitReview(github(), app.grace, pull, { state: "APPROVED" });
    await until(app, "the pass", () => place.runs(head, "drydock")[0]?.conclusion === "success");
    return pull;
  };
  const comment = (place: Place, number: number): Promise<string> =>
    until(app, "what is said of the merge", () =>
      place
        .comments(number)
        .map(({ body }) => body)
        .find((body) => /on record/u.test(body)),
    );

  it("a base that moved unseen is told at the merge, and that the rules hold all the same", async () => {
    const place = await createPlace(app, "moved", { files: FILES });
    const pull = await openGreen(place);
    lose("push");
    await place.push("main", { "dev/web.yaml": CHANGED });
    await world.mergePullRequest(github(), app.ada, pull);
    const said = await comment(place, pull.number);
    assert.match(said, /on a verdict that was out of date\. Judged again as it was merged, every rule holds/u);
    assert.match(said, /main.* had moved since it was judged/u);
  });

  it("the sweep finds what was pushed, though not by whom, and what was merged", async () => {
    const place = await createPlace(app, "unseen", { files: FILES });
    await place.push("main", { "readme.md": "# Hello\n" });
    const { head, pull } = await place.open("change", { "dev/web.yaml": CHANGED, "prod/web.yaml": CHANGED });
    const isWaiting = () => /^Waiting/u.test(place.runs(head, "drydock/environments")[0]?.title ?? "");
    await until(app, "the wait", isWaiting);
    await app.quiet();
    lose("push");
    lose("pull_request", "closed");
    await world.mergePullRequest(github(), app.ada, pull);
    sweep(place);
    assert.match(await comment(place, pull.number), /past the rules/u);
    await app.quiet();
    lose("push");
    const pushed = await place.push("main", { "prod/web.yaml": OTHER });
    sweep(place);
    const check = await until(app, "what is said of the push", () => place.runs(pushed, "drydock/pushes")[0]);
    assert.match(check.summary ?? "", /Nobody was told who pushed it/u);
  });
});
