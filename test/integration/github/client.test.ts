import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { createGitHub, type GitHubClient } from "../../../src/github/index.ts";
import type { CallNote } from "../../../src/jobs/ports.ts";
import { AccessLostFault, Fault, LimitedFault, RefusedFault } from "../../../src/model/index.ts";
import { INSTALLATION, PRIVATE_KEY, startScriptedGitHub, tokenReplies, type Asked } from "./scripted-github.ts";

const REF = { installationId: 7, repositoryId: 11, owner: "acme", name: "config" };
const FACTS = {
  id: 11,
  name: "config",
  owner: { login: "acme" },
  default_branch: "main",
  private: true,
  archived: false,
};
const SHA = "a".repeat(40);

function client(origin: string, more: { now?: () => number; onCall?: (call: CallNote) => void } = {}): GitHubClient {
  const addresses = { api: origin, graphql: `${origin}/graphql` };
  return createGitHub({ addresses, appId: 1, privateKey: PRIVATE_KEY, now: Date.now, ...more });
}

function pull(number: number, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    number,
    title: "Raise replicas",
    user: { id: 5, login: "ann", type: "User" },
    state: "open",
    locked: false,
    draft: false,
    merged_at: null,
    created_at: "2026-02-01T10:00:00Z",
    labels: [{ name: "env/prod" }],
    head: { sha: SHA, ref: "raise", repo: { id: 11 } },
    base: { sha: "b".repeat(40), ref: "main", repo: { id: 11 } },
    ...more,
  };
}

describe("installation tokens", () => {
  it("narrows a token to one repository and to what is wanted and granted", async (test) => {
    const github = await startScriptedGitHub(test, { ...tokenReplies(), "GET /repos/acme/config": { body: FACTS } });
    await client(github.origin).repository(REF).readFacts();
    const [, mint] = github.asked;
    assert.deepEqual(mint?.body, {
      repository_ids: [11],
      permissions: { checks: "write", contents: "read", issues: "write", metadata: "read", pull_requests: "write" },
    });
    assert.match(mint.headers["authorization"] ?? "", /^Bearer eyJ/u);
  });

  it("gives git a token that reads contents and nothing else", async (test) => {
    const github = await startScriptedGitHub(test, tokenReplies());
    const token = await client(github.origin).fetchToken(REF);
    assert.equal(token, `ghs_${"1".padStart(36, "0")}`);
    assert.deepEqual(github.asked[1]?.body, {
      repository_ids: [11],
      permissions: { contents: "read", metadata: "read" },
    });
  });

  it("asks once for many callers at a time", async (test) => {
    const github = await startScriptedGitHub(test, tokenReplies());
    const gitHub = client(github.origin);
    await Promise.all(Array.from({ length: 20 }, () => gitHub.fetchToken(REF)));
    assert.equal(github.lines().filter((line) => line.startsWith("POST")).length, 1);
  });

  it("renews a token five minutes before it ends", async (test) => {
    let now = Date.parse("2026-03-01T12:00:00Z");
    let count = 0;
    const github = await startScriptedGitHub(test, {
      "GET /app/installations/7": () => ({ headers: { date: new Date(now).toUTCString() }, body: INSTALLATION }),
      "POST /app/installations/7/access_tokens": () => ({
        status: 201,
        headers: { date: new Date(now).toUTCString() },
        body: { token: `ghs_${++count}`, expires_at: new Date(now + 3_600_000).toISOString() },
      }),
    });
    const gitHub = client(github.origin, { now: () => now });
    assert.equal(await gitHub.fetchToken(REF), "ghs_1");
    now += 54 * 60_000;
    assert.equal(await gitHub.fetchToken(REF), "ghs_1");
    now += 2 * 60_000;
    assert.equal(await gitHub.fetchToken(REF), "ghs_2");
  });

  it("T52: renews a token once on 401 and goes on", async (test) => {
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      "GET /repos/acme/config": (asked: Asked) =>
        asked.headers["authorization"]?.endsWith("1") === true
          ? { status: 401, body: { message: "Bad credentials" } }
          : { body: FACTS },
    });
    assert.equal((await client(github.origin).repository(REF).readFacts()).repositoryId, 11);
    assert.equal(github.lines().filter((line) => line.startsWith("POST")).length, 2);
  });

  it("T53: tells an installation that is gone from one that is suspended", async (test) => {
    const gone = await startScriptedGitHub(test, {
      "GET /app/installations/7": { status: 404, body: { message: "Not Found" } },
    });
    await assert.rejects(client(gone.origin).fetchToken(REF), lost("uninstalled"));
    const suspended = await startScriptedGitHub(test, {
      "GET /app/installations/7": { body: { ...INSTALLATION, suspended_at: "2026-02-02T00:00:00Z" } },
    });
    await assert.rejects(client(suspended.origin).fetchToken(REF), lost("suspended"));
  });

  it("T53: asks anew what is granted when a permission was withdrawn", async (test) => {
    const less = { ...INSTALLATION, permissions: { metadata: "read", contents: "read", checks: "write" } };
    const github = await startScriptedGitHub(test, {
      "GET /app/installations/7": [{ body: INSTALLATION }, { body: less }],
      "POST /app/installations/7/access_tokens": (asked: Asked) =>
        "issues" in (asked.body as { permissions: object }).permissions
          ? { status: 422, body: { message: "The permissions requested are not granted to this installation." } }
          : { status: 201, body: { token: "ghs_less", expires_at: new Date(Date.now() + 3_600_000).toISOString() } },
      "GET /repos/acme/config": { body: FACTS },
    });
    await client(github.origin).repository(REF).readFacts();
    assert.deepEqual((github.asked[3]?.body as { permissions: unknown }).permissions, {
      checks: "write",
      contents: "read",
      metadata: "read",
    });
  });

  it("takes a refused key for a fault of ours and not for lost access", async (test) => {
    const github = await startScriptedGitHub(test, {
      "GET /app/installations/7": { status: 401, body: { message: "A JSON web token could not be decoded" } },
    });
    await assert.rejects(client(github.origin).fetchToken(REF), (fault: unknown) => {
      assert.ok(fault instanceof Fault && fault.isRetryable && !(fault instanceof AccessLostFault));
      return true;
    });
  });
});

describe("reading", () => {
  it("takes the stored answer when nothing changed", async (test) => {
    const calls: CallNote[] = [];
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      "GET /repos/acme/config": (asked: Asked) =>
        asked.headers["if-none-match"] === '"v1"'
          ? { status: 304, headers: { "x-ratelimit-remaining": "4999", "x-ratelimit-limit": "5000" } }
          : { headers: { etag: '"v1"' }, body: FACTS },
    });
    const repository = client(github.origin, { onCall: (call) => void calls.push(call) }).repository(REF);
    assert.deepEqual(await repository.readFacts(), await repository.readFacts());
    const { status, remaining, limit, route, method } = calls.at(-1) ?? {};
    assert.deepEqual(
      { status, remaining, limit, route, method },
      {
        status: 304,
        remaining: 4999,
        limit: 5000,
        route: "/repos/{owner}/{repo}",
        method: "GET",
      },
    );
  });

  it("T24: reads every page, and refuses a list without an end", async (test) => {
    const pages = "/repos/acme/config/pulls?state=open&per_page=100";
    let origin = "";
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      [`GET ${pages}`]: () => ({
        headers: { link: `<${origin}/repositories/11/pulls?state=open&per_page=100&page=2>; rel="next"` },
        body: [pull(1)],
      }),
      [`GET ${pages}&page=2`]: { body: [pull(2)] },
      "GET /repos/acme/config/pulls?state=open&base=loop&per_page=100": () => ({
        headers: { link: `<${origin}/x?state=open&base=loop&per_page=100>; rel="next"` },
        body: [pull(1)],
      }),
    });
    origin = github.origin;
    const repository = client(github.origin).repository(REF);
    assert.deepEqual(
      (await repository.listOpenPullRequests()).map(({ number }) => number),
      [1, 2],
    );
    await assert.rejects(repository.listOpenPullRequests("loop"), /more than 100 pages/u);
  });

  it("T06: tells a fork by ids, also when its repository is gone", async (test) => {
    const head = { sha: SHA, ref: "raise" };
    const base = { sha: "b".repeat(40), ref: "main", repo: { id: 11, private: true } };
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      "GET /repos/acme/config/pulls/1": { body: pull(1) },
      "GET /repos/acme/config/pulls/2": { body: pull(2, { head: { ...head, repo: { id: 12 } }, base }) },
      "GET /repos/acme/config/pulls/3": { body: pull(3, { head: { ...head, repo: null }, user: null }) },
    });
    const repository = client(github.origin).repository(REF);
    const forks = await Promise.all([1, 2, 3].map((number) => repository.readPullRequest(number)));
    assert.deepEqual(
      forks.map((one) => one?.isFork),
      [false, true, true],
    );
    assert.deepEqual(forks[0], {
      repositoryId: 11,
      number: 1,
      title: "Raise replicas",
      author: { id: 5, login: "ann", type: "User" },
      isOpen: true,
      isMerged: false,
      mergeSha: undefined,
      merge: undefined,
      isDraft: false,
      isFork: false,
      isPublic: true,
      isLocked: false,
      headSha: SHA,
      headRef: "raise",
      baseRef: "main",
      baseSha: "b".repeat(40),
      labels: ["env/prod"],
      createdAt: "2026-02-01T10:00:00Z",
    });
    assert.equal(forks[2]?.author, undefined);
    assert.deepEqual(
      forks.map((one) => one?.isPublic),
      [true, false, true],
      "what is not said to be private is public",
    );
  });

  it("T53: tells a pull request that is not there from a repository that is gone", async (test) => {
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      "GET /repos/acme/config/pulls/9": { status: 404, body: { message: "Not Found" } },
      "GET /repos/acme/config": [{ body: FACTS }, { status: 404, body: { message: "Not Found" } }],
    });
    const repository = client(github.origin).repository(REF);
    assert.equal(await repository.readPullRequest(9), undefined);
    await assert.rejects(repository.readPullRequest(9), lost("not-found"));
  });

  it("T49: follows a rename by id, and takes another repository of the name for none", async (test) => {
    const moved = { status: 301, body: { message: "Moved Permanently" } };
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      "GET /repos/acme/config": [
        { ...moved, headers: { location: "/repositories/11" } },
        { ...moved, headers: { location: "/repositories/12" } },
        { body: { ...FACTS, id: 12 } },
      ],
      "GET /repositories/11": { body: { ...FACTS, name: "deploy" } },
      "GET /repositories/12": { body: { ...FACTS, id: 12 } },
    });
    const repository = client(github.origin).repository(REF);
    assert.equal((await repository.readFacts()).name, "deploy");
    await assert.rejects(repository.readFacts(), lost("not-found"));
    await assert.rejects(repository.readFacts(), lost("not-found"));
    assert.ok(!github.lines().includes("GET /repositories/12"));
  });

  it("never sends a token to another host", async (test) => {
    const other = await startScriptedGitHub(test, { "GET /repositories/11": { body: FACTS } });
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      "GET /repos/acme/config": { status: 302, headers: { location: `${other.origin}/repositories/11` } },
    });
    await assert.rejects(client(github.origin).repository(REF).readFacts(), lost("not-found"));
    assert.deepEqual(other.asked, []);
  });

  it("repeats a GET once on a 5xx or a broken connection, and no write", async (test) => {
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      "GET /repos/acme/config": [{ status: 502 }, { body: FACTS }, { breaksOff: true }, { body: FACTS }],
      "POST /repos/acme/config/issues/1/comments": { status: 502 },
    });
    const repository = client(github.origin).repository(REF);
    await repository.readFacts();
    await repository.readFacts();
    await assert.rejects(repository.createComment(1, "text"), retryable);
    assert.equal(github.lines().filter((line) => line.includes("comments")).length, 1);
  });

  it("names the route of an answer it does not understand", async (test) => {
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      "GET /repos/acme/config/pulls/1": { body: pull(1, { head: { sha: "HEAD", ref: "raise", repo: null } }) },
    });
    await assert.rejects(
      client(github.origin).repository(REF).readPullRequest(1),
      /GET \/repos\/\{owner\}\/\{repo\}\/pulls\/\{pull_number\} has an unknown shape \(head\.sha/u,
    );
  });

  it("T02, T04: reads roles by role_name, for the id that was asked for", async (test) => {
    const path = "/repos/acme/config/collaborators";
    const answer = (id: number, permission: string, role: string): object => ({
      body: { permission, role_name: role, user: { id, login: "x" } },
    });
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      [`GET ${path}/ann/permission`]: answer(5, "write", "maintain"),
      [`GET ${path}/taken/permission`]: answer(6, "admin", "admin"),
      [`GET ${path}/own/permission`]: answer(5, "write", "release crew"),
      [`GET ${path}/foo%5Bbot%5D/permission`]: { status: 404, body: { message: "Not Found" } },
      "GET /repos/acme/config": { body: FACTS },
    });
    const other = { ...REF, repositoryId: 12 };
    await assert.rejects(
      client(github.origin).repository(other).readRole({ id: 5, login: "ann", type: "User" }),
      lost("not-found"),
    );
    const repository = client(github.origin).repository(REF);
    const role = (login: string): Promise<string> => repository.readRole({ id: 5, login, type: "User" });
    assert.deepEqual(await Promise.all(["ann", "taken", "own", "foo[bot]"].map(role)), [
      "maintain",
      "none",
      "write",
      "none",
    ]);
  });

  it("knows whether conversations must be resolved, and takes what it cannot read for yes", async (test) => {
    const branch = (protection: object, isProtected = true): object => ({
      body: { name: "x", commit: { sha: SHA }, protected: isProtected, protection },
    });
    const rules = (parameters: object[]): object => ({
      body: parameters.map((one) => ({ type: "pull_request", ruleset_id: 1, parameters: one })),
    });
    const path = "/repos/acme/config";
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      [`GET ${path}/rules/branches/x?per_page=100`]: [
        rules([{ required_review_thread_resolution: true }]),
        rules([]),
        rules([{ required_review_thread_resolution: false }]),
        rules([]),
      ],
      [`GET ${path}/branches/x`]: [branch({ enabled: true }), branch({ enabled: false }), branch({}, false)],
    });
    const repository = client(github.origin).repository(REF);
    const answers: boolean[] = [];
    for (let turn = 0; turn < 4; turn++) answers.push(await repository.requiresResolvedConversations("x"));
    assert.deepEqual(answers, [true, true, false, false]);
  });

  it("goes by the branch alone where rules cannot be read", async (test) => {
    const branch = (isProtected: boolean): object => ({
      body: { name: "x", commit: { sha: SHA }, protected: isProtected, protection: { enabled: false } },
    });
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      "GET /repos/acme/config": { body: FACTS },
      "GET /repos/acme/config/rules/branches/x?per_page=100": [
        {
          status: 403,
          body: { message: "Upgrade to GitHub Pro or make this repository public to enable this feature." },
        },
        { status: 404, body: { message: "Not Found" } },
      ],
      "GET /repos/acme/config/branches/x": [branch(false), branch(true)],
    });
    const repository = client(github.origin).repository(REF);
    assert.equal(await repository.requiresResolvedConversations("x"), false);
    assert.equal(await repository.requiresResolvedConversations("x"), true);
    assert.equal((await repository.listRequiredChecks("x")).isComplete, false);
  });

  it("says which checks a branch requires, from which App, and who may go around", async (test) => {
    const required = { required_status_checks: [{ context: "drydock", integration_id: 1 }, { context: "build" }] };
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      "GET /repos/acme/config/rules/branches/main?per_page=100": {
        body: [{ type: "required_status_checks", ruleset_id: 3, parameters: required }, { type: "deletion" }],
      },
      "GET /repos/acme/config/rulesets/3": { body: { id: 3, name: "main", enforcement: "active" } },
      "GET /repos/acme/config/branches/main": {
        body: {
          name: "main",
          commit: { sha: SHA },
          protected: true,
          protection: {
            enabled: true,
            required_status_checks: {
              enforcement_level: "non_admins",
              contexts: ["lint"],
              checks: [{ context: "lint", app_id: null }],
            },
          },
        },
      },
    });
    assert.deepEqual(await client(github.origin).repository(REF).listRequiredChecks("main"), {
      isProtected: true,
      isComplete: true,
      checks: [
        { context: "drydock", appId: 1, source: "ruleset", bypass: "unknown" },
        { context: "build", appId: undefined, source: "ruleset", bypass: "unknown" },
        { context: "lint", appId: undefined, source: "branch protection", bypass: "somebody" },
      ],
    });
  });
});

describe("being told to wait", () => {
  it("T52: waits as long as GitHub says, and sends nothing meanwhile", async (test) => {
    let now = Date.now();
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      "GET /repos/acme/config": [
        { status: 429, headers: { "retry-after": "90" }, body: { message: "slow" } },
        { body: FACTS },
      ],
    });
    const repository = client(github.origin, { now: () => now }).repository(REF);
    await assert.rejects(repository.readFacts(), (fault: unknown) => {
      assert.ok(fault instanceof LimitedFault);
      assert.equal(fault.retryAt, now + 90_000);
      return true;
    });
    const before = github.asked.length;
    await assert.rejects(repository.readFacts(), LimitedFault);
    assert.equal(github.asked.length, before);
    now += 91_000;
    assert.equal((await repository.readFacts()).repositoryId, 11);
  });

  it("T52: waits a minute, then longer, when GitHub names no time", async (test) => {
    let now = Date.now();
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(),
      "GET /repos/acme/config": {
        status: 403,
        body: { message: "You have exceeded a secondary rate limit. Please wait a few minutes." },
      },
    });
    const repository = client(github.origin, { now: () => now }).repository(REF);
    const waits: number[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const fault: unknown = await repository.readFacts().catch((error: unknown) => error);
      assert.ok(fault instanceof LimitedFault);
      waits.push(fault.retryAt - now);
      now = fault.retryAt;
    }
    assert.deepEqual(waits, [60_000, 120_000, 240_000]);
  });
});

describe("T56: tokens in nothing that is said", () => {
  it("keeps them out of errors, causes and notes", async (test) => {
    const long = `ghs_eyJ${"a".repeat(200)}.${"b".repeat(200)}.${"c".repeat(100)}`;
    const calls: CallNote[] = [];
    const github = await startScriptedGitHub(test, {
      ...tokenReplies(() => long),
      "POST /repos/acme/config/issues/1/comments": [
        { status: 422, body: { message: `Bad ${long} and Bearer ${"x".repeat(30)}`, errors: [{ message: long }] } },
        { breaksOff: true },
      ],
    });
    const repository = client(github.origin, { onCall: (call) => void calls.push(call) }).repository(REF);
    const faults = [
      await repository.createComment(1, "x").catch((fault: unknown) => fault),
      await repository.createComment(1, "x").catch((fault: unknown) => fault),
    ];
    assert.ok(faults[0] instanceof RefusedFault);
    assert.ok(faults[1] instanceof Fault && faults[1].isRetryable);
    const said = inspect([faults, calls], { depth: 20, showHidden: true });
    assert.doesNotMatch(said, /ghs_eyJ|aaaaaaaa|bbbbbbbb|xxxxxxxx/u);
  });
});

function lost(loss: string): (fault: unknown) => boolean {
  return (fault) => {
    assert.ok(fault instanceof AccessLostFault, String(fault));
    assert.equal(fault.loss, loss);
    return true;
  };
}

function retryable(fault: unknown): boolean {
  return fault instanceof Fault && fault.isRetryable;
}
