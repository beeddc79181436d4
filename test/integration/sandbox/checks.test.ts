import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  changeRuleset,
  createApp,
  createCheckRun,
  createRuleset,
  createTeam,
  createUser,
  forkRepository,
  installApp,
  isSatisfied,
  issueUserToken,
  listMergeBlockers,
  openPullRequest,
  protectBranch,
  pushCommit,
  read,
  requestAction,
  rerunCheck,
  setRole,
  setStatus,
  setTeamMember,
  subscribe,
  unprotectBranch,
  updateCheckRun,
  type Ref,
  type WorldEvent,
} from "../../../src/sandbox/world/index.ts";
import { openStage, request, tokenFor } from "./open-sandbox.ts";

const RUNS = "/repos/acme/gitops/check-runs";
const annotation = { path: "app.yaml", start_line: 2, end_line: 2, annotation_level: "failure", message: "no" };

describe("a check run", () => {
  it("takes 50 annotations a request, adds them up, and refuses the 51st", async (test) => {
    const { send, sandbox, pullRequest } = await openStage(test);
    const output = { title: "T", summary: "S", annotations: Array.from({ length: 50 }, () => annotation) };
    const run = await send("POST", RUNS, { name: "drydock", head_sha: pullRequest.headSha, output });
    const id = String(run.body["id"]);
    const more = { title: "T", summary: "S", annotations: [annotation] };
    assert.equal((await send("PATCH", `${RUNS}/${id}`, { output: more })).status, 200);
    assert.deepEqual(sandbox.violations, []);
    const listed = await send("GET", `${RUNS}/${id}/annotations?per_page=100`);
    assert.equal(listed.body["length"], 51);
    const tooMany = { ...output, annotations: [...output.annotations, annotation] };
    assert.equal((await send("PATCH", `${RUNS}/${id}`, { output: tooMany })).status, 422);
    assert.equal(sandbox.violations.length, 1);
  });

  it("refuses texts over 65,535 bytes and a commit that is not there", async (test) => {
    const { send, pullRequest } = await openStage(test);
    const run = { name: "drydock", head_sha: pullRequest.headSha };
    const long = { ...run, output: { title: "T", summary: "ä".repeat(40_000) } };
    assert.equal((await send("POST", RUNS, long)).status, 422);
    assert.equal((await send("POST", RUNS, { ...run, head_sha: "0".repeat(40) })).status, 422);
    assert.equal((await send("POST", RUNS, { ...run, status: "completed" })).status, 422);
  });

  it("belongs to the App's suite on the commit; the newest of a name is listed", async (test) => {
    const { send, sandbox, pullRequest } = await openStage(test);
    const run = { name: "drydock", head_sha: pullRequest.headSha, external_id: "a" };
    const first = await send("POST", RUNS, run);
    const second = await send("POST", RUNS, { ...run, external_id: "b", status: "completed", conclusion: "success" });
    assert.deepEqual(first.body["check_suite"], second.body["check_suite"]);
    const path = `/repos/acme/gitops/commits/${pullRequest.headSha}/check-runs?check_name=drydock`;
    assert.equal((await send("GET", path)).body["total_count"], 1);
    assert.equal((await send("GET", `${path}&filter=all&app_id=${sandbox.app.id}`)).body["total_count"], 2);
    assert.equal((await send("GET", `${path}&app_id=1`)).body["total_count"], 0);
    assert.deepEqual(sandbox.violations, []);
  });

  it("of another App cannot be changed", async (test) => {
    const { sandbox, world, ada, organization, send, pullRequest } = await openStage(test);
    const other = await createApp(world, ada, "Other", { permissions: { checks: "write" } });
    installApp(world, ada, other, organization);
    const repository = { id: pullRequest.repositoryId };
    const run = createCheckRun(world, ada, repository, other, { name: "drydock", headSha: pullRequest.headSha });
    assert.equal((await send("PATCH", `${RUNS}/${run.id}`, { conclusion: "success" })).status, 403);
    assert.deepEqual(sandbox.violations, []);
  });

  it("names no pull request of a fork", async (test) => {
    const { sandbox, world, repository, send } = await openStage(test, { isPublic: true });
    const eve = createUser(world, "eve");
    const fork = await forkRepository(world, eve, repository);
    const files = { "app.yaml": "kind: A\nreplicas: 9\nname: a\n" };
    const head = await pushCommit(world, eve, fork, { branch: "grow", files });
    await openPullRequest(world, eve, repository, { head: "grow", headRepository: fork });
    const foreign = await send("POST", RUNS, { name: "drydock", head_sha: head });
    assert.deepEqual([foreign.status, foreign.body["pull_requests"]], [201, []]);
    assert.deepEqual(sandbox.violations, []);
  });

  it("tells when it is done, asked for again, and when a button of it is pressed", async (test) => {
    const { world, ada, repository, sandbox, pullRequest } = await openStage(test);
    const events: WorldEvent[] = [];
    subscribe(world, (event) => events.push(event));
    const action = { label: "Re-run", description: "Check again", identifier: "rerun" };
    const run = createCheckRun(world, ada, repository, sandbox.app, {
      name: "drydock",
      headSha: pullRequest.headSha,
      actions: [action],
    });
    updateCheckRun(world, ada, run, { conclusion: "failure" });
    rerunCheck(world, ada, run);
    requestAction(world, ada, run, "rerun");
    assert.throws(() => requestAction(world, ada, run, "other"));
    const told = events.map((event) => ("action" in event ? `${event.kind}.${event.action}` : event.kind));
    assert.deepEqual(told, [
      "check_run.created",
      "check_run.completed",
      "check_suite.completed",
      "check_run.rerequested",
      "check_run.requested_action",
    ]);
    assert.equal(read(world, "checkRuns", run).conclusion, "failure");
  });
});

describe("what may be merged", () => {
  const required = { context: "drydock" };

  it("T29: needs the check of the App it is pinned to, the newest of its name", async (test) => {
    const { world, ada, repository, sandbox, pullRequest } = await openStage(test);
    protectBranch(world, repository, "main", { requiredChecks: [{ ...required, appId: sandbox.app.id }] });
    const blockers = async (): Promise<number> => (await listMergeBlockers(world, pullRequest)).length;
    const other = await createApp(world, ada, "Other");
    const run = { name: "drydock", headSha: pullRequest.headSha };
    createCheckRun(world, ada, repository, other, { ...run, conclusion: "success" });
    setStatus(world, ada, repository, pullRequest.headSha, { context: "drydock", state: "success" });
    assert.equal(await blockers(), 1);
    const say = async (): Promise<string> => (await listMergeBlockers(world, pullRequest)).join("\n");
    assert.equal(await say(), 'Required status check "drydock" is expected.');
    createCheckRun(world, ada, repository, sandbox.app, { ...run, status: "in_progress" });
    assert.equal(await say(), 'Required status check "drydock" is in progress.');
    createCheckRun(world, ada, repository, sandbox.app, { ...run, conclusion: "success" });
    assert.equal(await blockers(), 0);
    createCheckRun(world, ada, repository, sandbox.app, { ...run, conclusion: "failure" });
    assert.equal(await say(), 'Required status check "drydock" is failing.');
  });

  it("T30: is satisfied by neutral and skipped, and by nobody in particular when it is not pinned", async (test) => {
    const { world, ada, repository, sandbox, pullRequest } = await openStage(test);
    const check = { ...required, appId: undefined };
    const run = createCheckRun(world, ada, repository, sandbox.app, {
      name: "drydock",
      headSha: pullRequest.headSha,
      conclusion: "skipped",
    });
    assert.equal(isSatisfied(world, pullRequest, check), true);
    updateCheckRun(world, ada, run, { conclusion: "neutral" });
    assert.equal(isSatisfied(world, pullRequest, check), true);
    setStatus(world, ada, repository, pullRequest.headSha, { context: "drydock", state: "failure" });
    assert.equal(isSatisfied(world, pullRequest, check), false);
  });

  it("is merged without the check by those alone who may bypass the rule: by name, by team, as an administrator", async (test) => {
    const { world, ada, organization, repository, sandbox, pullRequest } = await openStage(test);
    const [grace, linus, eve] = ["grace", "linus", "eve"].map((login) => createUser(world, login));
    assert.ok(grace && linus && eve);
    for (const one of [grace, linus, eve]) setRole(world, repository, one, "write");
    const team = createTeam(world, organization, "On call", { members: [linus] });
    const requiredChecks = [{ ...required, appId: sandbox.app.id }];
    const ruleset = createRuleset(world, { type: "Repository", id: repository.id }, "main", {
      requiredChecks,
      bypassers: [
        { type: "User", id: grace.id },
        { type: "Team", id: team.id },
      ],
    });
    const mayMerge = async (actor: Ref): Promise<boolean> =>
      (await listMergeBlockers(world, pullRequest, actor)).length === 0;
    const ask = () => Promise.all([ada, grace, linus, eve].map(mayMerge));
    assert.deepEqual(await ask(), [false, true, true, false]);
    assert.equal((await listMergeBlockers(world, pullRequest)).length, 1, "the merge box shows it as blocked");
    setTeamMember(world, team, linus, false);
    assert.deepEqual(await ask(), [false, true, false, false]);
    changeRuleset(world, ruleset, { enforcement: "evaluate" });
    assert.deepEqual(await ask(), [true, true, true, true], "it is tried, and holds nobody");
    protectBranch(world, repository, "main", { requiredChecks });
    assert.deepEqual(await ask(), [true, false, false, false]);
    protectBranch(world, repository, "main", { requiredChecks, enforcesAdmins: true });
    assert.deepEqual(await ask(), [false, false, false, false]);
    unprotectBranch(world, repository, "main");
    changeRuleset(world, ruleset, { enforcement: "active" });
    const merge = async (actor: Ref): Promise<number> => {
      const { token } = issueUserToken(world, actor.id, sandbox.app.id);
      return (await request(sandbox, "PUT", "/repos/acme/gitops/pulls/1/merge", { token, body: {} })).status;
    };
    assert.deepEqual([await merge(eve), await merge(grace)], [405, 200]);
  });

  it("is merged by the API when nothing is in the way, on the head that was looked at", async (test) => {
    const { world, repository, sandbox, pullRequest, send } = await openStage(test);
    const merge = async (sha: string): Promise<number> =>
      (await send("PUT", "/repos/acme/gitops/pulls/1/merge", { sha, merge_method: "squash" })).status;
    createRuleset(world, { type: "Repository", id: repository.id }, "main", {
      requiredChecks: [{ ...required, appId: sandbox.app.id }],
    });
    assert.equal(await merge(pullRequest.headSha), 405);
    const run = { name: "drydock", head_sha: pullRequest.headSha, conclusion: "success" };
    await send("POST", RUNS, run);
    assert.equal(await merge("0".repeat(40)), 409);
    assert.equal(await merge(pullRequest.headSha), 200);
    const merged = await send("GET", "/repos/acme/gitops/pulls/1");
    assert.deepEqual([merged.body["merged"], merged.body["state"]], [true, "closed"]);
    assert.equal(merged.body["merge_commit_sha"], read(world, "repositories", repository).branches.get("main"));
    assert.deepEqual(sandbox.violations, []);
  });

  it("is not known at first, then told by git, conflicts too", async (test) => {
    const { world, ada, repository, sandbox, send } = await openStage(test);
    const state = async (): Promise<unknown> => (await send("GET", "/repos/acme/gitops/pulls/1")).body["mergeable"];
    assert.deepEqual([await state(), await state()], [null, true]);
    const files = { "app.yaml": "kind: A\nreplicas: 7\nname: a\n" };
    await pushCommit(world, ada, repository, { files });
    assert.deepEqual([await state(), await state()], [null, false]);
    assert.deepEqual(sandbox.violations, []);
  });

  it("is the same for a token that may not merge: no", async (test) => {
    const { sandbox, installation } = await openStage(test);
    const token = await tokenFor(sandbox, installation, { permissions: { contents: "read", pull_requests: "write" } });
    const path = "/repos/acme/gitops/pulls/1/merge";
    assert.equal((await request(sandbox, "PUT", path, { token, body: {} })).status, 403);
  });
});
