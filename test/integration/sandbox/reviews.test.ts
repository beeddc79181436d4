import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { listReviewComments, listThreads, pushCommit } from "../../../src/sandbox/world/index.ts";
import { openStage, request, tokenFor, type Stage } from "./open-sandbox.ts";

const PULL = "/repos/acme/gitops/pulls/1";
const THREADS = `query ($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) {
    reviewThreads(first: 100, after: $after) { nodes { id isResolved comments(first: 1) { nodes { fullDatabaseId } } } }
  } }
}`;
const RESOLVE = `mutation ($threadId: ID!) { resolveReviewThread(input: { threadId: $threadId }) { thread { isResolved } } }`;

function reviewOf({ pullRequest }: Stage, ...lines: readonly number[]): object {
  const comments = lines.map((line) => ({ path: "app.yaml", line, side: "RIGHT", body: `line ${line}` }));
  return { commit_id: pullRequest.headSha, event: "COMMENT", body: "Findings", comments };
}

describe("a review", () => {
  it("stands with its comments on lines of the diff, each a thread", async (test) => {
    const stage = await openStage(test);
    const review = await stage.send("POST", `${PULL}/reviews`, reviewOf(stage, 2, 3));
    assert.equal(review.status, 200);
    const comments = await stage.send("GET", `${PULL}/reviews/${String(review.body["id"])}/comments`);
    assert.equal((comments.body as unknown as readonly unknown[]).length, 2);
    assert.equal(listThreads(stage.world, stage.pullRequest).length, 2);
    assert.match(
      listReviewComments(stage.world, stage.pullRequest)[0]?.diffHunk ?? "",
      /^@@ .*\n.*\n-replicas: 1\n\+replicas: 2$/u,
    );
    assert.deepEqual(stage.sandbox.violations, []);
  });

  it("T47: is refused whole for one line that the diff does not show, which is not named", async (test) => {
    const stage = await openStage(test);
    const refused = await stage.send("POST", `${PULL}/reviews`, reviewOf(stage, 2, 99));
    assert.equal(refused.status, 422);
    assert.doesNotMatch(JSON.stringify(refused.body), /99|app\.yaml/u);
    assert.deepEqual(listReviewComments(stage.world, stage.pullRequest), []);
    assert.equal((await stage.send("GET", `${PULL}/reviews`)).body["length"], 0);
  });

  it("may stand on a commit that is the head no more, and its comments are outdated", async (test) => {
    const stage = await openStage(test);
    const { world, ada, repository, send } = stage;
    await pushCommit(world, ada, repository, { branch: "raise", files: { "other.yaml": "kind: B\n" } });
    assert.equal((await send("POST", `${PULL}/reviews`, reviewOf(stage, 2))).status, 200);
    const [comment] = (await send("GET", `${PULL}/comments`)).body as unknown as readonly Record<string, unknown>[];
    assert.deepEqual([comment?.["line"], comment?.["original_line"], comment?.["position"]], [undefined, 2, undefined]);
    assert.deepEqual(stage.sandbox.violations, []);
  });

  it("has comments on whole files, replies and edits", async (test) => {
    const { send, sandbox, pullRequest } = await openStage(test);
    const file = { commit_id: pullRequest.headSha, path: "app.yaml", subject_type: "file", body: "The whole file" };
    const comment = await send("POST", `${PULL}/comments`, file);
    assert.deepEqual([comment.status, comment.body["subject_type"]], [201, "file"]);
    const id = String(comment.body["id"]);
    assert.equal((await send("POST", `${PULL}/comments/${id}/replies`, { body: "Why?" })).status, 201);
    const edited = await send("PATCH", `/repos/acme/gitops/pulls/comments/${id}`, { body: "Changed" });
    assert.equal(edited.body["body"], "Changed");
    assert.equal((await send("DELETE", `/repos/acme/gitops/pulls/comments/${id}`)).status, 204);
    assert.equal((await send("POST", `${PULL}/comments`, { ...file, path: "none.yaml" })).status, 422);
    assert.deepEqual(sandbox.violations, []);
  });

  it("has threads that GraphQL resolves for an App with contents: write, and for no other", async (test) => {
    const stage = await openStage(test);
    await stage.send("POST", `${PULL}/reviews`, reviewOf(stage, 2));
    const ask = async (token: string, query: string, variables: object): Promise<string> => {
      const body = { query, variables };
      return JSON.stringify((await request(stage.sandbox, "POST", stage.sandbox.graphqlUrl, { token, body })).body);
    };
    const token = await tokenFor(stage.sandbox, stage.installation);
    const narrow = { permissions: { pull_requests: "write", contents: "read" } };
    const weak = await tokenFor(stage.sandbox, stage.installation, narrow);
    const found = await ask(weak, THREADS, { owner: "acme", name: "gitops", number: 1, after: null });
    const [, threadId = ""] = /"id":"(PRRT_[^"]+)","isResolved":false/u.exec(found) ?? [];
    assert.match(await ask(weak, RESOLVE, { threadId }), /"type":"FORBIDDEN"/u);
    assert.match(await ask(token, RESOLVE, { threadId }), /"isResolved":true/u);
    assert.equal(listThreads(stage.world, stage.pullRequest)[0]?.isResolved, true);
    assert.deepEqual(stage.sandbox.violations, []);
    await ask(token, "query { viewer { login } }", {});
    assert.equal(stage.sandbox.violations.length, 1);
  });
});
