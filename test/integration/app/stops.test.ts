import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { enqueuePullRequest } from "../../../src/sandbox/index.ts";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createMovedClock } from "../../fakes/moved-clock.ts";
import { createPlace, until, type Place } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const HOUR = 3600_000;
const DEPLOYMENT = printDeployment();
const MORE = DEPLOYMENT.replace("replicas: 2", "replicas: 3");
const MOST = DEPLOYMENT.replace("replicas: 2", "replicas: 4");
const config = (more = ""): string =>
  `version: 1\nenvironments:\n  prod: { paths: [prod], approvals: { teams: [sre], count: ${more === "" ? 0 : 1} } }\n` +
  `  dev: { paths: [dev] }\noverride: { teams: [sre] }\n${more}`;
const files = (more?: string) => ({
  "prod/web.yaml": DEPLOYMENT,
  "dev/web.yaml": DEPLOYMENT,
  ".github/drydock.yaml": config(more),
});

describe("stops and overrides", { concurrency: 4 }, () => {
  let app: RunningApp;
  const clock = createMovedClock();
  before(async () => {
    app = await startApp({ files: files(), env: { DRYDOCK_CHECKS: "4" }, now: clock.now });
  });
  after(() => app.close());

  const github = (): world.World => app.sandbox.world;
  const at = async (name: string, more?: string): Promise<Place & { readonly team: world.Team }> => {
    const place = await createPlace(app, name, { files: files(more) });
    return { ...place, team: world.createTeam(github(), place.organization, "sre", { members: [app.grace, app.ada] }) };
  };
  const titleOf = (place: Place, head: string): string => place.runs(head, "drydock/environments")[0]?.title ?? "";
  const gets = async (place: Place, head: string, title: RegExp): Promise<void> => {
    await until(app, title.source, () => title.test(titleOf(place, head))).catch((error: unknown) => {
      throw new Error(`it says: ${titleOf(place, head)}`, { cause: error });
    });
  };
  const say = (who: world.Account, pull: world.PullRequest, text: string): world.Comment =>
    world.addComment(github(), who, pull, text);
  const answers = (place: Place, number: number): string =>
    place
      .comments(number)
      .map(({ body }) => body)
      .join("\n");

  it("hold one pull request, and let it go", async () => {
    const place = await at("held");
    const { head, pull } = await place.open("change", { "prod/web.yaml": MORE });
    const other = await place.open("other", { "prod/web.yaml": MOST });
    await place.judged(head);
    await place.judged(other.head);
    say(app.grace, pull, "/drydock hold until the demo is over");
    await gets(place, head, /^Waiting: this pull request is held by grace/u);
    assert.equal(place.runs(head, "drydock")[0]?.conclusion ?? "none", "none");
    assert.match(titleOf(place, other.head), /^Every rule of prod holds/u);
    say(app.ada, pull, "/drydock unhold");
    await gets(place, head, /^Every rule of prod holds/u);
  });

  it("T27: freeze what was let in already, for its environment alone, until the moment comes without an event", async () => {
    const place = await at("frozen");
    const prod = await place.open("prod", { "prod/web.yaml": MORE });
    const dev = await place.open("dev", { "dev/web.yaml": MORE });
    assert.equal((await place.judged(prod.head)).conclusion, "success");
    await place.judged(dev.head);
    say(app.ada, dev.pull, "/drydock freeze prod 2h the shop is down");
    await gets(place, prod.head, /^Waiting: prod is frozen by ada/u);
    const summary = place.runs(prod.head, "drydock/environments")[0]?.summary ?? "";
    assert.match(summary, /the shop is down/u);
    assert.match(summary, /\/drydock unfreeze prod/u);
    assert.match(titleOf(place, dev.head), /^Every rule of dev holds/u);
    clock.pass(2 * HOUR);
    await gets(place, prod.head, /^Every rule of prod holds/u);
  });

  it("lock an environment until its holder or an admin unlocks it", async () => {
    const place = await at("locked");
    const { head, pull } = await place.open("change", { "prod/web.yaml": MORE });
    await place.judged(head);
    const heidi = world.createUser(github(), "heidi-locks");
    world.setRole(github(), place.repository, heidi, "write");
    say(app.grace, pull, "/drydock lock prod");
    await gets(place, head, /^Waiting: prod is locked by grace/u);
    say(heidi, pull, "/drydock unlock prod");
    await until(app, "the refusal", () => /locked by `grace`/u.test(answers(place, pull.number)));
    await place.quiet(500);
    assert.match(titleOf(place, head), /locked by grace/u);
    say(app.ada, pull, "/drydock unlock prod");
    await gets(place, head, /^Every rule of prod holds/u);
  });

  it("wait, where an environment uses locks and the records are new, for an admin's word", async () => {
    const place = await at("unknown");
    const used = config().replace("paths: [prod],", "paths: [prod], locks: true,");
    await place.push("main", { ".github/drydock.yaml": used });
    const { head, pull } = await place.open("change", { "prod/web.yaml": MORE });
    await gets(place, head, /^Waiting: an admin's word on locks of prod/u);
    say(app.grace, pull, "/drydock unlock prod");
    await until(app, "the refusal", () => /an admin has to say/u.test(answers(place, pull.number)));
    say(app.ada, pull, "/drydock unlock prod");
    await gets(place, head, /^Every rule of prod holds/u);
  });

  it("T26: a revert is frozen as everything is, for whoever may not override", async () => {
    const place = await at("revert-frozen");
    const first = await place.open("change", { "prod/web.yaml": MORE });
    await gets(place, first.head, /^Every rule of prod holds/u);
    await world.mergePullRequest(github(), app.ada, first.pull, "merge");
    await place.quiet(500);
    const main = world.read(github(), "repositories", place.repository).branches.get("main") ?? "";
    const commit = { branch: "revert-1-change", files: { "prod/web.yaml": DEPLOYMENT }, from: main };
    const head = await world.pushCommit(github(), app.grace, place.repository, commit);
    const pull = await world.openPullRequest(github(), app.grace, place.repository, { head: "revert-1-change" });
    await gets(place, head, /^Every rule of prod holds/u);
    say(app.ada, pull, "/drydock freeze prod 2h the shop is down");
    await gets(place, head, /^Waiting: prod is frozen by ada/u);
    const heidi = world.createUser(github(), "heidi-reverts");
    world.setRole(github(), place.repository, heidi, "write");
    say(heidi, pull, "/drydock override freeze this only reverts");
    await until(app, "the refusal", () => /takes a member of team `sre`/u.test(answers(place, pull.number)));
    await place.quiet(500);
    assert.match(titleOf(place, head), /^Waiting: prod is frozen by ada/u);
  });

  it("T54: a hotfix label lifts a window when somebody set it who may approve, and not a triager", async () => {
    const always =
      "{ name: Closed, effect: deny, from: 2001-01-01T00:00:00Z, until: 2099-01-01T00:00:00Z, timeZone: UTC, exceptLabels: [hotfix] }";
    const place = await at("hotfix");
    const windowed = config().replace("paths: [prod],", `paths: [prod], windows: [${always}],`);
    await place.push("main", { ".github/drydock.yaml": windowed });
    const triager = world.createUser(github(), "triager-hotfix");
    world.setRole(github(), place.repository, triager, "triage");
    const { head, pull } = await place.open("change", { "prod/web.yaml": MORE });
    await gets(place, head, /^Waiting: prod is frozen/u);
    const explains = (why: RegExp): Promise<unknown> =>
      until(app, why.source, () => why.test(place.runs(head, "drydock/environments")[0]?.summary ?? ""));
    world.addLabel(github(), triager, pull, "hotfix");
    await explains(/triager-hotfix`?, who set it, is not among team sre/u);
    assert.match(titleOf(place, head), /^Waiting: prod is frozen/u);
    world.removeLabel(github(), triager, pull, "hotfix");
    await place.quiet(1100);
    world.addLabel(github(), app.grace, pull, "hotfix");
    await gets(place, head, /^Every rule of prod holds/u);
    world.setTeamMember(github(), place.team, app.grace, false);
    say(app.ada, pull, "/drydock check");
    await gets(place, head, /^Waiting: prod is frozen/u);
  });

  const APPROVED = "# approvals\n";

  it("T05: override a rule by a member of the team, with a reason, until that one leaves it", async () => {
    const place = await at("overridden", APPROVED);
    const { head, pull } = await place.open("change", { "prod/web.yaml": MORE });
    await gets(place, head, /^Waiting: 0 of 1 approval for prod/u);
    const heidi = world.createUser(github(), "heidi-overrides");
    world.setRole(github(), place.repository, heidi, "write");
    say(heidi, pull, "/drydock override approvals the shop is down");
    await until(app, "the refusal", () => /takes a member of team `sre`/u.test(answers(place, pull.number)));
    say(app.grace, pull, "/drydock override approvals");
    await until(app, "the reason", () => /it takes a rule and the reason/u.test(answers(place, pull.number)));
    await place.quiet(500);
    assert.match(titleOf(place, head), /^Waiting: 0 of 1/u);
    say(app.grace, pull, "/drydock override approvals the shop is down");
    await gets(place, head, /^approvals overridden by grace/u);
    world.setTeamMember(github(), place.team, app.grace, false);
    say(app.ada, pull, "/drydock check");
    await gets(place, head, /^Waiting: 0 of 1 approval for prod/u);
  });

  it("T01, T18: count an author's override never alone, and none after a push that changes what is rendered", async () => {
    const place = await at("alone", APPROVED);
    const { head, pull } = await place.open("change", { "prod/web.yaml": MORE });
    await gets(place, head, /^Waiting: 0 of 1 approval for prod/u);
    say(app.ada, pull, "/drydock override approvals the shop is down");
    await until(app, "the record", () => /is overridden/u.test(answers(place, pull.number)));
    await until(app, "why it does not count", () => {
      return /somebody else of team sre/u.test(place.runs(head, "drydock/environments")[0]?.summary ?? "");
    });
    assert.match(titleOf(place, head), /^Waiting: 0 of 1/u);
    say(app.grace, pull, "/drydock override approvals the shop is down");
    await gets(place, head, /^approvals overridden by ada and grace/u);
    const same = await place.push("change", { "README.md": "words\n" });
    await gets(place, same, /^approvals overridden by/u);
    const next = await place.push("change", { "prod/web.yaml": MOST });
    await gets(place, next, /^Waiting: 0 of 1 approval for prod/u);
    const again = await place.push("change", { "prod/web.yaml": MORE });
    await gets(place, again, /^Waiting: 0 of 1 approval for prod/u);
  });

  it("T31: keep a merge group out that changes no environment, when the pull request it was made for is held", async () => {
    const place = await at("queued-hold");
    const source = { type: "Repository", id: place.repository.id } as const;
    const requiredChecks = [{ context: "drydock", appId: app.sandbox.app.appId }];
    world.createRuleset(github(), source, "main", { hasMergeQueue: true, requiredChecks });
    const groups: string[] = [];
    world.subscribe(github(), (event) => {
      if (event.kind !== "merge_group" || event.action !== "checks_requested") return;
      const group = world.read(github(), "mergeGroups", { id: event.mergeGroupId });
      if (group.repositoryId === place.repository.id) groups.push(group.headSha);
    });
    const { head, pull } = await place.open("change", { "README.md": "words\n" });
    await gets(place, head, /^No environment changes/u);
    say(app.grace, pull, "/drydock hold until Monday");
    await gets(place, head, /this pull request is held/u);
    enqueuePullRequest(app.sandbox.parts.queues, app.ada, pull);
    const group = await until(app, "the group", () => groups[0]);
    const gate = await until(app, "its refusal", () => {
      const [run] = place.runs(group, "drydock");
      return run?.conclusion === "failure" && run;
    });
    assert.match(gate.title ?? "", /this pull request is held by grace/u);
  });

  it("T31: let a merge group in for what its pull request was let in with, while who overrode may", async () => {
    const place = await at("queued-override");
    const policy = "policy: { rules: { image-tag: error } }\n";
    await place.push("main", { ".github/drydock.yaml": config(policy).replace("count: 1", "count: 0") });
    const source = { type: "Repository", id: place.repository.id } as const;
    const requiredChecks = [{ context: "drydock", appId: app.sandbox.app.appId }];
    world.createRuleset(github(), source, "main", { hasMergeQueue: true, requiredChecks });
    const { head, pull } = await place.open("change", { "prod/web.yaml": MORE.replace(":1.0.0", ":latest") });
    await until(app, "the red", () => place.runs(head, "drydock")[0]?.conclusion === "failure");
    say(app.grace, pull, "/drydock override image-tg the shop is down");
    await until(app, "the right name", () => /did you mean `image-tag`/u.test(answers(place, pull.number)));
    say(app.grace, pull, "/drydock override image-tag the shop is down");
    await until(app, "the green", () => place.runs(head, "drydock")[0]?.conclusion === "success");
    enqueuePullRequest(app.sandbox.parts.queues, app.ada, pull);
    await until(app, "the merge", () => world.read(github(), "pullRequests", pull).mergedAt);
  });
});
