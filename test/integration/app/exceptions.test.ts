import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { enqueuePullRequest, injectFault } from "../../../src/sandbox/index.ts";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createPlace, until, type Place } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const DEPLOYMENT = printDeployment();
const UNTAGGED = DEPLOYMENT.replace(":1.0.0", "");
const EXCEPTION = "{ rule: image-tag, resource: 'Deployment/*/web', reason: the registry moves, approvers: security }";
const config = (...exceptions: readonly string[]): string =>
  `version: 1\npolicy:\n  rules: { image-tag: error }\n  exceptions: [${exceptions.join(", ")}]\n`;
const FILES = { "shop/web.yaml": DEPLOYMENT, ".github/drydock.yaml": config() };
const EXCEPTED = { "shop/web.yaml": UNTAGGED, ".github/drydock.yaml": config(EXCEPTION) };

/** A place whose organisation has a team `security` with grace in it, and people beside it. */
interface Guarded extends Place {
  readonly team: world.Team;
  /** Writes to the repository, and is in no team. */
  readonly heidi: world.Account;
}

describe("exceptions that a pull request adds", { concurrency: 4 }, () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({ files: FILES, env: { DRYDOCK_CHECKS: "4" } });
  });
  after(() => app.close());

  const github = (): world.World => app.sandbox.world;
  const at = async (name: string): Promise<Guarded> => {
    const place = await createPlace(app, name, { files: FILES });
    const team = world.createTeam(github(), place.organization, "security", { members: [app.grace] });
    const heidi = world.createUser(github(), `heidi-${name}`);
    world.setRole(github(), place.repository, heidi, "write");
    return { ...place, team, heidi };
  };
  const gateOf = (place: Place, head: string) => place.runs(head, "drydock")[0];
  const isWaiting = (place: Place, head: string): boolean => {
    const gate = gateOf(place, head);
    return gate?.conclusion !== "success" && /Waiting: approval of 1 exception/u.test(gate?.title ?? "");
  };
  const waits = (place: Place, head: string) => until(app, "the wait", () => isWaiting(place, head));
  const passes = async (place: Place, head: string): Promise<void> => {
    await until(app, "the pass", () => gateOf(place, head)?.conclusion === "success").catch((error: unknown) => {
      const { title, summary } = gateOf(place, head) ?? {};
      throw new Error(`${title ?? "no gate"}\n${summary ?? ""}`, { cause: error });
    });
  };
  const stillWaits = async (place: Place, head: string): Promise<void> => {
    await place.quiet(700);
    assert.ok(isWaiting(place, head), gateOf(place, head)?.title);
  };
  const approve = (who: world.Account, pull: world.PullRequest): world.Review =>
    world.submitReview(github(), who, pull, { state: "APPROVED" });
  const answersOf = (place: Place, number: number): string =>
    place
      .comments(number)
      .map(({ body }) => body)
      .join("\n");

  it("T34: wait for a member of the team that is not the author, and outlive a push that leaves them", async () => {
    const place = await at("approved");
    const { head, pull } = await place.open("change", EXCEPTED);
    await waits(place, head);
    // GitHub refuses a review of one's own; what counts here must not depend on it.
    approve(app.ada, pull);
    approve(place.heidi, pull);
    const judy = world.createUser(github(), "judy");
    world.setTeamMember(github(), place.team, judy, true);
    approve(judy, pull);
    await stillWaits(place, head);
    approve(app.grace, pull);
    await passes(place, head);
    const next = await place.push("change", { "shop/web.yaml": UNTAGGED.replace("replicas: 2", "replicas: 3") });
    assert.equal((await place.judged(next)).conclusion, "success");
  });

  it("T34: wait anew once the exception reads otherwise or the review is dismissed", async () => {
    const place = await at("changed");
    const { head, pull } = await place.open("change", EXCEPTED);
    await waits(place, head);
    const review = approve(app.grace, pull);
    await passes(place, head);
    const other = EXCEPTION.replace("the registry moves", "please");
    const changed = await place.push("change", { ".github/drydock.yaml": config(other) });
    await waits(place, changed);
    const back = await place.push("change", { ".github/drydock.yaml": config(EXCEPTION) });
    await passes(place, back);
    world.dismissReview(github(), app.ada, review);
    await waits(place, back);
  });

  it("T34: do not count for another resource than they were approved for", async () => {
    const place = await at("resource");
    const all = EXCEPTION.replace("Deployment/*/web", "*");
    const { head, pull } = await place.open("change", { ...EXCEPTED, ".github/drydock.yaml": config(all) });
    await waits(place, head);
    approve(app.grace, pull);
    await passes(place, head);
    const more = await place.push("change", { "shop/api.yaml": UNTAGGED.replaceAll("web", "api") });
    await waits(place, more);
  });

  it("T34: are approved by the team that the base names for the rule, whatever they say themselves", async () => {
    const place = await at("friends");
    world.createTeam(github(), place.organization, "friends", { members: [place.heidi] });
    const rule = "  rules: { image-tag: { level: error, approvers: security } }";
    const strict = config().replace("  rules: { image-tag: error }", rule);
    await place.push("main", { ".github/drydock.yaml": strict });
    const friendly = strict.replace("[]", `[${EXCEPTION.replace("security", "friends")}]`);
    const { head, pull } = await place.open("change", { ...EXCEPTED, ".github/drydock.yaml": friendly });
    await waits(place, head);
    approve(place.heidi, pull);
    await stillWaits(place, head);
    approve(app.grace, pull);
    await passes(place, head);
  });

  it("T34: are approved by a command of a member, until that one leaves the team", async () => {
    const place = await at("command");
    const { head, pull } = await place.open("change", EXCEPTED);
    await waits(place, head);
    world.addComment(github(), app.ada, pull, "/drydock approve");
    await until(app, "the refusal", () => /the author of a pull request does not/u.test(answersOf(place, pull.number)));
    world.addComment(github(), place.heidi, pull, "/drydock approve");
    await until(app, "the other", () => /takes a member of team `security`/u.test(answersOf(place, pull.number)));
    await stillWaits(place, head);
    world.addComment(github(), app.grace, pull, "/drydock approve");
    await passes(place, head);
    world.setTeamMember(github(), place.team, app.grace, false);
    await place.push("main", { "readme.md": "moved\n" });
    await waits(place, head);
  });

  it("T31: count in a merge queue by the approvals of their pull request, asked again", async () => {
    const place = await at("queued");
    const source = { type: "Repository", id: place.repository.id } as const;
    const requiredChecks = [{ context: "drydock", appId: app.sandbox.app.appId }];
    world.createRuleset(github(), source, "main", { hasMergeQueue: true, requiredChecks });
    const { head, pull } = await place.open("change", EXCEPTED);
    await waits(place, head);
    approve(app.grace, pull);
    await passes(place, head);
    const groups: string[] = [];
    world.subscribe(github(), (event) => {
      if (event.kind !== "merge_group" || event.action !== "checks_requested") return;
      const group = world.read(github(), "mergeGroups", { id: event.mergeGroupId });
      if (group.repositoryId === place.repository.id) groups.push(group.headSha);
    });
    world.setTeamMember(github(), place.team, app.grace, false);
    enqueuePullRequest(app.sandbox.parts.queues, app.ada, pull);
    const early = await until(app, "the first group", () => groups[0]);
    await until(app, "no", () => gateOf(place, early)?.conclusion === "failure");
    world.setTeamMember(github(), place.team, app.grace, true);
    await place.quiet(700);
    enqueuePullRequest(app.sandbox.parts.queues, app.ada, pull);
    await until(app, "the merge", () => world.read(github(), "pullRequests", pull).mergedAt);
  });

  it("T14: are not approved by a command that was given on an earlier commit", async () => {
    const place = await at("stale");
    const { head, pull } = await place.open("change", EXCEPTED);
    await waits(place, head);
    const fault = { operationId: "issues/get-comment", path: place.path } as const;
    injectFault(app.sandbox.faults, { ...fault, failing: { kind: "delay", milliseconds: 2500 } });
    world.addComment(github(), app.grace, pull, "/drydock approve");
    const next = await place.push("change", { "shop/api.yaml": UNTAGGED.replaceAll("web", "api") });
    await until(app, "the refusal", () => /had not been checked when you wrote/u.test(answersOf(place, pull.number)));
    await place.judged(next);
    assert.notEqual(gateOf(place, next)?.conclusion, "success");
  });

  it("wait and say so where the App may not ask who is in a team, or GitHub does not tell", async () => {
    const place = await at("unknown");
    const fault = { operationId: "teams/get-membership-for-user-in-org", path: "/orgs/unknown/" } as const;
    injectFault(app.sandbox.faults, { ...fault, count: 3, failing: { kind: "status", status: 500, when: "before" } });
    const { head, pull } = await place.open("change", EXCEPTED);
    await waits(place, head);
    approve(app.grace, pull);
    await stillWaits(place, head);
    const { members, ...rest } = place.installation.permissions;
    assert.equal(members, "read");
    // What is judged at this moment goes by the permissions that it began with.
    await app.quiet();
    world.setPermissions(github(), app.ada, place.installation, rest);
    await until(app, "the silence", () => {
      const said = place.runs(head).map(({ summary }) => summary ?? "");
      return said.some((summary) => /no permission `members: read`/u.test(summary));
    });
    assert.ok(isWaiting(place, head), gateOf(place, head)?.title);
  });
});
