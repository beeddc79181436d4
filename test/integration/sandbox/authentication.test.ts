import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  createApp,
  createRepository,
  createUser,
  installApp,
  issueUserToken,
  openIssue,
  renameRepository,
  setArchived,
  setPermissions,
  setSuspended,
  transferRepository,
} from "../../../src/sandbox/world/index.ts";
import { openStage, request, signJwt, tokenFor } from "./open-sandbox.ts";

const REPOSITORY = "/repos/acme/gitops";
const HOUR = 3_600_000;

describe("who asks", () => {
  it("is an App by a JWT that holds now, from its own key", async (test) => {
    const { sandbox, ada } = await openStage(test);
    const seconds = Math.floor(sandbox.world.clock() / 1000);
    const ask = async (token: string): Promise<number> => (await request(sandbox, "GET", "/app", { token })).status;
    assert.equal(await ask(signJwt(sandbox, sandbox.app)), 200);
    assert.equal(await ask(signJwt(sandbox, sandbox.app, { exp: seconds - 1 })), 401);
    assert.equal(await ask(signJwt(sandbox, sandbox.app, { exp: seconds + 3600 })), 401);
    assert.equal(await ask(signJwt(sandbox, sandbox.app, { iat: seconds + 300 })), 401);
    const other = await createApp(sandbox.world, ada, "Other");
    assert.equal(await ask(signJwt(sandbox, { ...other, id: sandbox.app.id })), 401);
    assert.equal(await ask("nonsense"), 401);
    assert.deepEqual(sandbox.violations, []);
  });

  it("is an installation by a token that lives an hour", async (test) => {
    let at = Date.parse("2026-05-01T10:00:00Z");
    const { sandbox, installation } = await openStage(test, { clock: () => at });
    const token = await tokenFor(sandbox, installation);
    assert.ok(token.length > 500 && token.startsWith("ghs_"));
    at += HOUR - 1;
    assert.equal((await request(sandbox, "GET", REPOSITORY, { token })).status, 200);
    at += 1;
    const late = await request(sandbox, "GET", REPOSITORY, { token });
    assert.deepEqual([late.status, late.body["message"]], [401, "Bad credentials"]);
  });

  it("may do what the token was narrowed to, and sees no other repository", async (test) => {
    const { sandbox, installation, repository, organization, ada } = await openStage(test);
    await createRepository(sandbox.world, organization, "other", { actor: ada, isPrivate: true });
    const narrowed = { repository_ids: [repository.id], permissions: { checks: "read", metadata: "read" } };
    const token = await tokenFor(sandbox, installation, narrowed);
    const status = async (method: string, path: string, body?: object): Promise<number> =>
      (await request(sandbox, method, path, { token, body })).status;
    assert.equal(await status("GET", `${REPOSITORY}/commits/main/check-runs`), 200);
    assert.equal(await status("POST", `${REPOSITORY}/check-runs`, { name: "a", head_sha: "b" }), 403);
    assert.equal(await status("GET", `${REPOSITORY}/pulls`), 403);
    assert.equal(await status("GET", "/repos/acme/other"), 404);
    const listed = await request(sandbox, "GET", "/installation/repositories", { token });
    assert.equal(listed.body["total_count"], 1);
    assert.deepEqual(sandbox.violations, []);
  });

  it("gets no token for what the installation has not", async (test) => {
    const { sandbox, installation } = await openStage(test);
    const path = `/app/installations/${installation.id}/access_tokens`;
    const token = signJwt(sandbox, sandbox.app);
    const ask = async (body: object): Promise<number> => (await request(sandbox, "POST", path, { token, body })).status;
    assert.equal(await ask({ permissions: { workflows: "write" } }), 422);
    assert.equal(await ask({ repository_ids: [1] }), 422);
    assert.equal(await ask({ repositories: ["nothing"] }), 422);
  });

  it("loses what the owner takes back, at once", async (test) => {
    const { sandbox, world, installation, ada, send } = await openStage(test);
    setPermissions(world, ada, installation, { checks: "write" });
    assert.equal((await send("GET", `${REPOSITORY}/pulls`)).status, 403);
    setSuspended(world, ada, installation, true);
    const suspended = await send("GET", REPOSITORY);
    assert.equal(suspended.body["message"], "This installation has been suspended");
    assert.equal(await tokenFor(sandbox, installation), "");
    setSuspended(world, ada, installation, false);
    assert.equal((await send("GET", REPOSITORY)).status, 200);
  });

  it("reads public repositories without being installed, and writes nothing there", async (test) => {
    const { sandbox, ada, send } = await openStage(test);
    const bob = createUser(sandbox.world, "bob");
    const open = await createRepository(sandbox.world, bob, "open", { files: { a: "a\n" } });
    openIssue(sandbox.world, ada, open, "Help");
    assert.equal((await send("GET", "/repos/bob/open/issues/1")).status, 200);
    assert.equal((await send("POST", "/repos/bob/open/issues/1/comments", { body: "Hi" })).status, 403);
    assert.deepEqual(sandbox.violations, []);
  });

  it("with pull requests alone does not comment on plain issues", async (test) => {
    const { sandbox, world, ada, repository, installation } = await openStage(test);
    const issue = openIssue(world, ada, repository, "Help");
    const token = await tokenFor(sandbox, installation, { permissions: { pull_requests: "write" } });
    const comment = async (number: number): Promise<number> =>
      (await request(sandbox, "POST", `${REPOSITORY}/issues/${number}/comments`, { token, body: { body: "x" } }))
        .status;
    assert.deepEqual([await comment(1), await comment(issue.number)], [201, 403]);
  });

  it("is a person by the token of a sign-in", async (test) => {
    const { sandbox, ada, world } = await openStage(test);
    const { token } = issueUserToken(world, ada.id, sandbox.app.id);
    assert.equal((await request(sandbox, "GET", "/user", { token })).body["login"], "ada");
    assert.deepEqual(sandbox.violations, []);
  });
});

describe("a repository", () => {
  it("is found by its old name through a redirect to its id, for reads and writes", async (test) => {
    const { sandbox, world, ada, repository, send } = await openStage(test);
    renameRepository(world, ada, repository, "config");
    const read = await send("GET", `${REPOSITORY}/pulls?state=all`);
    const location = read.headers.get("location") ?? "";
    assert.equal(read.status, 301);
    assert.equal(location, `${sandbox.apiUrl}/repositories/${repository.id}/pulls?state=all`);
    const followed = await send("GET", location);
    assert.equal(followed.status, 200);
    assert.equal((await send("POST", `${REPOSITORY}/issues/1/comments`, { body: "x" })).status, 307);
    assert.deepEqual(sandbox.violations, []);
  });

  it("is gone for the App once it belongs to somebody else, and read-only once it is archived", async (test) => {
    const { sandbox, world, ada, repository, send } = await openStage(test);
    setArchived(world, ada, repository, true);
    assert.equal((await send("POST", `${REPOSITORY}/issues/1/comments`, { body: "x" })).status, 403);
    transferRepository(world, ada, repository, createUser(world, "bob"));
    assert.equal((await send("GET", `/repositories/${repository.id}`)).status, 404);
    assert.deepEqual(sandbox.violations, []);
  });

  it("costs nothing to read again while it stands, and pages by links", async (test) => {
    const { sandbox, send } = await openStage(test);
    const first = await send("GET", REPOSITORY);
    const tag = first.headers.get("etag") ?? "";
    const again = await send("GET", REPOSITORY, undefined, { "if-none-match": tag });
    assert.equal(again.status, 304);
    assert.equal(again.headers.get("x-ratelimit-used"), first.headers.get("x-ratelimit-used"));
    for (let number = 0; number < 3; number++) await send("POST", `${REPOSITORY}/issues/1/comments`, { body: "x" });
    const page = await send("GET", `${REPOSITORY}/issues/1/comments?per_page=2`);
    const [, next = ""] = /<([^>]+)>; rel="next"/u.exec(page.headers.get("link") ?? "") ?? [];
    const rest = await send("GET", next);
    assert.equal((rest.body as unknown as readonly unknown[]).length, 1);
    assert.deepEqual(sandbox.violations, []);
  });

  it("is served where GitHub Enterprise Server serves it", async (test) => {
    const { sandbox, send } = await openStage(test, { mode: "ghes" });
    const reply = await send("GET", REPOSITORY);
    assert.ok(sandbox.apiUrl.endsWith("/api/v3"));
    assert.equal(reply.headers.get("x-github-enterprise-version"), "3.17.0");
    assert.deepEqual(sandbox.violations, []);
  });

  it("has several installed Apps that do not see each other's tokens", async (test) => {
    const { sandbox, world, ada, organization } = await openStage(test);
    const other = await createApp(world, ada, "Other", { permissions: { checks: "write" } });
    const installation = installApp(world, ada, other, organization);
    const token = signJwt(sandbox, sandbox.app);
    const path = `/app/installations/${installation.id}/access_tokens`;
    assert.equal((await request(sandbox, "POST", path, { token, body: {} })).status, 404);
  });
});
