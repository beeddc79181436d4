import assert from "node:assert/strict";
import { chmodSync, closeSync, existsSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { createMirrors, type Mirrors } from "../../../src/mirror/index.ts";
import { openRepository, runGit } from "../../../src/git/index.ts";
import { AccessLostFault, Fault, LimitedFault } from "../../../src/model/index.ts";
import { delayCommit, injectFault } from "../../../src/sandbox/faults/index.ts";
import { startServer } from "../../fakes/http-server.ts";
import { makeDirectory, startGitServer, wrapGit, type GitServer } from "./git-server.ts";

const DAY = 24 * 3600_000;

function openMirrors(
  test: TestContext,
  server: GitServer,
  now: () => number = Date.now,
): { mirrors: Mirrors; directory: string } {
  const directory = makeDirectory(test);
  const fetchToken: GitServer["fetchToken"] = (ref) => server.fetchToken(ref);
  return { mirrors: createMirrors({ directory, way: { git: server.origin }, fetchToken, now }), directory };
}

const gitIn = async (directory: string, ...args: string[]): Promise<string> =>
  (await runGit({ directory, objectFormat: "sha1" }, args)).stdout.toString("utf8").trim();

describe("a mirror", () => {
  it("holds both commits with their history and their own blobs, and no other, pinned under the pull request", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const first = await repository.push("main", { "a.yaml": "one", "b.yaml": "one" });
    await repository.push("main", { "a.yaml": "two" });
    const base = await repository.push("main", { "a.yaml": "three" });
    const head = await repository.push("change", { "c.yaml": "new" }, first);
    const { mirrors } = openMirrors(t, server);
    const mirror = await mirrors.open(repository.facts, { base, head, pin: "7" });
    const refs = await gitIn(mirror.directory, "for-each-ref", "--format=%(refname) %(objectname)");
    assert.equal(refs, `refs/drydock/7/base ${base}\nrefs/drydock/7/head ${head}`);
    assert.equal(await gitIn(mirror.directory, "merge-base", base, head), first);
    const missing = await gitIn(mirror.directory, "rev-list", "--objects", "--missing=print", base, head);
    // "two" was never the content of a tree that is checked.
    assert.deepEqual(missing.match(/^\?.*$/gmu), [
      `?${await gitIn(repository.entity.directory, "rev-parse", `${base}~1:a.yaml`)}`,
    ]);

    // An older blob is brought when it is asked for, and no reader ever fetches by itself.
    const old = missing.match(/^\?(.*)$/mu)?.[1] ?? "";
    const opened = await openRepository(mirror.directory);
    t.after(() => opened.close());
    await assert.rejects(opened.objects.readBlobs([old]), Fault);
    await mirror.bringBlobs([old]);
    assert.equal(Buffer.from((await opened.objects.readBlobs([old]))[0] ?? []).toString(), "two");
    mirror.close();
  });

  it("T35: goes by commit ids alone, so that a branch of a fork may be called as one of the base's", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const base = await repository.push("main", { "a.yaml": "ours" });
    const fork = await repository.fork("mallory");
    const head = await fork.push("main", { "a.yaml": "theirs" });
    await fork.push("refs/heads/main", { "a.yaml": "odd" }, base);
    const { mirrors } = openMirrors(t, server);
    const mirror = await mirrors.open(repository.facts, { base, head, pin: "1" });
    assert.equal(await gitIn(mirror.directory, "cat-file", "-p", `${head}:a.yaml`), "theirs");
    assert.equal(await gitIn(mirror.directory, "cat-file", "-p", `${base}:a.yaml`), "ours");
    assert.ok(server.requests.every(({ url }) => url.startsWith("/acme/config.git/")));
    mirror.close();
    for (const odd of ["main", "--upload-pack=x", `${head}\n`, `refs/heads/${"a".repeat(29)}`]) {
      await assert.rejects(mirrors.open(repository.facts, { base, head: odd, pin: "1" }), Fault);
    }
    await assert.rejects(mirrors.open(repository.facts, { base, head, pin: "../../x" }), Fault);
    await assert.rejects(
      mirrors.open({ ...repository.facts, owner: ".." }, { base, head: "1".repeat(40), pin: "1" }),
      Fault,
    );
  });

  it("T56: sends the token in a header alone: no argument, address, file or error holds it", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const base = await repository.push("main", { "a.yaml": "one" });
    const wrapper = wrapGit(t, 'echo "$@" >> "$here/arguments"');
    const { mirrors, directory } = openMirrors(t, server);
    (await mirrors.open(repository.facts, { base, head: base, pin: "1" })).close();
    const token = await server.fetchToken(repository.facts);
    const encoded = Buffer.from(`x-access-token:${token}`).toString("base64");
    assert.ok(server.requests.length > 0);
    assert.ok(server.requests.every(({ authorization }) => authorization === `basic ${encoded}`));
    const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
    texts.push(readFileSync(join(wrapper, "arguments"), "utf8"), ...server.requests.map(({ url }) => url));
    assert.match(texts.join("\n"), /fetch /u);
    for (const secret of [token, encoded]) assert.ok(!texts.some((text) => text.includes(secret)), secret);

    injectFault(server.faults, {
      operationId: "git/upload-pack",
      failing: { kind: "status", when: "before", status: 403, message: `token ${token} may not` },
    });
    const later = await repository.push("main", { "a.yaml": "two" });
    await assert.rejects(
      mirrors.open(repository.facts, { base, head: later, pin: "1" }),
      (error) =>
        error instanceof AccessLostFault &&
        error.loss === "permission" &&
        !JSON.stringify([error.message, String(error.cause)]).includes(token),
    );
  });

  it("T56: does not follow a redirect, which would take the token to another host", async (t) => {
    const elsewhere = await startServer(t, {});
    const seen: string[] = [];
    const redirecting = await startServer(t, {
      "/acme/config.git/info/refs?service=git-upload-pack": (request, response) => {
        seen.push(request.headers.authorization ?? "");
        response.writeHead(301, { location: `${elsewhere.origin}${request.url ?? ""}` }).end();
      },
    });
    const mirrors = createMirrors({
      ...{ directory: makeDirectory(t), way: { git: redirecting.origin }, now: Date.now },
      fetchToken: () => Promise.resolve("ghs_secret"),
    });
    const ref = { installationId: 1, repositoryId: 1, owner: "acme", name: "config" };
    const id = "1".repeat(40);
    await assert.rejects(
      mirrors.open(ref, { base: id, head: id, pin: "1" }),
      (error) => error instanceof Fault && error.isRetryable,
    );
    assert.ok(seen.length > 0);
    assert.deepEqual(elsewhere.asked, []);
  });

  it("is fetched through the proxy that is set", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const base = await repository.push("main", { "a.yaml": "one" });
    const hosts = new Set<string | undefined>();
    const proxy = createServer((asked, answer) => {
      hosts.add(asked.headers.host);
      const { method, headers } = asked;
      const { pathname, search } = new URL(asked.url ?? "");
      const onward = request(`${server.origin}${pathname}${search}`, { method, headers }, (response) => {
        answer.writeHead(response.statusCode ?? 500, response.headers);
        response.pipe(answer);
      });
      asked.pipe(onward);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    t.after(() => {
      proxy.closeAllConnections();
      proxy.close();
    });
    const mirrors = createMirrors({
      directory: makeDirectory(t),
      way: { git: "http://github.invalid", proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` },
      fetchToken: (ref) => server.fetchToken(ref),
      now: Date.now,
    });
    (await mirrors.open(repository.facts, { base, head: base, pin: "1" })).close();
    assert.deepEqual([...hosts], ["github.invalid"]);
  });

  it("waits for a commit that an event named and git does not know yet, not for ever", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const base = await repository.push("main", { "a.yaml": "one" });
    const { mirrors } = openMirrors(t, server);
    delayCommit(server.faults, 2);
    (await mirrors.open(repository.facts, { base, head: base, pin: "1" })).close();
    const head = await repository.push("change", { "a.yaml": "two" });
    delayCommit(server.faults, 100);
    await assert.rejects(
      mirrors.open(repository.facts, { base, head, pin: "1" }),
      (error) =>
        error instanceof Fault &&
        !(error instanceof LimitedFault) &&
        error.isRetryable &&
        /not our ref/u.test(error.message),
    );
    delayCommit(server.faults, 0);
    (await mirrors.open(repository.facts, { base, head, pin: "1" })).close();
  });

  it("T50: is usable after a fetch was killed in the middle of its work", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const base = await repository.push("main", { "a.yaml": "one" });
    const head = await repository.push("change", { "a.yaml": "two" });
    const { mirrors, directory } = openMirrors(t, server);
    (await mirrors.open(repository.facts, { base, head: base, pin: "1" })).close();
    wrapGit(
      t,
      `if [ "$1" = fetch ] && [ ! -e "$here/killed" ]; then
        touch "$here/killed" "$GIT_DIR/objects/pack/tmp_pack_x" "$GIT_DIR/packed-refs.lock" "$GIT_DIR/refs/drydock/1/head.lock"
        kill -9 $$
      fi`,
    );
    const mirror = await mirrors.open(repository.facts, { base, head, pin: "1" });
    assert.equal(await gitIn(mirror.directory, "cat-file", "-p", `refs/drydock/1/head:a.yaml`), "two");
    mirror.close();
    const left = readdirSync(directory, { recursive: true }).map(String);
    assert.deepEqual(
      left.filter((name) => /tmp|\.lock$/u.test(name)),
      [],
    );
  });

  it("is thrown away and fetched anew when it is damaged, once", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const base = await repository.push("main", { "a.yaml": "one ".repeat(2000), "b/c.yaml": "two" });
    const head = await repository.push("change", { "a.yaml": "two" });
    const { mirrors, directory } = openMirrors(t, server);
    (await mirrors.open(repository.facts, { base, head: base, pin: "1" })).close();
    const damage = (): void => {
      const packs = join(directory, `${repository.facts.repositoryId}.git`, "objects", "pack");
      for (const name of readdirSync(packs).filter((file) => file.endsWith(".pack"))) {
        chmodSync(join(packs, name), 0o600);
        const file = openSync(join(packs, name), "r+");
        writeSync(file, Buffer.alloc(64, 0x58), 0, 64, 12);
        closeSync(file);
      }
    };
    damage();
    const mirror = await mirrors.open(repository.facts, { base, head, pin: "1" });
    assert.equal(await gitIn(mirror.directory, "cat-file", "-p", `${head}:b/c.yaml`), "two");
    mirror.close();
    damage();
    await assert.rejects(mirrors.open(repository.facts, { base, head, pin: "1" }), Fault);
  });

  it("is not thrown away because GitHub cannot be reached", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const base = await repository.push("main", { "a.yaml": "one" });
    const { mirrors, directory } = openMirrors(t, server);
    (await mirrors.open(repository.facts, { base, head: base, pin: "1" })).close();
    const birth = join(directory, `${repository.facts.repositoryId}.git`, "drydock-birth");
    const before = readFileSync(birth, "utf8");
    injectFault(server.faults, { operationId: "git/upload-pack", failing: { kind: "drop", when: "before" }, count: 9 });
    const head = await repository.push("change", { "a.yaml": "two" });
    await assert.rejects(
      mirrors.open(repository.facts, { base, head, pin: "1" }),
      (error) => error instanceof Fault && error.isRetryable,
    );
    assert.equal(readFileSync(birth, "utf8"), before);
  });

  it("is packed when nobody uses it, and loses pins that nobody used for a day", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const base = await repository.push("main", { "a.yaml": "one" });
    let time = Date.now();
    const { mirrors, directory } = openMirrors(t, server, () => time);
    const path = join(directory, `${repository.facts.repositoryId}.git`);
    const packs = (): number =>
      readdirSync(join(path, "objects", "pack")).filter((name) => name.endsWith(".pack")).length;
    let head = base;
    for (let count = 0; count < 22; count++) {
      head = await repository.push("change", { "a.yaml": `change ${count}` });
      (await mirrors.open(repository.facts, { base, head, pin: String(count) })).close();
    }
    for (let tries = 0; packs() > 20 && tries < 100; tries++) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(packs() < 20, String(packs()));
    time += 1.1 * DAY;
    (await mirrors.open(repository.facts, { base, head, pin: "late" })).close();
    assert.equal(
      await gitIn(path, "for-each-ref", "--format=%(refname)"),
      "refs/drydock/late/base\nrefs/drydock/late/head",
    );
    assert.equal(await gitIn(path, "cat-file", "-p", `${head}:a.yaml`), "change 21");
  });

  it("is not removed while it is used", async (t) => {
    const server = await startGitServer(t);
    const repository = await server.create("config");
    const base = await repository.push("main", { "a.yaml": "one" });
    const { mirrors, directory } = openMirrors(t, server);
    const mirror = await mirrors.open(repository.facts, { base, head: base, pin: "1" });
    const removing = mirrors.remove(repository.facts.repositoryId);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.ok(existsSync(mirror.directory));
    mirror.close();
    assert.equal(await removing, true);
    assert.deepEqual(readdirSync(directory), ["locks"]);
  });
});
