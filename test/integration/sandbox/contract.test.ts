import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openContract } from "../../../src/sandbox/contract/contract.ts";
import { insert } from "../../../src/sandbox/world/index.ts";
import { openStage } from "./open-sandbox.ts";

const REPOSITORY = "/repos/acme/gitops";

describe("what differs from GitHub's description", () => {
  it("is a request with a field that GitHub does not know", async (test) => {
    const { send, sandbox } = await openStage(test);
    const { status } = await send("POST", `${REPOSITORY}/issues/1/comments`, { body: "Hello", colour: "red" });
    assert.equal(status, 201);
    assert.equal(sandbox.violations.length, 1);
    assert.match(sandbox.violations[0] ?? "", /^issues\/create-comment .*colour/u);
  });

  it("is an unknown field deep in a body, a wrong type and an unknown parameter", async (test) => {
    const { send, sandbox, pullRequest } = await openStage(test);
    const run = { name: "drydock", head_sha: pullRequest.headSha };
    await send("POST", `${REPOSITORY}/check-runs`, { ...run, output: { title: "T", summary: "S", subtitle: "no" } });
    await send("POST", `${REPOSITORY}/check-runs`, { ...run, status: "finished" });
    await send("GET", `${REPOSITORY}/pulls?stat=open`);
    await send("GET", `${REPOSITORY}/pulls?state=opened`);
    const found = sandbox.violations.map((violation) => violation.split(" ")[0]);
    assert.deepEqual(found, ["checks/create", "checks/create", "pulls/list", "pulls/list"]);
  });

  it("is an operation that nobody wrote down", async (test) => {
    const { send, sandbox } = await openStage(test);
    const { status } = await send("GET", `${REPOSITORY}/milestones`);
    assert.equal(status, 501);
    assert.equal(sandbox.violations.length, 1);
  });

  it("is an answer of the stand-in's own that GitHub would not give", async (test) => {
    const { send, sandbox, world, repository } = await openStage(test);
    const label = { repositoryId: repository.id, name: "odd", color: "ff0000" };
    // @ts-expect-error a label without a description is what the world's own functions never make
    insert(world, "labels", { ...label, description: 7 });
    await send("GET", `${REPOSITORY}/labels/odd`);
    assert.equal(sandbox.violations.length, 1);
    assert.match(sandbox.violations[0] ?? "", /^issues\/get-label 200: answer: \/description/u);
  });

  it("is told of by both descriptions", () => {
    for (const name of ["api.github.com", "ghes-3.17"] as const) {
      const contract = openContract(name);
      const matched = contract.match("GET", "/repos/acme/gitops/branches/feature/one/protection");
      assert.equal(matched?.id, "repos/get-branch-protection");
      assert.equal(matched.parameters["branch"], "feature/one");
      assert.equal(contract.match("GET", "/repos/a/b/issues/comments")?.id, "issues/list-comments-for-repo");
      assert.equal(contract.match("DELETE", "/repos/a/b"), undefined);
      assert.deepEqual(contract.checkAnswer("repos/get", 404, { message: "Not Found" }), []);
      assert.notDeepEqual(contract.checkAnswer("repos/get", 204, undefined), []);
      assert.notDeepEqual(contract.checkAnswer("repos/get", 200, { id: 1 }), []);
    }
  });
});
