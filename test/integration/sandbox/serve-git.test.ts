import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { createFaults, delayCommit, injectFault } from "../../../src/sandbox/faults/index.ts";
import { serveGit } from "../../../src/sandbox/git/serve-git.ts";
import { createOrganization, createUser } from "../../../src/sandbox/world/accounts.ts";
import { createApp } from "../../../src/sandbox/world/apps.ts";
import type { Account, Installation, Repository } from "../../../src/sandbox/world/entities.ts";
import type { WorldEvent } from "../../../src/sandbox/world/events.ts";
import { installApp, setPermissions, setSuspended } from "../../../src/sandbox/world/installations.ts";
import { openPullRequest } from "../../../src/sandbox/world/pull-requests.ts";
import { pushCommit } from "../../../src/sandbox/world/pushes.ts";
import {
  createRepository,
  forkRepository,
  renameRepository,
  setArchived,
} from "../../../src/sandbox/world/repositories.ts";
import { setRole } from "../../../src/sandbox/world/roles.ts";
import { createWorld, read, subscribe, type World } from "../../../src/sandbox/world/store.ts";

const HOUR = 3_600_000;
const KEYS = { privateKey: "unused", publicKey: "unused" };

describe("git over HTTP", () => {
  let directory: string;
  let server: Server;
  let world: World;
  let time = Date.parse("2026-03-01T00:00:00Z");
  let web: string;
  let owner: Account;
  let installation: Installation;
  const faults = createFaults();

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "sandbox-serve-git-"));
    server = createServer((request, response) => {
      void serveGit(world, faults, request, response).then((isServed) => {
        if (!isServed) response.writeHead(418).end();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    web = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    world = createWorld({ clock: () => time, directory, addresses: { web, api: web, graphql: `${web}/graphql` } });
    owner = createOrganization(world, createUser(world, "ada"), "acme");
    const app = await createApp(world, owner, "Drydock", { keys: KEYS, permissions: { contents: "read" } });
    installation = installApp(world, owner, app, owner);
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(directory, { recursive: true, force: true });
  });

  const createToken = (token: string, repositories: readonly Repository[] | undefined, contents = "read"): string => {
    world.notes.installationTokens.set(token, {
      token,
      installationId: installation.id,
      repositories: repositories?.map(({ id }) => id),
      permissions: { contents },
      expiresAt: time + HOUR,
    });
    return token;
  };
  const createUserToken = (user: Account): string => {
    const token = `ghu_${user.login}`;
    world.notes.userTokens.set(token, { token, userId: user.id, appId: installation.appId, expiresAt: time + HOUR });
    return token;
  };

  /** Real git, as a client that sends the token in a header; gives what it printed and its status. */
  const git = async (token: string | undefined, ...args: string[]) => {
    const basic = Buffer.from(`x-access-token:${token ?? ""}`).toString("base64");
    const header = token === undefined ? [] : ["-c", `http.extraHeader=Authorization: basic ${basic}`];
    const env = {
      PATH: process.env["PATH"],
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_TERMINAL_PROMPT: "0",
      GIT_AUTHOR_NAME: "Eve",
      GIT_AUTHOR_EMAIL: "eve@example.com",
      GIT_COMMITTER_NAME: "Eve",
      GIT_COMMITTER_EMAIL: "eve@example.com",
    };
    try {
      const { stdout } = await promisify(execFile)("git", [...header, ...args], { env, cwd: directory });
      return { isDone: true, text: stdout };
    } catch (error) {
      return { isDone: false, text: String((error as { stderr?: unknown }).stderr) };
    }
  };
  const answerTo = async (path: string, token?: string) => {
    const basic = Buffer.from(`x-access-token:${token ?? ""}`).toString("base64");
    const headers = token === undefined ? {} : { authorization: `basic ${basic}` };
    const answer = await fetch(`${web}/${path}/info/refs?service=git-upload-pack`, { headers, redirect: "manual" });
    await answer.arrayBuffer();
    return answer;
  };

  it("clones a private repository with an installation's token, in protocol 2, without blobs if asked", async () => {
    const files = { "a.yaml": "a: 1\n", "b.yaml": "b: 2\n" };
    const repository = await createRepository(world, owner, "config", { isPrivate: true, files });
    const token = createToken("ghs_one", [repository]);
    assert.deepEqual(await git(token, "clone", "--quiet", `${web}/acme/config.git`, "clone"), {
      isDone: true,
      text: "",
    });
    assert.equal(await readFile(join(directory, "clone", "a.yaml"), "utf8"), "a: 1\n");

    const bare = await git(token, "clone", "--quiet", "--bare", "--filter=blob:none", `${web}/acme/config`, "partial");
    assert.equal(bare.isDone, true, bare.text);
    const missing = await git(token, "-C", "partial", "rev-list", "--objects", "--missing=print", "HEAD");
    assert.equal(missing.text.split("\n").filter((line) => line.startsWith("?")).length, 2);
    const answer = await fetch(`${web}/acme/config.git/info/refs?service=git-upload-pack`, {
      headers: { authorization: `bearer ${token}`, "git-protocol": "version=2" },
    });
    assert.match(await answer.text(), /version 2/u);
  });

  it("fetches any commit by its id from the base repository: a fork's head, a moved branch's old one", async () => {
    const eve = createUser(world, "eve");
    const repository = await createRepository(world, owner, "forked", { isPrivate: false, files: { "a.yaml": "a\n" } });
    const fork = await forkRepository(world, eve, repository);
    const first = await pushCommit(world, eve, fork, { branch: "patch", files: { "b.yaml": "b\n" } });
    const { number } = await openPullRequest(world, eve, repository, { head: "patch", headRepository: fork });
    const second = await pushCommit(world, eve, fork, { branch: "patch", files: { "c.yaml": "c\n" } });
    await git(undefined, "init", "--quiet", "--bare", "mirror");
    for (const wanted of [first, second, `refs/pull/${number}/head`]) {
      const fetched = await git(undefined, "-C", "mirror", "fetch", "--quiet", `${web}/acme/forked.git`, wanted);
      assert.equal(fetched.isDone, true, fetched.text);
    }
    const head = await git(undefined, "-C", "mirror", "rev-parse", "FETCH_HEAD");
    assert.equal(head.text.trim(), second);
  });

  it("asks for a token with 401, hides what a token does not cover with 404, and ends old tokens", async () => {
    const covered = await createRepository(world, owner, "covered", { isPrivate: true, files: { a: "a" } });
    await createRepository(world, owner, "other", { isPrivate: true, files: { a: "a" } });
    const token = createToken("ghs_two", [covered]);
    const asked = await answerTo("acme/covered.git");
    assert.equal(asked.status, 401);
    assert.equal(asked.headers.get("www-authenticate"), 'Basic realm="GitHub"');
    assert.equal((await answerTo("acme/covered.git", "ghs_wrong")).status, 401);
    assert.equal((await answerTo("acme/covered.git", token)).status, 200);
    assert.equal((await answerTo("acme/other.git", token)).status, 404);
    assert.equal((await answerTo("acme/absent.git", token)).status, 404);
    assert.equal((await answerTo("acme/covered.git", createToken("ghs_none", [covered], "none"))).status, 403);
    time += HOUR;
    assert.equal((await answerTo("acme/covered.git", token)).status, 401);
  });

  it("T53: ends with suspension and withdrawn permission, and redirects after a rename", async () => {
    const repository = await createRepository(world, owner, "before", { isPrivate: true, files: { a: "a" } });
    const token = createToken("ghs_three", undefined);
    setSuspended(world, owner, installation, true);
    assert.equal((await answerTo("acme/before.git", token)).status, 403);
    setSuspended(world, owner, installation, false);
    setPermissions(world, owner, installation, { checks: "write" });
    assert.equal((await answerTo("acme/before.git", token)).status, 403);
    setPermissions(world, owner, installation, { contents: "read" });
    renameRepository(world, owner, repository, "after");
    const moved = await answerTo("acme/before.git", token);
    assert.equal(moved.status, 301);
    assert.equal(moved.headers.get("location"), `${web}/acme/after.git/info/refs?service=git-upload-pack`);
    const cloned = await git(token, "ls-remote", `${web}/acme/before.git`, "refs/heads/main");
    assert.equal(cloned.isDone, true, cloned.text);
  });

  it("takes a person's push: branches move, pull requests follow, the world tells", async () => {
    const [writer, reader] = [createUser(world, "writer"), createUser(world, "reader")];
    const repository = await createRepository(world, owner, "pushed", { isPrivate: true, files: { "a.yaml": "a\n" } });
    setRole(world, repository, writer, "write");
    setRole(world, repository, reader, "read");
    const url = `${web}/acme/pushed.git`;
    const token = createUserToken(writer);
    assert.equal((await git(token, "clone", "--quiet", url, "work")).isDone, true);
    await git(token, "-C", "work", "switch", "--quiet", "--create", "topic");
    const change = async (text: string) => {
      await writeFile(join(directory, "work", "a.yaml"), text);
      await git(token, "-C", "work", "commit", "--quiet", "--all", "--message", "Change a");
      return (await git(token, "-C", "work", "rev-parse", "HEAD")).text.trim();
    };
    const first = await change("b\n");
    assert.equal((await git(token, "-C", "work", "push", "--quiet", "origin", "topic")).isDone, true);
    assert.equal(read(world, "repositories", repository).branches.get("topic"), first);
    const { id } = await openPullRequest(world, writer, repository, { head: "topic" });

    const events: WorldEvent[] = [];
    const stop = subscribe(world, (event) => events.push(event));
    const second = await change("c\n");
    const pushed = await git(token, "-C", "work", "push", "--quiet", "origin", "topic");
    stop();
    assert.equal(pushed.isDone, true, pushed.text);
    assert.equal(read(world, "pullRequests", { id }).headSha, second);
    const [push] = events;
    assert.ok(push?.kind === "push");
    assert.deepEqual([push.senderId, push.before, push.after, push.isForced], [writer.id, first, second, false]);

    await change("d\n");
    assert.match((await git(createUserToken(reader), "-C", "work", "push", "origin", "topic")).text, /403/u);
    const ours = await git(token, "-C", "work", "push", "origin", "HEAD:refs/pull/7/head");
    assert.equal(ours.isDone, false);
    setArchived(world, owner, repository, true);
    assert.match((await git(token, "-C", "work", "push", "origin", "topic")).text, /archived/u);
  });

  it("does not know a commit yet, answers 503 and closes the connection, as often as asked", async () => {
    const repository = await createRepository(world, owner, "late", { isPrivate: false, files: { "a.yaml": "a\n" } });
    const sha = read(world, "repositories", repository).branches.get("main") ?? "";
    await git(undefined, "init", "--quiet", "--bare", "late");
    const fetchNow = async () => await git(undefined, "-C", "late", "fetch", "--quiet", `${web}/acme/late.git`, sha);
    delayCommit(faults, 1, sha);
    assert.match((await fetchNow()).text, /not our ref/u);
    injectFault(faults, { operationId: "git/upload-pack", failing: { kind: "status", when: "before", status: 503 } });
    assert.match((await fetchNow()).text, /503/u);
    injectFault(faults, { operationId: "git/upload-pack", failing: { kind: "drop", when: "before" } });
    assert.equal((await fetchNow()).isDone, false);
    assert.equal((await fetchNow()).isDone, true);
    assert.equal((await fetch(`${web}/acme/late`)).status, 418);
  });
});
