import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { openRepository, runGit } from "../../../src/git/index.ts";
import { createDiskKeeper, type DiskKeeper } from "../../../src/keep-disk.ts";
import { createMirrors, type Mirrors } from "../../../src/mirror/index.ts";
import { makeDirectory, startGitServer, wrapGit, type GitServer, type ServedRepository } from "./git-server.ts";
import type { Assignment } from "./open-in-process.ts";

const HOUR = 3600_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

interface Mirrored {
  readonly server: GitServer;
  readonly repository: ServedRepository;
  readonly mirrors: Mirrors;
  readonly directory: string;
  /** The mirror of the one repository. */
  readonly path: string;
  readonly base: string;
  /** Another process that opens the mirror; resolves when it has, or is gone. */
  readonly openElsewhere: (head: string, isClosed: boolean) => Promise<ChildProcess>;
}

async function startMirrored(test: TestContext): Promise<Mirrored> {
  const server = await startGitServer(test);
  const repository = await server.create("config");
  const base = await repository.push("main", { "a.yaml": "one" });
  const directory = makeDirectory(test);
  const fetchToken: GitServer["fetchToken"] = (ref) => server.fetchToken(ref);
  const mirrors = createMirrors({ directory, way: { git: server.origin }, fetchToken, now: Date.now });
  const token = await server.fetchToken(repository.facts);
  return {
    ...{ server, repository, mirrors, directory, base },
    path: join(directory, `${repository.facts.repositoryId}.git`),
    openElsewhere: async (head, isClosed) => {
      const wanted = { base, head, pin: "1" };
      const assignment: Assignment = { directory, git: server.origin, token, ref: repository.facts, wanted, isClosed };
      const script = join(import.meta.dirname, "open-in-process.ts");
      const child = spawn(process.execPath, [script, JSON.stringify(assignment)], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      test.after(() => child.kill("SIGKILL"));
      await Promise.race([once(child.stdout, "data"), once(child, "close")]);
      return child;
    },
  };
}

const packs = (path: string): number =>
  readdirSync(join(path, "objects", "pack")).filter((name) => name.endsWith(".pack")).length;

/** So many packs that the mirror has to be packed, as fetches leave them. */
async function addPacks(path: string): Promise<void> {
  for (let count = 0; count < 45; count++) {
    await runGit({ directory: path, objectFormat: "sha1" }, ["fast-import", "--quiet"], {
      input: `blob\ndata 3\n${String(count).padStart(3, "0")}\n`,
      settings: ["fastimport.unpackLimit=0"],
    });
  }
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    assert.ok(tries < 400, "nothing happened");
    await wait(25);
  }
}

const leftovers = (path: string): string[] =>
  readdirSync(path, { recursive: true })
    .map(String)
    .filter((name) => /tmp|\.lock$|packed-refs\.new$/u.test(name));

describe("the care for a mirror", () => {
  it("waits while a check uses it, which goes on reading", async (t) => {
    const { mirrors, repository, path, base } = await startMirrored(t);
    const using = await mirrors.open(repository.facts, { base, head: base, pin: "1" });
    const reading = await openRepository(using.directory);
    t.after(() => reading.close());
    await addPacks(path);
    const before = packs(path);
    const head = await repository.push("change", { "a.yaml": "two", "b.yaml": "three" });
    (await mirrors.open(repository.facts, { base, head, pin: "2" })).close();
    await wait(200);
    assert.ok(packs(path) > before, "packed under use");
    const [blob] = await reading.objects.readBlobs([(await reading.objects.describe(`${head}:a.yaml`))?.id ?? ""]);
    assert.equal(Buffer.from(blob ?? []).toString(), "two");
    using.close();
    await until(() => packs(path) < 5);
    // A reader that came before it finds everything after it.
    const [after] = await reading.objects.readBlobs([(await reading.objects.describe(`${head}:b.yaml`))?.id ?? ""]);
    assert.equal(Buffer.from(after ?? []).toString(), "three");
  });

  it("T51: waits for a check of another process too, and is done once that one is killed", async (t) => {
    const { mirrors, repository, path, base, openElsewhere } = await startMirrored(t);
    const other = await openElsewhere(base, false);
    await addPacks(path);
    (await mirrors.open(repository.facts, { base, head: base, pin: "2" })).close();
    await wait(200);
    assert.ok(packs(path) > 40, "packed under use");
    assert.equal(await mirrors.remove(repository.facts.repositoryId, 0), false);
    const ended = once(other, "close");
    other.kill("SIGKILL");
    await ended;
    (await mirrors.open(repository.facts, { base, head: base, pin: "2" })).close();
    await until(() => packs(path) < 5);
  });

  for (const [step, left, script] of [
    ["refs are written", "refs/drydock/1/head.lock", '"$1" = update-ref'],
    ["a fetch is under way", "objects/pack/tmp_pack_x", '"$1" = fetch'],
    ["the graph of commits is written", "objects/info/commit-graph.lock", '"$1" = commit-graph'],
  ] as const) {
    it(`T50: heals when its process is killed while ${step}`, async (t) => {
      const { mirrors, repository, base, path, openElsewhere } = await startMirrored(t);
      wrapGit(
        t,
        `if [ ${script} ] && mkdir "$here/killed" 2>/dev/null; then
          mkdir -p "$GIT_DIR/refs/drydock/1"; touch "$GIT_DIR/${left}"; kill -9 $PPID; exit 1
        fi`,
      );
      const child = await openElsewhere(base, true);
      await until(() => child.signalCode === "SIGKILL");
      assert.ok(existsSync(join(path, left)));
      const head = await repository.push("change", { "a.yaml": "two" });
      const mirror = await mirrors.open(repository.facts, { base, head, pin: "1" });
      const read = await runGit({ directory: path, objectFormat: "sha1" }, [
        "cat-file",
        "-p",
        "refs/drydock/1/head:a.yaml",
      ]);
      assert.equal(read.stdout.toString(), "two");
      mirror.close();
    });
  }

  for (const [step, script] of [
    ["its refs are packed", 'touch "$GIT_DIR/packed-refs.lock" "$GIT_DIR/packed-refs.new"'],
    [
      "its packs are put into one",
      'touch "$GIT_DIR/objects/pack/.tmp-1-pack-x.pack" "$GIT_DIR/objects/pack/tmp_idx_x"',
    ],
    ["its old packs are removed", 'git repack -a -q; rm "$(ls "$GIT_DIR"/objects/pack/*.idx | head -1)"'],
  ] as const) {
    it(`T50: heals when its process is killed while ${step}`, async (t) => {
      const { mirrors, repository, base, path, openElsewhere } = await startMirrored(t);
      (await mirrors.open(repository.facts, { base, head: base, pin: "0" })).close();
      await addPacks(path);
      const command = step === "its refs are packed" ? "pack-refs" : "repack";
      wrapGit(
        t,
        `if [ "$1" = ${command} ] && mkdir "$here/killed" 2>/dev/null; then ${script}; kill -9 $PPID; exit 1; fi`,
      );
      const child = await openElsewhere(base, true);
      await until(() => child.signalCode === "SIGKILL");
      const head = await repository.push("change", { "a.yaml": "two" });
      (await mirrors.open(repository.facts, { base, head, pin: "1" })).close();
      await until(() => packs(path) < 5 && leftovers(path).length === 0);
      const mirror = await mirrors.open(repository.facts, { base, head, pin: "1" });
      const read = await runGit({ directory: path, objectFormat: "sha1" }, [
        "cat-file",
        "-p",
        "refs/drydock/1/head:a.yaml",
      ]);
      assert.equal(read.stdout.toString(), "two");
      mirror.close();
    });
  }

  it("T51: takes mirrors away by their last use, none that another process uses, whoever looks", async (t) => {
    const { mirrors, repository, base, directory, openElsewhere } = await startMirrored(t);
    const used = repository.facts.repositoryId;
    await openElsewhere(base, false);
    const idle = [1, 2, 3, 4].map((step) => used + 1000 * step);
    for (const id of idle) {
      const path = join(directory, `${id}.git`);
      mkdirSync(join(path, "objects"), { recursive: true });
      writeFileSync(join(path, "objects", "data"), Buffer.alloc(100_000));
      writeFileSync(join(path, "drydock-birth"), "x");
    }
    for (const [index, id] of [used, ...idle].entries()) {
      utimesSync(join(directory, `${id}.git`, "drydock-birth"), (index * HOUR) / 1000, (index * HOUR) / 1000);
    }
    const [caches, scratch] = [makeDirectory(t), makeDirectory(t)];
    const keeper = (): DiskKeeper =>
      createDiskKeeper({
        ...{ mirrors: directory, caches, scratch, bytes: 250_000, now: () => 100 * HOUR, log: silent },
        removeMirror: (id, patience) => mirrors.remove(id, patience),
      });
    await Promise.all([keeper().sweep(), keeper().sweep()]);
    await keeper().sweep();
    const kept = [used, ...idle].filter((id) => existsSync(join(directory, `${id}.git`)));
    assert.deepEqual(kept, [used, idle[2], idle[3]]);
  });
});
