import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createGitHub, type GitHubClient } from "../../../src/github/index.ts";
import type { CheckWrite } from "../../../src/jobs/ports.ts";
import {
  AccessLostFault,
  RefusedFault,
  RERUN_ACTION,
  type CheckAnnotation,
  type ReviewThread,
} from "../../../src/model/index.ts";
import { PRIVATE_KEY, startScriptedGitHub, tokenReplies, type Asked } from "./scripted-github.ts";

const REF = { installationId: 7, repositoryId: 11, owner: "acme", name: "config" };
const FACTS = {
  id: 11,
  name: "config",
  owner: { login: "acme" },
  default_branch: "main",
  private: true,
  archived: false,
};
const HERE = { "GET /repos/acme/config": { body: FACTS } };
const NOT_FOUND = { status: 404, body: { message: "Not Found" } };
const SHA = "a".repeat(40);
const ROOT = "/repos/acme/config";

function client(origin: string): GitHubClient {
  const addresses = { api: origin, graphql: `${origin}/graphql` };
  return createGitHub({ addresses, appId: 1, privateKey: PRIVATE_KEY, now: Date.now });
}

function checkWrite(more: Partial<CheckWrite["check"]>, annotations: readonly CheckAnnotation[] = []): CheckWrite {
  const check = {
    name: "drydock",
    state: "success",
    title: "Nothing that deploys changes",
    summary: "ok",
    text: "",
  } as const;
  return {
    check: { ...check, ...more },
    annotations,
    detailsUrl: "https://drydock.example/acme/config/1",
    externalId: "gate:1",
    startedAt: "2026-02-01T10:00:00Z",
  };
}

describe("check runs", () => {
  it("creates a completed run with its conclusion, its page and the button to re-run", async (test) => {
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      [`POST ${ROOT}/check-runs`]: { status: 201, body: { id: 99 } },
    });
    const annotation = { path: "a.yaml", startLine: 3, endLine: 2, level: "notice", title: "t", message: "m" } as const;
    const id = await client(github.origin)
      .repository(REF)
      .createCheckRun(SHA, checkWrite({}, [annotation]));
    assert.equal(id, 99);
    assert.deepEqual(github.asked.at(-1)?.body, {
      head_sha: SHA,
      name: "drydock",
      external_id: "gate:1",
      started_at: "2026-02-01T10:00:00Z",
      details_url: "https://drydock.example/acme/config/1",
      status: "completed",
      conclusion: "success",
      actions: [{ label: "Re-run", description: "Check this commit again", identifier: RERUN_ACTION }],
      output: {
        title: "Nothing that deploys changes",
        summary: "ok",
        annotations: [
          { path: "a.yaml", start_line: 3, end_line: 3, annotation_level: "notice", title: "t", message: "m" },
        ],
      },
    });
  });

  it("T30: shows work in progress without a conclusion", async (test) => {
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      [`PATCH ${ROOT}/check-runs/99`]: { body: {} },
    });
    await client(github.origin)
      .repository(REF)
      .updateCheckRun(99, checkWrite({ state: "in_progress" }));
    const sent = github.asked.at(-1)?.body as Record<string, unknown>;
    assert.equal(sent["status"], "in_progress");
    assert.ok(!("conclusion" in sent) && !("actions" in sent));
  });

  it("T47: cuts by code points and never through one, and takes 50 annotations at most", async (test) => {
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      [`POST ${ROOT}/check-runs`]: { status: 201, body: { id: 99 } },
    });
    const repository = client(github.origin).repository(REF);
    await repository.createCheckRun(SHA, checkWrite({ summary: "🚢".repeat(70_000) }));
    const { output } = github.asked.at(-1)?.body as { output: { summary: string } };
    assert.equal(Array.from(output.summary).length, 65_000);
    assert.ok(output.summary.isWellFormed());
    const annotation = { path: "a", startLine: 1, endLine: 1, level: "error", title: "t", message: "m" } as const;
    const tooMany = checkWrite(
      {},
      Array.from({ length: 51 }, () => annotation),
    );
    await assert.rejects(repository.createCheckRun(SHA, tooMany), /51 annotations/u);
  });

  it("T29: finds its own runs by the App's id, not by their name", async (test) => {
    const run = (id: number, app: object | null): object => ({ id, name: "drydock", external_id: `e${id}`, app });
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      [`GET ${ROOT}/commits/${SHA}/check-runs?app_id=1&filter=all&per_page=100`]: {
        body: { total_count: 3, check_runs: [run(5, { id: 1 }), run(6, { id: 2 }), run(7, null)] },
      },
    });
    assert.deepEqual(await client(github.origin).repository(REF).findOwnCheckRuns(SHA), [{ id: 5, text: "e5" }]);
  });
});

describe("comments and labels", () => {
  const comment = (id: number, app: number | null, body = "<!-- drydock -->"): object => ({
    id,
    body,
    user: { id: 40, login: "x", type: "User" },
    html_url: `https://github.example/acme/config/pull/3#issuecomment-${id}`,
    issue_url: "https://api.github.example/repos/acme/config/issues/3",
    created_at: "2026-02-01T10:00:00Z",
    updated_at: "2026-02-01T10:00:00Z",
    performed_via_github_app: app === null ? null : { id: app },
  });

  it("T46: takes comments for its own by the App's id alone", async (test) => {
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      [`GET ${ROOT}/issues/3/comments?per_page=100`]: { body: [comment(1, null), comment(2, 1), comment(3, 2)] },
      [`GET ${ROOT}/issues/comments/1`]: { body: comment(1, null) },
    });
    const repository = client(github.origin).repository(REF);
    assert.deepEqual(await repository.findOwnComments(3), [{ id: 2, text: "<!-- drydock -->" }]);
    const read = await repository.readComment(1);
    assert.deepEqual([read?.isByApp, read?.number, read?.isOnPullRequest, read?.author?.id], [false, 3, true, 40]);
  });

  it("T46: takes review comments for its own by the id of its bot", async (test) => {
    const by = (id: number, user: object): object => ({ id, path: "a.yaml", body: "b", user });
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      "GET /app": {
        body: { id: 1, slug: "drydock", name: "D", html_url: "https://x.example", permissions: {}, events: [] },
      },
      "GET /users/drydock%5Bbot%5D": { body: { id: 77, login: "drydock[bot]", type: "Bot" } },
      [`GET ${ROOT}/pulls/3/comments?per_page=100`]: {
        body: [
          by(1, { id: 77, login: "drydock[bot]", type: "Bot" }),
          by(2, { id: 78, login: "drydock[bot]", type: "User" }),
        ],
      },
    });
    const repository = client(github.origin).repository(REF);
    assert.deepEqual(await repository.findOwnReviewComments(3), [{ id: 1, text: "b" }]);
    await repository.findOwnReviewComments(3);
    assert.equal(github.lines().filter((line) => line === "GET /app").length, 1);
  });

  it("takes what is gone already for done", async (test) => {
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      ...HERE,
      [`PATCH ${ROOT}/issues/comments/1`]: NOT_FOUND,
      [`DELETE ${ROOT}/issues/comments/1`]: { status: 410, body: { message: "Gone" } },
      [`POST ${ROOT}/issues/comments/1/reactions`]: NOT_FOUND,
      [`DELETE ${ROOT}/issues/3/labels/env%2Fprod`]: NOT_FOUND,
    });
    const repository = client(github.origin).repository(REF);
    assert.equal(await repository.updateComment(1, "text"), false);
    await repository.deleteComment(1);
    await repository.react({ source: "comment", commentId: 1 }, "eyes");
    await repository.removeLabel(3, "env/prod");
  });

  it("refuses to comment where there is nothing, and tells an archived repository", async (test) => {
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      ...HERE,
      [`POST ${ROOT}/issues/3/comments`]: [
        NOT_FOUND,
        { status: 403, body: { message: "Repository was archived so is read-only." } },
        {
          status: 403,
          headers: { "x-accepted-github-permissions": "issues=write; pull_requests=write" },
          body: { message: "Resource not accessible by integration" },
        },
      ],
    });
    const repository = client(github.origin).repository(REF);
    await assert.rejects(repository.createComment(3, "text"), RefusedFault);
    const archived: unknown = await repository.createComment(3, "text").catch((fault: unknown) => fault);
    assert.ok(archived instanceof AccessLostFault && archived.loss === "archived");
    const withdrawn: unknown = await repository.createComment(3, "text").catch((fault: unknown) => fault);
    assert.ok(withdrawn instanceof AccessLostFault);
    assert.deepEqual([withdrawn.loss, withdrawn.permission], ["permission", "issues"]);
  });

  it("T17: asks for nothing else when a name would lead its address there", async (test) => {
    const github = await startScriptedGitHub(test, { ...tokenReplies(), ...HERE });
    const repository = client(github.origin).repository(REF);
    for (const name of [".", "..", ""]) {
      await assert.rejects(repository.removeLabel(3, name), RefusedFault, "DELETE …/labels/ takes all labels off");
      await assert.rejects(repository.ensureLabel({ name, color: "b60205", description: "x" }), RefusedFault);
      await assert.rejects(repository.readBranch(name), RefusedFault);
    }
    assert.deepEqual(
      github.lines().filter((line) => line.includes(ROOT)),
      [],
    );
  });

  it("creates a label unless it is there, also when another one was faster", async (test) => {
    const label = { name: "risk/destructive", color: "b60205", description: "Removes something" };
    const path = `GET ${ROOT}/labels/risk%2Fdestructive`;
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      ...HERE,
      [path]: [{ body: label }, NOT_FOUND, NOT_FOUND, { body: label }],
      [`POST ${ROOT}/labels`]: [
        { status: 201, body: label },
        { status: 422, body: { message: "Validation Failed", errors: [{ code: "already_exists" }] } },
      ],
    });
    const repository = client(github.origin).repository(REF);
    await repository.ensureLabel(label);
    assert.ok(!github.lines().includes(`POST ${ROOT}/labels`));
    await repository.ensureLabel(label);
    assert.deepEqual(github.asked.at(-1)?.body, label);
    await repository.ensureLabel(label);
  });
});

describe("reviews", () => {
  const thread = (path: string, line: number | undefined, body: string): ReviewThread => ({
    key: `${path}:${String(line)}`,
    path,
    line,
    level: "error",
    body,
  });
  const posted = (id: number, path: string, line: number | null, body: string): object => ({
    id,
    path,
    line,
    body,
    user: { id: 77, login: "drydock[bot]", type: "Bot" },
  });
  const REVIEWS = `${ROOT}/pulls/3/reviews`;

  it("sends one review and gives the ids in the order of the threads", async (test) => {
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      [`POST ${REVIEWS}`]: { body: { id: 50 } },
      [`GET ${REVIEWS}/50/comments?per_page=100`]: {
        body: [posted(63, "b.yaml", 9, "same"), posted(61, "a.yaml", 4, "same"), posted(62, "a.yaml", 2, "same")],
      },
      [`POST ${ROOT}/pulls/3/comments`]: { status: 201, body: { id: 64 } },
    });
    const threads = [
      thread("a.yaml", 2, "same"),
      thread("values.yaml", undefined, "file"),
      thread("b.yaml", 9, "same\r\n"),
      thread("a.yaml", 4, "same"),
    ];
    const ids = await client(github.origin)
      .repository(REF)
      .createReview(3, SHA, { body: "Four findings", threads }, () => Promise.resolve());
    assert.deepEqual(ids, [62, 64, 63, 61]);
    assert.deepEqual(github.asked.find(({ path, method }) => method === "POST" && path === REVIEWS)?.body, {
      commit_id: SHA,
      event: "COMMENT",
      body: "Four findings",
      comments: [
        { path: "a.yaml", line: 2, side: "RIGHT", body: "same" },
        { path: "b.yaml", line: 9, side: "RIGHT", body: "same\r\n" },
        { path: "a.yaml", line: 4, side: "RIGHT", body: "same" },
      ],
    });
    assert.deepEqual(github.asked.at(-1)?.body, {
      commit_id: SHA,
      path: "values.yaml",
      body: "file",
      subject_type: "file",
    });
  });

  it("T47: places the good lines one by one when GitHub refuses the review for a bad one", async (test) => {
    const refusal = { status: 422, body: { message: "Unprocessable Entity", errors: ["Line could not be resolved"] } };
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      [`POST ${REVIEWS}`]: (asked: Asked) =>
        (asked.body as { comments: unknown[] }).comments.length > 0 ? refusal : { body: { id: 51 } },
      [`POST ${ROOT}/pulls/3/comments`]: (asked: Asked) =>
        (asked.body as { line: number }).line === 999 ? refusal : { status: 201, body: { id: 70 } },
    });
    const threads = [thread("a.yaml", 2, "good"), thread("a.yaml", 999, "bad")];
    const ids = await client(github.origin)
      .repository(REF)
      .createReview(3, SHA, { body: "Two findings", threads }, () => Promise.resolve());
    assert.deepEqual(ids, [70, 0]);
  });

  it("rejects when GitHub takes nothing of it", async (test) => {
    const refusal = { status: 422, body: { message: "Validation Failed" } };
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      [`POST ${REVIEWS}`]: refusal,
      [`POST ${ROOT}/pulls/3/comments`]: refusal,
    });
    const repository = client(github.origin).repository(REF);
    await assert.rejects(
      repository.createReview(3, SHA, { body: "One finding", threads: [thread("a.yaml", 2, "x")] }, () =>
        Promise.resolve(),
      ),
      RefusedFault,
    );
  });

  const threads = (comments: number, isResolved = false): object => ({
    body: {
      data: {
        repository: {
          pullRequest: {
            reviewThreads: {
              pageInfo: { hasNextPage: false, endCursor: null },
              nodes: [
                { id: "T1", isResolved: false, comments: { totalCount: 1, nodes: [{ fullDatabaseId: "1" }] } },
                { id: "T2", isResolved, comments: { totalCount: comments, nodes: [{ fullDatabaseId: "2200000000" }] } },
              ],
            },
          },
        },
      },
    },
  });
  const forbidden = {
    body: { data: null, errors: [{ type: "FORBIDDEN", message: "Resource not accessible by integration" }] },
  };

  async function end(
    test: Parameters<typeof startScriptedGitHub>[0],
    listed: object,
    resolved: object,
  ): Promise<{ readonly how: string; readonly lines: readonly string[] }> {
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      "POST /graphql": (asked: Asked) =>
        (asked.body as { query: string }).query.startsWith("mutation") ? resolved : listed,
      [`DELETE ${ROOT}/pulls/comments/2200000000`]: { status: 204 },
    });
    const how = await client(github.origin).repository(REF).resolveThread(3, 2_200_000_000);
    return { how, lines: github.lines() };
  }

  it("resolves a thread, found by an id beyond 32 bits", async (test) => {
    const done = { body: { data: { resolveReviewThread: { thread: { isResolved: true } } } } };
    assert.equal((await end(test, threads(1), done)).how, "resolved");
    const already = await end(test, threads(1, true), forbidden);
    assert.deepEqual([already.how, already.lines.filter((line) => line.includes("graphql")).length], ["resolved", 1]);
  });

  it("removes an unanswered comment where the App may not resolve, and leaves people their conversation", async (test) => {
    const alone = await end(test, threads(1), forbidden);
    assert.equal(alone.how, "removed");
    assert.equal(alone.lines.at(-1), `DELETE ${ROOT}/pulls/comments/2200000000`);
    const answered = await end(test, threads(2), forbidden);
    assert.equal(answered.how, "left");
    assert.ok(!answered.lines.some((line) => line.startsWith("DELETE")));
  });
});

describe("the App itself", () => {
  it("lists deliveries whose newest attempt failed, with ids beyond 2^53", async (test) => {
    const attempt = (id: string, guid: string, minute: number, code: number): string =>
      `{"id":${id},"guid":"${guid}","delivered_at":"2026-02-01T10:0${minute}:00Z","redelivery":false,"duration":1,` +
      `"status":"x","status_code":${code},"event":"push","action":null,"installation_id":7,"repository_id":11}`;
    const { createServer } = await import("node:http");
    const server = createServer((request, response) => {
      response.setHeader("content-type", "application/json");
      assert.match(request.url ?? "", /^\/app\/hook\/deliveries\?per_page=100$/u);
      response.end(
        `[${[
          attempt("90071992547409955", "healed", 5, 202),
          attempt("90071992547409953", "failed", 4, 500),
          attempt("90071992547409951", "healed", 3, 500),
          attempt("90071992547409949", "failed", 2, 502),
          attempt("90071992547409947", "old", 0, 500),
        ].join(",")}]`,
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    test.after(() => void server.close());
    const address = server.address() as { port: number };
    const gitHub = client(`http://127.0.0.1:${address.port}`);
    assert.deepEqual(await gitHub.listFailedDeliveries("2026-02-01T10:01:00Z"), [
      {
        attempt: "90071992547409953",
        guid: "failed",
        event: "push",
        deliveredAt: "2026-02-01T10:04:00Z",
        statusCode: 500,
        status: "x",
      },
    ]);
  });

  it("reads its settings without the webhook's secret, and the drift of the clock", async (test) => {
    const date = new Date(Date.now() + 3_600_000);
    const app = {
      id: 1,
      slug: "drydock",
      name: "Drydock",
      html_url: "https://x.example",
      permissions: { checks: "write" },
    };
    const github = await startScriptedGitHub(test, {
      "GET /app": { headers: { date: date.toUTCString() }, body: { ...app, events: ["push"] } },
      "GET /app/hook/config": {
        headers: { date: date.toUTCString() },
        body: { url: "https://d.example/hook", content_type: "json", secret: "********" },
      },
    });
    const gitHub = client(github.origin);
    assert.deepEqual(await gitHub.readAppSettings(), {
      name: "Drydock",
      slug: "drydock",
      htmlUrl: "https://x.example",
      permissions: { checks: "write" },
      events: ["push"],
      webhookUrl: "https://d.example/hook",
      contentType: "json",
    });
    assert.ok(Math.abs(gitHub.clockDrift() - 3_600_000) < 3000);
  });

  it("signs again with GitHub's time when the clock here is wrong", async (test) => {
    const hour = 3_600_000;
    const body = { id: 7, account: { login: "acme" }, suspended_at: null, permissions: {}, events: [] };
    const github = await startScriptedGitHub(test, {
      "GET /app/installations/7": (asked: Asked) => {
        const claims = asked.headers["authorization"]?.split(".")[1] ?? "";
        const { exp } = JSON.parse(Buffer.from(claims, "base64url").toString()) as { exp: number };
        const now = Date.now() + hour;
        const isValid = exp * 1000 > now && exp * 1000 < now + 600_000;
        const headers = { date: new Date(now).toUTCString() };
        if (!isValid) return { status: 401, headers, body: { message: "'exp' is too far in the past" } };
        return { headers, body: { ...body, created_at: "2026-01-01T00:00:00Z" } };
      },
    });
    assert.equal((await client(github.origin).readInstallation(7)).account, "acme");
    assert.equal(github.asked.length, 2);
  });

  it("lists the repositories of an installation with a token that names them alone", async (test) => {
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      "GET /installation/repositories?per_page=100": { body: { total_count: 1, repositories: [FACTS] } },
    });
    assert.deepEqual(await client(github.origin).listRepositories(7), [
      { ...REF, defaultBranch: "main", isPrivate: true, isArchived: false },
    ]);
    assert.deepEqual(github.asked[1]?.body, { permissions: { metadata: "read" } });
  });
});
