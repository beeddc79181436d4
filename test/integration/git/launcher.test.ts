import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, describe, it, type TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { GitFault, openScratch, runGit, startLauncher, type GitPlace } from "../../../src/git/index.ts";
import { findLauncher, launchGit, LauncherGone } from "../../../src/git/launcher.ts";
import { TooMuchOutput } from "../../../src/git/run-git.ts";
import { UsageError } from "../../../src/model/index.ts";
import { createRepository } from "../../fakes/git-repository.ts";

const GIT = join(import.meta.dirname, "..", "..", "..", "src", "git", "index.ts");
const LAUNCHER = join(dirname(GIT), "launcher.ts");
const LONGEST_WAIT = 10_000;
/** Where processes are looked at. */
const WITHOUT_PROC = existsSync("/proc/self/environ") ? false : "this system has no /proc";

async function openPlace(t: TestContext): Promise<GitPlace> {
  const { directory } = await createRepository(t, { branches: { main: { a: "1" } } });
  const scratch = await openScratch(directory);
  t.after(() => scratch.close());
  return scratch;
}

/** What nobody writes to keeps git waiting for ever. */
function makePipe({ directory }: GitPlace): string {
  const path = join(directory, "pipe");
  execFileSync("mkfifo", [path]);
  return path;
}

async function waitUntil(what: string, isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + LONGEST_WAIT; Date.now() < end;) {
    if (isSo()) return;
    await pause(20);
  }
  assert.fail(`${what} did not come about`);
}

/** The process that was started with this argument. */
function findProcess(argument: string): string | undefined {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .find((pid) => readProcess(pid, "cmdline").split("\0").includes(argument));
}

function readProcess(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return ""; // it is gone
  }
}

/** What holds of git, whoever starts it. */
function describeGit(): void {
  it("tells its status, what it printed and why it failed", async (t) => {
    const place = await openPlace(t);
    const { stdout } = await runGit(place, ["rev-parse", "main^{tree}"]);
    assert.match(stdout.toString("utf8"), /^[\da-f]{40}\n$/u);
    assert.equal((await runGit(place, ["cat-file", "-e", "main:b"], { statuses: [128] })).status, 128);
    await assert.rejects(runGit(place, ["rev-parse", "--verify", "nobody"]), (error) => {
      assert.ok(error instanceof GitFault);
      assert.deepEqual([error.status, error.detail], [128, "fatal: Needed a single revision"]);
      return true;
    });
  });

  it("is given and gives more than a pipe holds", async (t) => {
    const place = await openPlace(t);
    const bytes = Buffer.alloc(8 * 1024 * 1024, "0123456789");
    const { stdout: id } = await runGit(place, ["hash-object", "-w", "--stdin"], { input: bytes });
    const read = await runGit(place, ["cat-file", "blob", id.toString("utf8").trim()]);
    assert.ok(read.stdout.equals(bytes));
    await assert.rejects(
      runGit(place, ["cat-file", "blob", id.toString("utf8").trim()], { maxBytes: 100 }),
      TooMuchOutput,
    );
  });

  it("may end before it has read everything", async (t) => {
    const place = await openPlace(t);
    const input = Buffer.alloc(4 * 1024 * 1024);
    await assert.rejects(runGit(place, ["rev-parse", "--verify", "nobody"], { input }), GitFault);
  });

  it("is ended when it takes too long", async (t) => {
    const place = await openPlace(t);
    await assert.rejects(runGit(place, ["hash-object", makePipe(place)], { seconds: 0.3 }), {
      name: "GitFault",
      status: undefined,
    });
  });

  it("is missed with a word on what is needed, and what no program can be told is refused", async (t) => {
    const place = await openPlace(t);
    await assert.rejects(runGit(place, ["version"], { environment: { PATH: place.directory } }), UsageError);
    await assert.rejects(runGit(place, ["rev-parse", "a\0b"]));
    assert.equal((await runGit(place, ["rev-parse", "main"])).status, 0);
  });

  it("runs many times at once", async (t) => {
    const place = await openPlace(t);
    const numbers = Array.from({ length: 40 }, (_, index) => String(index));
    const printed = await Promise.all(
      numbers.map(async (input) => (await runGit(place, ["hash-object", "--stdin"], { input })).stdout.toString()),
    );
    assert.equal(new Set(printed).size, numbers.length);
  });

  it("is started by other threads too", async (t) => {
    const place = await openPlace(t);
    const text = `
      const { parentPort, workerData } = require("node:worker_threads");
      void (async () => {
        const [{ runGit }, { findLauncher }] = await Promise.all(workerData.files.map((file) => import(file)));
        const { status } = await runGit(workerData.place, ["rev-parse", "main"]);
        parentPort.postMessage({ status, launcher: findLauncher() });
      })();`;
    const plain = { directory: place.directory, objectFormat: place.objectFormat };
    const worker = new Worker(text, { eval: true, workerData: { place: plain, files: [GIT, LAUNCHER] } });
    assert.deepEqual(await once(worker, "message"), [{ status: 0, launcher: findLauncher() }]);
  });
}

describe("git that this process starts", describeGit);

describe("git that the launcher starts", () => {
  before(async () => {
    await startLauncher();
    await startLauncher();
  });

  describeGit();

  it(
    "is the launcher's child, and the launcher has nothing of this process's environment",
    { skip: WITHOUT_PROC },
    async (t) => {
      const place = await openPlace(t);
      const launcher = findProcess(findLauncher() ?? "");
      assert.ok(launcher);
      assert.equal(readProcess(launcher, "environ"), "");
      const { stdout } = await runGit(place, ["parent"], { settings: ["alias.parent=!cat /proc/$PPID/status"] });
      assert.equal(/^PPid:\t(\d+)$/mu.exec(stdout.toString("utf8"))?.[1], launcher);
    },
  );

  it("ends with the process that had it started, and leaves nothing behind", { skip: WITHOUT_PROC }, async () => {
    const text = `
      const { startLauncher, findLauncher } = await import(${JSON.stringify(LAUNCHER)});
      await startLauncher();
      console.log(findLauncher());
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", text], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const path = line.toString("utf8").trim();
    assert.ok(existsSync(path));
    child.kill("SIGKILL");
    await waitUntil("the launcher's end", () => !existsSync(dirname(path)) && findProcess(path) === undefined);
  });

  it(
    "is started from here once the launcher has died, and what it had started counts as ended",
    { skip: WITHOUT_PROC },
    async (t) => {
      const place = await openPlace(t);
      const path = findLauncher() ?? "";
      const launcher = findProcess(path);
      const pipe = makePipe(place);
      const waiting = assert.rejects(runGit(place, ["hash-object", pipe]), GitFault);
      await waitUntil("git", () => findProcess(pipe) !== undefined);
      process.kill(Number(launcher), "SIGKILL");
      await waitUntil("the launcher's end", () => findLauncher() === undefined);
      assert.equal((await runGit(place, ["rev-parse", "main"])).status, 0);
      // What a thread is told that has not heard of it.
      const start = { args: ["version"], cwd: place.directory, env: {}, hasStderr: false };
      await assert.rejects(launchGit(path, start), LauncherGone);
      // Nobody can end it any more; it ends by itself.
      writeFileSync(pipe, "");
      await waiting;
    },
  );
});
