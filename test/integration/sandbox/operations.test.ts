import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OPERATION_IDS } from "../../../src/sandbox/contract/operation-ids.ts";
import {
  createRuleset,
  createTeam,
  issueUserToken,
  protectBranch,
  pushCommit,
  read,
  setRole,
  type World,
} from "../../../src/sandbox/world/index.ts";
import { listFiles } from "../../../src/sandbox/git/index.ts";
import { openStage, request, signJwt, type Stage } from "./open-sandbox.ts";

const R = "/repos/acme/gitops";

/** Everything that is asked as an installation: what, and the status that is due. */
function listRequests(sha: string, repositoryId: number, rulesetId: number): [number, string, string, unknown?][] {
  const run = { name: "drydock", head_sha: sha, conclusion: "success", output: { title: "T", summary: "S" } };
  const review = { commit_id: sha, event: "COMMENT", body: "x", comments: [{ path: "app.yaml", line: 2, body: "b" }] };
  const file = { commit_id: sha, path: "app.yaml", subject_type: "file", body: "b" };
  return [
    [200, "GET", "/installation/repositories"],
    [200, "GET", R],
    [200, "GET", `/repositories/${repositoryId}`],
    [200, "GET", `${R}/pulls?state=all&base=main&sort=updated&direction=asc&per_page=100`],
    [200, "GET", `${R}/pulls/1`],
    [200, "GET", `${R}/pulls/1/files?per_page=100`],
    [200, "GET", `${R}/pulls/1/commits`],
    [200, "GET", `${R}/branches/main`],
    [404, "GET", `${R}/branches/none`],
    [200, "GET", `${R}/branches`],
    [200, "GET", `${R}/git/ref/heads/main`],
    [404, "GET", `${R}/git/ref/heads/none`],
    [200, "GET", `${R}/commits/${sha}`],
    [200, "GET", `${R}/contents/app.yaml?ref=${sha}`],
    [404, "GET", `${R}/contents/none.yaml`],
    [200, "GET", `${R}/branches/main/protection`],
    [404, "GET", `${R}/branches/raise/protection`],
    [200, "GET", `${R}/rules/branches/main`],
    [200, "GET", `${R}/rulesets`],
    [200, "GET", `${R}/rulesets/${rulesetId}`],
    [200, "GET", `${R}/collaborators/ada/permission`],
    [404, "GET", `${R}/collaborators/nobody/permission`],
    [200, "GET", "/orgs/acme/teams/sre/memberships/ada"],
    [404, "GET", "/orgs/acme/teams/hidden/memberships/ada"],
    [200, "GET", "/orgs/acme/teams/sre/members"],
    [200, "GET", "/orgs/acme"],
    [200, "GET", "/users/ada"],
    [200, "GET", "/rate_limit"],
    [200, "GET", "/meta"],
    [200, "GET", `${R}/issues/1`],
    [201, "POST", `${R}/issues/1/comments`, { body: "Hello" }],
    [200, "PATCH", `${R}/issues/comments/{id}`, { body: "Hello again" }],
    [200, "GET", `${R}/issues/comments/{id}`],
    [200, "GET", `${R}/issues/1/comments`],
    [200, "GET", `${R}/issues/comments?since=2020-01-01T00:00:00Z&sort=updated&direction=asc`],
    [201, "POST", `${R}/issues/comments/{id}/reactions`, { content: "eyes" }],
    [200, "POST", `${R}/issues/comments/{id}/reactions`, { content: "eyes" }],
    [200, "GET", `${R}/issues/comments/{id}/reactions`],
    [422, "PATCH", `${R}/issues/comments/{id}`, { body: "😀".repeat(65_537) }],
    [200, "PATCH", `${R}/issues/comments/{id}`, { body: "😀".repeat(65_536) }],
    [204, "DELETE", `${R}/issues/comments/{id}`],
    [404, "PATCH", `${R}/issues/comments/{id}`, { body: "Gone" }],
    [201, "POST", `${R}/labels`, { name: "env/prod", color: "B60205", description: "Production" }],
    [422, "POST", `${R}/labels`, { name: "ENV/prod", color: "B60205" }],
    [200, "GET", `${R}/labels/env%2Fprod`],
    [200, "GET", `${R}/labels`],
    [200, "POST", `${R}/issues/1/labels`, { labels: ["env/prod", "new"] }],
    [200, "GET", `${R}/issues/1/labels`],
    [200, "DELETE", `${R}/issues/1/labels/env%2Fprod`],
    [404, "DELETE", `${R}/issues/1/labels/env%2Fprod`],
    [201, "POST", `${R}/check-runs`, run],
    [200, "PATCH", `${R}/check-runs/{id}`, { output: { title: "T", summary: "S" } }],
    [200, "GET", `${R}/check-runs/{id}`],
    [200, "GET", `${R}/check-runs/{id}/annotations`],
    [201, "POST", `${R}/check-runs/{id}/rerequest`],
    [200, "GET", `${R}/commits/${sha}/check-runs`],
    [200, "GET", `${R}/commits/${sha}/check-suites`],
    [200, "GET", `${R}/check-suites/{suite}`],
    [200, "GET", `${R}/check-suites/{suite}/check-runs`],
    [201, "POST", `${R}/check-suites/{suite}/rerequest`],
    [201, "POST", `${R}/statuses/${sha}`, { state: "pending", context: "ci", target_url: "https://ci.example/1" }],
    [200, "GET", `${R}/commits/${sha}/statuses`],
    [200, "GET", `${R}/commits/${sha}/status`],
    [201, "POST", `${R}/deployments`, { ref: "raise", environment: "prod" }],
    [200, "GET", `${R}/deployments?environment=prod`],
    [201, "POST", `${R}/deployments/{id}/statuses`, { state: "success" }],
    [200, "GET", `${R}/deployments/{deployment}/statuses`],
    [200, "POST", `${R}/pulls/1/reviews`, review],
    [200, "GET", `${R}/pulls/1/reviews/{id}`],
    [200, "GET", `${R}/pulls/1/reviews/{id}/comments`],
    [200, "GET", `${R}/pulls/1/reviews`],
    [201, "POST", `${R}/pulls/1/comments`, file],
    [200, "GET", `${R}/pulls/comments/{id}`],
    [200, "GET", `${R}/pulls/comments?since=2020-01-01T00:00:00Z&sort=updated&direction=asc`],
    [200, "PATCH", `${R}/pulls/comments/{id}`, { body: "n" }],
    [201, "POST", `${R}/pulls/comments/{comment}/reactions`, { content: "eyes" }],
    [200, "GET", `${R}/pulls/1/comments`],
    [201, "POST", `${R}/pulls/1/comments/{comment}/replies`, { body: "n" }],
    [204, "DELETE", `${R}/pulls/comments/{comment}`],
    [405, "PUT", `${R}/pulls/1/merge`, {}],
    [404, "GET", `${R}/pulls/99`],
    [204, "DELETE", "/installation/token"],
  ];
}

/** The newest id of each kind that a path may name. */
function fillIn(path: string, last: string, { checkSuites, deployments, reviewComments }: World): string {
  const newest = (rows: ReadonlyMap<number, unknown>): string => String([...rows.keys()].at(-1));
  return path
    .replace("{id}", last)
    .replace("{suite}", newest(checkSuites))
    .replace("{deployment}", newest(deployments))
    .replace("{comment}", newest(reviewComments));
}

/** Asks for all of it; an id that an answer makes is the next paths' `{id}`. */
async function askAll(stage: Stage): Promise<void> {
  const { world, repository, ada, organization, pullRequest, send } = stage;
  const team = createTeam(world, organization, "SRE", { members: [ada] });
  createTeam(world, organization, "Hidden", { members: [ada], privacy: "secret" });
  setRole(world, repository, ada, "maintain");
  const requiredChecks = [{ context: "gate", appId: stage.sandbox.app.id }];
  protectBranch(world, repository, "main", { requiredChecks, needsResolvedConversations: true, approvals: 1 });
  const ruleset = createRuleset(world, { type: "Organization", id: organization.id }, "main", {
    requiredChecks,
    needsResolvedConversations: true,
    hasMergeQueue: true,
    bypassers: [{ type: "Team", id: team.id }],
  });
  let last = "";
  for (const [status, method, path, body] of listRequests(pullRequest.headSha, repository.id, ruleset.id)) {
    const address = fillIn(path, last, world);
    const reply = await send(method, address, body);
    assert.equal(reply.status, status, `${method} ${address}: ${JSON.stringify(reply.body)}`);
    const isNew = method === "POST" && !path.includes("{") && !path.endsWith("/labels");
    if (isNew) last = String(reply.body["id"]);
  }
}

async function askAsApp({ sandbox, world, installation, ada }: Stage): Promise<void> {
  const token = signJwt(sandbox, sandbox.app);
  const paths = ["/app", "/app/installations", `/app/installations/${installation.id}`, "/app/hook/config"];
  for (const path of [...paths, `${R}/installation`, "/app/hook/deliveries?per_page=10&status=failure"]) {
    assert.equal((await request(sandbox, "GET", path, { token })).status, 200, path);
  }
  const hook = { url: "http://127.0.0.1:1/hook", content_type: "json" };
  assert.equal((await request(sandbox, "PATCH", "/app/hook/config", { token, body: hook })).body["url"], hook.url);
  assert.equal((await request(sandbox, "GET", "/app/hook/deliveries/1", { token })).status, 404);
  assert.equal((await request(sandbox, "POST", "/app/hook/deliveries/1/attempts", { token })).status, 404);
  world.notes.manifestCodes.set("code", { appId: sandbox.app.id, expiresAt: world.clock() + 1000 });
  const made = await request(sandbox, "POST", "/app-manifests/code/conversions");
  assert.deepEqual([made.status, made.body["webhook_secret"]], [201, sandbox.app.webhookSecret]);
  assert.equal((await request(sandbox, "POST", "/app-manifests/code/conversions")).status, 404);
  const user = issueUserToken(world, ada.id, sandbox.app.id);
  assert.equal((await request(sandbox, "GET", "/user", { token: user.token })).status, 200);
}

describe("the operations in use", () => {
  for (const mode of ["github.com", "ghes"] as const) {
    it(`are answered as the description of ${mode} has it, all of them`, async (test) => {
      const stage = await openStage(test, { mode });
      await askAsApp(stage);
      await askAll(stage);
      assert.deepEqual(stage.sandbox.violations, []);
      const asked = new Set(stage.sandbox.requests.map(({ operationId }) => operationId));
      assert.deepEqual(
        OPERATION_IDS.filter((id) => !asked.has(id)),
        [],
      );
      assert.equal(read(stage.world, "pullRequests", stage.pullRequest).state, "open");
    });
  }
});

describe("pushes at the same moment", () => {
  it("build on each other, and the pull request follows to the last", async (test) => {
    const { world, ada, repository, pullRequest } = await openStage(test);
    const push = async (name: string): Promise<string> =>
      await pushCommit(world, ada, repository, { branch: "raise", files: { [name]: "kind: B\n" } });
    const heads = await Promise.all(["a.yaml", "b.yaml", "c.yaml"].map(push));
    const { branches } = read(world, "repositories", repository);
    assert.equal(branches.get("raise"), heads.at(-1));
    assert.equal(read(world, "pullRequests", pullRequest).headSha, heads.at(-1));
    const files = await listFiles(repository, heads.at(-1) ?? "");
    assert.deepEqual([...files.keys()].toSorted(), ["a.yaml", "app.yaml", "b.yaml", "c.yaml"]);
  });
});
