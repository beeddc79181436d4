import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { enqueuePullRequest, injectFault } from "../../../src/sandbox/index.ts";
import { signWebhook } from "../../../src/sandbox/webhooks/send-webhook.ts";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createPlace, until, type Place } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const DEPLOYMENT = printDeployment();
const CHANGED = DEPLOYMENT.replace("replicas: 2", "replicas: 3");
const OTHER = DEPLOYMENT.replace("replicas: 2", "replicas: 4");
const RULES = "version: 1\nenvironments: { prod: { paths: [prod], approvals: { count: 1, teams: [sre] } } }\n";
const FILES = { "prod/web.yaml": DEPLOYMENT, ".github/drydock.yaml": RULES };

/** A place whose organisation has a team `sre` with grace in it. */
interface Guarded extends Place {
  readonly team: world.Team;
}

describe("approvals of environments", { concurrency: 4 }, () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({ files: FILES, env: { DRYDOCK_CHECKS: "4" } });
  });
  after(() => app.close());

  const github = (): world.World => app.sandbox.world;
  const at = async (name: string, files: Readonly<Record<string, string>> = FILES): Promise<Guarded> => {
    const place = await createPlace(app, name, { files });
    return { ...place, team: world.createTeam(github(), place.organization, "sre", { members: [app.grace] }) };
  };
  const ruling = (place: Place, head: string) => place.runs(head, "drydock/environments")[0];
  const waits = (place: Place, head: string, why = /./u): Promise<unknown> =>
    until(app, `the wait of ${place.path}`, () => {
      const run = ruling(place, head);
      return run?.status === "in_progress" && /^Waiting: 0 of/u.test(run.title ?? "") && why.test(run.summary ?? "");
    }).catch((error: unknown) => {
      const { title, summary } = ruling(place, head) ?? {};
      throw new Error(`${title ?? "no check"}\n${summary ?? ""}`, { cause: error });
    });
  const passes = (place: Place, head: string): Promise<unknown> =>
    until(app, `the pass of ${place.path}`, () => ruling(place, head)?.conclusion === "success").catch(
      (error: unknown) => {
        const { title, summary } = ruling(place, head) ?? {};
        throw new Error(`${title ?? "no check"}\n${summary ?? ""}`, { cause: error });
      },
    );
  const review = (who: world.Account, pull: world.PullRequest, state: "APPROVED" | "CHANGES_REQUESTED" = "APPROVED") =>
    world.submitReview(github(), who, pull, { state });
  const force = (place: Place, from: string, files: Readonly<Record<string, string>>): Promise<string> =>
    world.pushCommit(github(), app.ada, place.repository, { branch: "change", files, from });

  it("T01, T02, T04: count of those who may, and of nobody who wrote it, whatever is called like them", async () => {
    const place = await at("who");
    const judy = world.createUser(github(), "judy");
    world.setTeamMember(github(), place.team, judy, true);
    const lin = world.createUser(github(), "lin");
    world.setRole(github(), place.repository, lin, "write");
    world.setTeamMember(github(), place.team, lin, true);
    world.setTeamMember(github(), place.team, app.ada, true);
    const message = `Change\n\nCo-authored-by: Lin <${lin.id}+lin@users.noreply.github.com>`;
    await world.pushCommit(github(), app.ada, place.repository, { branch: "change", files: { "a.md": "a" }, message });
    const { head, pull } = await place.open("change", { "prod/web.yaml": CHANGED });
    await waits(place, head);
    review(app.ada, pull);
    review(judy, pull);
    review(lin, pull);
    await waits(place, head, /approval of lin does not count here: lin wrote commits/u);
    review(app.grace, pull);
    await passes(place, head);
  });

  it("T01: take one more where somebody wrote it whom GitHub does not know", async () => {
    const place = await at("stranger");
    const author = { name: "Some One", email: "one@home.example" };
    const files = { "prod/web.yaml": CHANGED };
    const head = await world.pushCommit(github(), app.ada, place.repository, { branch: "change", files, author });
    const pull = await world.openPullRequest(github(), app.ada, place.repository, { head: "change" });
    await waits(place, head);
    review(app.grace, pull);
    await until(app, "the second", () => /^Waiting: 1 of 2/u.test(ruling(place, head)?.title ?? ""));
  });

  it("T01: do not count of who pushed a commit in somebody else's name, nor on a branch that was opened for them", async () => {
    const place = await at("forged");
    const author = { name: "ada", email: `${app.ada.id}+ada@users.noreply.github.com` };
    const forge = (branch: string, text: string): Promise<string> =>
      world.pushCommit(github(), app.grace, place.repository, { branch, files: { "prod/web.yaml": text }, author });
    const { pull } = await place.open("change", { "prod/web.yaml": CHANGED });
    const head = await forge("change", OTHER);
    review(app.grace, pull);
    await waits(place, head, /approval of grace does not count here: grace wrote commits/u);
    const own = await forge("own", OTHER);
    const opened = await world.openPullRequest(github(), app.ada, place.repository, { head: "own" });
    review(app.grace, opened);
    await waits(place, own, /approval of grace does not count here: grace wrote commits/u);
  });

  it("T15: go by the moment of the push, whatever dates the commits around it say", async () => {
    const place = await at("dates");
    const { head, pull } = await place.open("change", { "prod/web.yaml": CHANGED });
    await waits(place, head);
    world.addComment(github(), app.grace, pull, "/drydock approve");
    await passes(place, head);
    for (const [date, text] of [
      ["2001-01-01T00:00:00Z", OTHER],
      ["2037-01-01T00:00:00Z", OTHER.replace("replicas: 4", "replicas: 5")],
    ] as const) {
      const commit = { branch: "change", files: { "prod/web.yaml": text }, date };
      const next = await world.pushCommit(github(), app.ada, place.repository, commit);
      await waits(place, next, /grace approved before .*prod.* changed/u);
    }
  });

  it("T26: are asked for anew by a revert, a revert of that, and one to what nobody ever approved", async () => {
    const place = await at("reverted");
    const first = await place.open("change", { "prod/web.yaml": CHANGED });
    review(app.grace, first.pull);
    await passes(place, first.head);
    const { pull } = first;
    await world.mergePullRequest(github(), app.ada, pull, "merge");
    const merge = async (): Promise<string> => {
      const main = world.read(github(), "repositories", place.repository).branches.get("main") ?? "";
      await place.quiet(500);
      return main;
    };
    const open = async (branch: string, text: string, from: string) => {
      const commit = { branch, files: { "prod/web.yaml": text }, from, message: `Revert "Change"` };
      const head = await world.pushCommit(github(), app.ada, place.repository, commit);
      return { head, pull: await world.openPullRequest(github(), app.ada, place.repository, { head: branch }) };
    };
    const revert = await open("revert-1-change", DEPLOYMENT, await merge());
    await waits(place, revert.head);
    review(app.grace, revert.pull);
    await passes(place, revert.head);
    await world.mergePullRequest(github(), app.ada, revert.pull, "merge");
    const again = await open("revert-2-revert-1-change", CHANGED, await merge());
    await waits(place, again.head);
    const never = await open("revert-3", OTHER, await merge());
    await waits(place, never.head);
  });

  it("T05: stop counting when their author leaves the team, and count again on the return, by the event", async () => {
    const place = await at("leaver");
    const { head, pull } = await place.open("change", { "prod/web.yaml": CHANGED });
    review(app.grace, pull);
    await passes(place, head);
    world.setTeamMember(github(), place.team, app.grace, false);
    await waits(place, head);
    world.setTeamMember(github(), place.team, app.grace, true);
    await passes(place, head);
  });

  it("T03: are their author's last word", async () => {
    const place = await at("last-word");
    const { head, pull } = await place.open("change", { "prod/web.yaml": CHANGED });
    review(app.grace, pull);
    await passes(place, head);
    review(app.grace, pull, "CHANGES_REQUESTED");
    await waits(place, head);
    const again = review(app.grace, pull);
    await passes(place, head);
    world.dismissReview(github(), app.ada, again);
    await waits(place, head);
  });

  it("T03: by command do not live again when what took them back is dismissed", async () => {
    const place = await at("revived");
    const { head, pull } = await place.open("change", { "prod/web.yaml": CHANGED });
    await waits(place, head);
    world.addComment(github(), app.grace, pull, "/drydock approve prod");
    await passes(place, head);
    const refusal = review(app.grace, pull, "CHANGES_REQUESTED");
    await waits(place, head);
    world.dismissReview(github(), app.ada, refusal);
    await place.quiet(1_000);
    assert.match(ruling(place, head)?.title ?? "", /^Waiting: 0 of/u);
    world.addComment(github(), app.grace, pull, "/drydock approve prod");
    await passes(place, head);
  });

  it("T18: die with any change, come back with what was approved, and outlive what changes nothing", async () => {
    const place = await at("content");
    const { head, pull } = await place.open("change", { "prod/web.yaml": CHANGED });
    review(app.grace, pull);
    await passes(place, head);
    const other = await place.push("change", { "prod/web.yaml": OTHER });
    await waits(place, other, /grace approved before .*prod.* changed/u);
    const main = github().repositories.get(place.repository.id)?.branches.get("main") ?? "";
    const back = await force(place, main, { "prod/web.yaml": CHANGED, "notes.md": "rebased" });
    await passes(place, back);
    await place.push("main", { "dev/api.yaml": DEPLOYMENT.replaceAll("web", "api") });
    await place.quiet(700);
    assert.equal(ruling(place, back)?.conclusion, "success");
  });

  it("T19: are of the commit that we recorded, not of the one that GitHub names later; unseen ones count for nothing", async () => {
    const place = await at("moved");
    const { head, pull } = await place.open("change", { "prod/web.yaml": CHANGED });
    const given = review(app.grace, pull);
    await passes(place, head);
    const next = await place.push("change", { "prod/web.yaml": OTHER });
    world.change(github(), "reviews", given, { commitSha: next });
    await waits(place, next, /grace approved before/u);
    world.insert(github(), "reviews", {
      ...{ pullRequestId: pull.id, authorId: app.grace.id, body: "", state: "APPROVED", commitSha: next },
      submittedAt: given.submittedAt,
    });
    world.addComment(github(), app.ada, pull, "/drydock check");
    await waits(place, next, /grace approved before Drydock saw it: approve again/u);
  });

  it("T05: wait once somebody left the team, and where GitHub does not tell", async () => {
    const place = await at("left");
    const { head, pull } = await place.open("change", { "prod/web.yaml": CHANGED });
    review(app.grace, pull);
    await passes(place, head);
    world.setTeamMember(github(), place.team, app.grace, false);
    await place.push("main", { "readme.md": "moved\n" });
    await waits(place, head);
    world.setTeamMember(github(), place.team, app.grace, true);
    const fault = { operationId: "teams/get-membership-for-user-in-org", path: "/orgs/left/" } as const;
    injectFault(app.sandbox.faults, { ...fault, count: 100, failing: { kind: "status", status: 500, when: "before" } });
    await place.push("main", { "readme.md": "moved again\n" });
    await waits(place, head, /approval of grace waits: GitHub does not tell/u);
  });

  it("T20: count of whoever merged the base, unless they resolved it by hand", async () => {
    const place = await at("merged");
    const { pull } = await place.open("change", { "prod/web.yaml": CHANGED });
    const added = { "dev/api.yaml": DEPLOYMENT.replaceAll("web", "api") };
    const merged = await place.push("main", added);
    const merge = (files: Readonly<Record<string, string>>): Promise<string> =>
      world.pushCommit(github(), app.grace, place.repository, {
        branch: "change",
        files,
        merged,
        message: "Merge main",
      });
    const plain = await merge(added);
    review(app.grace, pull);
    await passes(place, plain);
    const byHand = await merge({ "prod/web.yaml": OTHER });
    review(app.grace, pull);
    await waits(place, byHand, /grace wrote commits of this pull request/u);
  });

  it("T21: of one branch say nothing of another, also at the same head", async () => {
    const rules = ["dev", "prod"].map((name) => `${name}: { branch: ${name}, approvals: { count: 1, teams: [sre] } }`);
    const config = `version: 1\nenvironments: { ${rules.join(", ")} }\n`;
    const place = await at("retargeted", { ...FILES, ".github/drydock.yaml": config });
    for (const branch of ["dev", "prod"]) await place.push(branch, { [`${branch}.md`]: branch });
    const { head, pull } = await place.open("change", { "prod/web.yaml": CHANGED }, { base: "dev" });
    review(app.grace, pull);
    await passes(place, head);
    world.editPullRequest(github(), app.ada, pull, { base: "prod" });
    await waits(place, head, /grace approved before/u);
    review(app.grace, pull);
    await passes(place, head);
  });

  it("T21: of one branch say nothing of another where environments are paths, until they are given there too", async () => {
    const place = await at("retargeted-paths");
    await place.push("dev", { "dev.md": "dev" });
    const { head, pull } = await place.open("change", { "prod/web.yaml": CHANGED }, { base: "dev" });
    review(app.grace, pull);
    await passes(place, head);
    world.editPullRequest(github(), app.ada, pull, { base: "main" });
    await waits(place, head, /grace approved before this was to be merged into main: approve again/u);
    world.addComment(github(), app.grace, pull, "/drydock approve");
    await passes(place, head);
    world.editPullRequest(github(), app.ada, pull, { base: "dev" });
    await passes(place, head);
  });

  it("T14: are given and taken back by commands, and without a team of theirs not at all", async () => {
    const place = await at("commands");
    const { head, pull } = await place.open("change", { "prod/web.yaml": CHANGED });
    await waits(place, head);
    world.addComment(github(), app.grace, pull, "/drydock approve prod");
    await passes(place, head);
    world.addComment(github(), app.grace, pull, "/drydock unapprove");
    await waits(place, head);
    world.addComment(github(), app.grace, pull, "/drydock approve");
    await passes(place, head);
    review(app.grace, pull, "CHANGES_REQUESTED");
    await waits(place, head);
  });

  it("T02: by a command without an environment do not skip what the config asks for one", async () => {
    const commands = "commands: { approve: { environments: { prod: { role: admin } } } }\n";
    const rules = "version: 1\nenvironments: { prod: { paths: [prod], approvals: 1 }, dev: { approvals: 1 } }\n";
    const place = await at("limited", { ...FILES, ".github/drydock.yaml": `${rules}${commands}` });
    const { head, pull } = await place.open("change", { "prod/web.yaml": CHANGED });
    await waits(place, head);
    world.addComment(github(), app.grace, pull, "/drydock approve prod");
    world.addComment(github(), app.grace, pull, "/drydock approve");
    await until(app, "what is said of it", () =>
      place.comments(pull.number).some(({ body }) => /It does not count in `prod`: the config asks/u.test(body)),
    );
    await place.quiet(700);
    assert.match(ruling(place, head)?.title ?? "", /^Waiting: 0 of/u);
    review(app.grace, pull);
    await passes(place, head);
  });

  it("T31: let a merge group in by the rules of its pull requests, asked again, and none that nobody opened", async () => {
    const place = await at("queue");
    const source = { type: "Repository", id: place.repository.id } as const;
    const requiredChecks = [{ context: "drydock", appId: app.sandbox.app.appId }];
    world.createRuleset(github(), source, "main", { hasMergeQueue: true, requiredChecks });
    const groups: string[] = [];
    world.subscribe(github(), (event) => {
      if (event.kind !== "merge_group" || event.action !== "checks_requested") return;
      const group = world.read(github(), "mergeGroups", { id: event.mergeGroupId });
      if (group.repositoryId === place.repository.id) groups.push(group.headSha);
    });
    const { head, pull } = await place.open("change", { "prod/web.yaml": CHANGED });
    review(app.grace, pull);
    await passes(place, head);
    world.setTeamMember(github(), place.team, app.grace, false);
    enqueuePullRequest(app.sandbox.parts.queues, app.ada, pull);
    const early = await until(app, "the first group", () => groups[0]);
    await until(app, "its refusal", () => ruling(place, early)?.conclusion === "failure");
    assert.match(ruling(place, early)?.title ?? "", /0 of 1 approval for prod/u);
    world.setTeamMember(github(), place.team, app.grace, true);
    await place.quiet(700);

    const ref = "gh-readonly-queue/main/pr-99-0";
    const base = world.read(github(), "repositories", place.repository).branches.get("main") ?? "";
    const foreign = await place.push(ref, { "prod/web.yaml": OTHER });
    await deliverGroup(place, { headSha: foreign, headRef: ref, baseSha: base });
    await until(app, "the refusal of a head of nobody's", () => ruling(place, foreign)?.conclusion === "failure");
    assert.match(ruling(place, foreign)?.title ?? "", /Not every change here/u);

    enqueuePullRequest(app.sandbox.parts.queues, app.ada, pull);
    await until(app, "the merge", () => world.read(github(), "pullRequests", pull).mergedAt);
  });

  it("T31, T35: refuse a merge group by rules of branches, though it changes no environment", async () => {
    const rules = `${RULES}branches:\n  - { base: [main], heads: ["release/*"] }\n`;
    const place = await at("queue-branches", { ...FILES, ".github/drydock.yaml": rules });
    const { pull } = await place.open("change", { "readme.md": "# Hello\n" });
    const base = world.read(github(), "repositories", place.repository).branches.get("main") ?? "";
    const judge = async (name: string): Promise<string> => {
      const headRef = `gh-readonly-queue/main/${name}`;
      // A commit of its own: the same one in the same second is the pull request's.
      const headSha = await place.push(headRef, { "readme.md": `# Hello\n\n${name}\n` });
      await deliverGroup(place, { headSha, headRef, baseSha: base });
      await until(app, `the end of ${name}`, () => ruling(place, headSha)?.conclusion);
      return `${ruling(place, headSha)?.conclusion} ${ruling(place, headSha)?.title}`;
    };
    assert.equal(await judge(`pr-${pull.number}-${base}`), `failure #${pull.number}: Only release/* into main`);
    assert.equal(await judge(`pr-99-${base}`), "failure Not known which pull request this is");
    const release = await place.open("release/1", { "readme.md": "# Hello there\n" });
    assert.match(await judge(`pr-${release.pull.number}-${base.slice(1)}`), /^success /u);
  });

  /** A group by GitHub's own signature. */
  async function deliverGroup(
    { repository, organization, installation }: Place,
    { headSha, headRef, baseSha }: { readonly headSha: string; readonly headRef: string; readonly baseSha: string },
  ): Promise<void> {
    const payload = {
      action: "checks_requested",
      merge_group: {
        ...{ head_sha: headSha, head_ref: `refs/heads/${headRef}`, base_sha: baseSha, base_ref: "refs/heads/main" },
      },
      repository: { id: repository.id, name: repository.name, owner: { login: organization.login } },
      installation: { id: installation.id },
      sender: { id: app.ada.id, login: app.ada.login, type: "User" },
    };
    const body = Buffer.from(JSON.stringify(payload));
    const signed = { app: app.sandbox.app, event: "merge_group", guid: crypto.randomUUID(), enterprise: undefined };
    const url = `http://127.0.0.1:${app.server.port}/api/github/webhooks`;
    const { status } = await fetch(url, {
      ...{ method: "POST", headers: signWebhook(signed, body), body: new Uint8Array(body) },
    });
    assert.equal(status, 202);
  }
});
