import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { configMap, makeDirectory, type JsonReport } from "../check/check-change.ts";
import { listFiles, loseFromStore } from "../check/lose-from-store.ts";
import { createRepository } from "../../fakes/git-repository.ts";
import { startServer } from "../../fakes/http-server.ts";
import { runDrydock, type ProcessResult, type RunOptions } from "./run-drydock.ts";
import { makeSample, type Sample } from "./sample.ts";

type Check = (args: readonly string[], options?: RunOptions) => Promise<ProcessResult>;

function checkOf(sample: Sample): Check {
  return (args, options) => runDrydock(sample, ["check", "--repo", sample.directory, ...args], options);
}

function assertUsage({ status, stdout, stderr }: ProcessResult, message: RegExp): void {
  assert.match(stderr, message);
  assert.doesNotMatch(stderr, /internal error|\n {4}at /u);
  assert.deepEqual([status, stdout], [3, ""]);
}

const parse = ({ stdout }: ProcessResult): JsonReport => JSON.parse(stdout) as JsonReport;

test("drydock check: exit status", async (t) => {
  const check = checkOf(await makeSample(t));
  const cases = [
    ["passes", ["--head", "fine"], 0],
    ["brings an error", ["--head", "broken"], 1],
    ["cannot be looked at", ["--head", "remote"], 2],
    ["brings an error, which wins over what cannot be looked at", ["--head", "both"], 1],
    ["does not merge", ["--base", "landed", "--head", "fine"], 2],
    ["is compared without a merge", ["--base", "landed", "--head", "fine", "--no-merge"], 0],
    ["is nothing", ["--head", "main"], 0],
  ] as const;
  for (const [title, args, status] of cases) {
    await t.test(`${status} for a change that ${title}`, async () => {
      const result = await check(["--base", "main", ...args]);
      assert.deepEqual([result.status, result.stderr], [status, ""]);
      assert.notEqual(result.stdout, "");
    });
  }
});

test("drydock check: wrong usage is exit status 3 and one sentence", async (t) => {
  const sample = await makeSample(t);
  const check = checkOf(sample);
  writeFileSync(join(sample.home, "bad.yaml"), "version: 1\nexlude: [x]\n");
  const cases: readonly (readonly [title: string, args: readonly string[], message: RegExp])[] = [
    ["an unknown flag", ["--nope"], /unknown option '--nope'/u],
    ["an argument too many", ["extra"], /too many arguments/u],
    ["an unknown format", ["--format", "yaml"], /Allowed choices are text, markdown, json, sarif, html/u],
    ["no jobs", ["--jobs", "0"], /number from 1 to 64/u],
    ["jobs that are no number", ["--jobs", "many"], /number from 1 to 64/u],
    ["a head that is not there", ["--head", "nobody"], /No branch, tag or commit is called "nobody"/u],
    ["a base that is not there", ["--base", "nobody"], /No branch, tag or commit is called "nobody"/u],
    ["a head that looks like a flag of git", ["--head=--upload-pack=x"], /is no branch, tag or commit/u],
    ["an empty head", ["--head", ""], /is no branch, tag or commit/u],
    ["a head and the work tree", ["--head", "fine", "--worktree"], /exclude each other/u],
    ["a Kubernetes version without schemas", ["--kubernetes-version", "1.2"], /Bundled are 1\.\d+/u],
    ["a Kubernetes version that is none", ["--kubernetes-version", "new"], /not a Kubernetes version/u],
    ["a config that is not there", ["--config", "/nowhere.yaml"], /nowhere\.yaml cannot be read/u],
    ["a config with an unknown key", ["--config", join(sample.home, "bad.yaml")], /did you mean exclude\?/u],
    ["an output file in no folder", ["--output", join(sample.home, "no/such/file")], /cannot be written \(ENOENT\)/u],
    ["an output file that is a folder", ["--output", sample.home], /cannot be written \(EISDIR\)/u],
  ];
  for (const [title, args, message] of cases) {
    await t.test(title, async () => assertUsage(await check(args), message));
  }
  await t.test("an unknown command", async () => assertUsage(await runDrydock(sample, ["chekc"]), /unknown command/u));
  await t.test("a folder that is no repository", async () =>
    assertUsage(await runDrydock(sample, ["check", "--repo", sample.home]), /not inside a git repository/u),
  );
  await t.test("a folder that is not there", async () =>
    assertUsage(await runDrydock(sample, ["check", "--repo", "/nowhere/at/all"]), /does not exist/u),
  );
  await t.test("T45 a name with control characters is quoted", async () => {
    const { stderr } = await check(["--head", "a\u001b[31m\u202eb"]);
    assert.doesNotMatch(stderr, /[\u001b\u202e]/u);
  });
});

test("drydock check: flags", async (t) => {
  const sample = await makeSample(t);
  const check = checkOf(sample);
  const base = ["--base", "main", "--format", "json"] as const;

  await t.test("--all reports on every app", async () => {
    assert.equal(parse(await check([...base, "--head", "fine", "--all"])).apps.length, 5);
    assert.equal(parse(await check([...base, "--head", "fine"])).apps.length, 1);
  });
  await t.test("--kubernetes-version is what is judged by", async () => {
    const { stdout } = await check(["--base", "main", "--head", "fine", "--kubernetes-version", "1.35"]);
    assert.match(stdout, /Kubernetes 1\.35\.\d+\n$/u);
  });
  await t.test("--config is used instead of the base's", async () => {
    const config = join(sample.home, "config.yaml");
    writeFileSync(config, "version: 1\nexclude: [apps]\n");
    assert.deepEqual(parse(await check([...base, "--head", "broken", "--config", config])).apps, []);
  });
  await t.test("--output writes what would be printed, and prints nothing", async () => {
    const file = join(sample.home, "report.json");
    const result = await check([...base, "--head", "fine", "--output", file]);
    assert.deepEqual([result.status, result.stdout], [0, ""]);
    assert.equal(readFileSync(file, "utf8"), (await check([...base, "--head", "fine"])).stdout);
  });
  await t.test("--stats goes to stderr and leaves stdout alone", async () => {
    const result = await check([...base, "--head", "fine", "--stats"]);
    assert.match(result.stderr, /^\d+ rendered, \d+ reused, \d+ files read, [\d.]+ s\n$/u);
    assert.equal(result.stdout, (await check([...base, "--head", "fine"])).stdout);
  });
  await t.test("FORCE_COLOR colours, NO_COLOR does not, and the words are the same", async () => {
    const plain = (await check(["--base", "main", "--head", "fine"])).stdout;
    const colored = (await check(["--base", "main", "--head", "fine"], { env: { FORCE_COLOR: "1" } })).stdout;
    const denied = await check(["--base", "main", "--head", "fine"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } });
    assert.match(colored, /\u001b\[/u);
    assert.equal(colored.replace(/\u001b\[[\d;]*m/gu, ""), plain);
    assert.equal(denied.stdout, plain);
  });
  await t.test("--worktree takes changed and untracked files and leaves ignored ones", async () => {
    writeFileSync(join(sample.directory, ".gitignore"), "ignored/\n");
    for (const folder of ["untracked", "ignored"]) {
      mkdirSync(join(sample.directory, folder));
      writeFileSync(join(sample.directory, folder, "a.yaml"), configMap(folder));
    }
    writeFileSync(join(sample.directory, "apps/web/cm.yaml"), configMap("web", 'a: "edited"'));
    const index = readFileSync(join(sample.directory, ".git/index"));
    const report = parse(await check([...base, "--worktree"]));
    assert.deepEqual(report.apps.map(({ id, status }) => `${id} ${status}`).sort(), [
      "plain:apps/web/ changed",
      "plain:untracked/ added",
    ]);
    assert.deepEqual(readFileSync(join(sample.directory, ".git/index")), index, "the user's index is left alone");
  });
});

test("drydock check: repositories of all kinds", async (t) => {
  const sample = await makeSample(t);
  const expected = parse(await checkOf(sample)(["--base", "main", "--head", "fine", "--format", "json"])).apps;
  const args = ["--base", "main", "--head", "fine", "--format", "json"] as const;
  const checkAt = async (directory: string, more: readonly string[] = []): Promise<ProcessResult> =>
    runDrydock(sample, ["check", "--repo", directory, ...args, ...more]);

  await t.test("a bare clone", async (t) => {
    const bare = join(makeDirectory(t), "bare.git");
    await sample.repository.git(["clone", "--quiet", "--bare", sample.directory, bare]);
    assert.deepEqual(parse(await checkAt(bare)).apps, expected);
  });
  await t.test("a linked worktree", async (t) => {
    const linked = join(makeDirectory(t), "linked");
    await sample.repository.git(["worktree", "add", "--quiet", "--detach", linked, "main"]);
    assert.deepEqual(parse(await checkAt(linked)).apps, expected);
    rmSync(join(linked, "apps/odd"), { recursive: true });
    const own = await runDrydock(sample, ["check", "--base", "main", "--worktree", "--format", "json"], {
      cwd: linked,
    });
    assert.deepEqual(
      parse(own).apps.map(({ id, status }) => `${id} ${status}`),
      ["plain:apps/odd/ removed"],
    );
  });
  await t.test("a folder inside the repository", async () => {
    assert.deepEqual(parse(await checkAt(join(sample.directory, "apps/web"))).apps, expected);
  });
  await t.test("trees instead of commits are compared as they are", async () => {
    const treeOf = (ref: string): Promise<string> => sample.repository.git(["rev-parse", `${ref}^{tree}`]);
    const [before, after] = [await treeOf("landed"), await treeOf("fine")];
    const result = await checkOf(sample)(["--base", before, "--head", after, "--format", "json"]);
    assert.deepEqual([result.status, parse(result).apps.map(({ status }) => status)], [0, ["changed"]]);
  });
  await t.test("one without a commit says so, and what to do", async (t) => {
    const empty = makeDirectory(t);
    await sample.repository.git(["init", "--quiet", "--initial-branch=main", empty]);
    for (const command of [["check"], ["check", "--worktree"], ["apps"], ["render", "plain:apps/web/"]])
      assertUsage(await runDrydock(sample, [...command, "--repo", empty]), /has no commit yet; add files and commit/u);
  });
  await t.test("a head that is detached has a default base all the same", async (t) => {
    const clone = join(makeDirectory(t), "clone");
    await sample.repository.git(["clone", "--quiet", sample.directory, clone]);
    await sample.repository.git(["-C", clone, "checkout", "--quiet", "--detach", "origin/fine"]);
    const result = await runDrydock(sample, ["check", "--repo", clone, "--format", "json"]);
    assert.deepEqual(parse(result).apps, expected);
  });
});

test("drydock check: same trees, same bytes", { timeout: 300_000 }, async (t) => {
  const sample = await makeSample(t);
  const check = checkOf(sample);
  for (const format of ["text", "markdown", "json", "sarif", "html"] as const) {
    await t.test(format, async (t) => {
      const args = ["--base", "main", "--head", "both", "--all", "--format", format];
      const first = (await check([...args, "--no-cache", "--jobs", "1"])).stdout;
      assert.notEqual(first, "");
      rmSync(join(sample.home, "cache"), { recursive: true, force: true });
      assert.equal((await check([...args, "--jobs", "2"])).stdout, first, "cold");
      assert.equal((await check(args)).stdout, first, "warm");
      const clone = join(makeDirectory(t), sample.directory.split("/").at(-1) ?? "");
      await sample.repository.git(["clone", "--quiet", "--mirror", sample.directory, clone]);
      const other = { home: makeDirectory(t) };
      mkdirSync(join(other.home, "x"));
      const fromThere = await runDrydock(other, ["check", "--repo", clone, ...args], { cwd: join(other.home, "x") });
      assert.equal(fromThere.stdout, first, "another clone and another cwd");
    });
  }
});

test("drydock check: the cache", { timeout: 300_000 }, async (t) => {
  const sample = await makeSample(t);
  const check = checkOf(sample);
  const cache = join(sample.home, "cache");
  const args = ["--base", "main", "--head", "broken", "--format", "json"];
  const expected = (await check([...args, "--no-cache"])).stdout;

  await t.test("--no-cache writes nothing", () => assert.throws(() => readdirSync(cache)));
  await t.test("two processes at once share one", async () => {
    const results = await Promise.all([check(args), check(args), check(args)]);
    for (const { stdout, stderr } of results) assert.deepEqual([stdout, stderr], [expected, ""]);
  });
  await t.test("it holds no file of a run that is over, and nothing that others can read", () => {
    assert.deepEqual(
      listFiles(cache).filter((file) => file.endsWith(".tmp")),
      [],
    );
  });
  await t.test("damage in it is not noticed", async () => {
    loseFromStore(cache, "the end of every file");
    const { stdout, stderr } = await check(args);
    assert.deepEqual([stdout, stderr], [expected, ""]);
  });
  await t.test("a file in its place costs time only", async () => {
    writeFileSync(join(sample.home, "file"), "");
    const { stdout, stderr } = await check(args, { env: { DRYDOCK_CACHE: join(sample.home, "file") } });
    assert.deepEqual([stdout, stderr], [expected, ""]);
  });
  await t.test("a folder that may only be read costs time only", async () => {
    const readOnly = join(sample.home, "read-only");
    mkdirSync(readOnly);
    chmodSync(readOnly, 0o500);
    const { stdout, stderr } = await check(args, { env: { DRYDOCK_CACHE: readOnly } });
    assert.deepEqual([stdout, stderr], [expected, ""]);
  });
  await t.test("T44 no value of a Secret is in it", () => {
    const encoded = Buffer.from("hunter22-canary").toString("base64");
    for (const file of listFiles(cache)) {
      const text = readFileSync(file, "latin1");
      assert.equal(text.includes("hunter22-canary") || text.includes(encoded), false, file);
    }
  });
});

test("drydock check: interrupted", async (t) => {
  const sample = await makeSample(t);
  await t.test("by a reader that stops early, it ends without a word", async (t) => {
    const result = await check(t, sample, (child) => child.stdout?.destroy());
    assert.deepEqual([result.status, result.signal, result.stderr], [0, null, ""]);
  });
  for (const [signal, status] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    for (const after of [350, 900]) {
      await t.test(`by ${signal} after ${after} ms it leaves no directory and no process`, async (t) => {
        const result = await check(t, sample, (child) => setTimeout(() => child.kill(signal), after));
        // A signal that comes before or after all work ends the process the usual way.
        assert.ok([status, 0, null].includes(result.status), `${result.status ?? ""} ${result.stderr}`);
        assert.deepEqual(
          readdirSync(sample.home).filter((name) => name.startsWith("drydock-")),
          [],
        );
        assert.deepEqual(processesIn(sample.home), []);
      });
    }
  }
});

function check(_t: TestContext, sample: Sample, onStart: NonNullable<RunOptions["onStart"]>): Promise<ProcessResult> {
  const args = ["check", "--repo", sample.directory, "--base", "main", "--head", "fine", "--no-cache"];
  return runDrydock(sample, args, { onStart });
}

/** Processes whose working directory or arguments name this directory (Linux; elsewhere none are found). */
function processesIn(directory: string): string[] {
  const read = (file: string): string => {
    try {
      return readFileSync(file, "latin1");
    } catch {
      return "";
    }
  };
  const ids = (() => {
    try {
      return readdirSync("/proc").filter((name) => /^\d+$/u.test(name));
    } catch {
      return [];
    }
  })();
  return ids.map((id) => read(`/proc/${id}/cmdline`)).filter((line) => line.includes(directory));
}

test("drydock check asks the proxy of the environment for an allowed host", async (t) => {
  const proxy = await startServer(t, { "http://schemas.test/hat.json": '{"type": "object"}' });
  const address = "http://schemas.test/hat.json";
  const config = `version: 1\nkubernetes:\n  schemaLocations: ["${address}"]\n`;
  const hat = (size: number): string =>
    `apiVersion: shop.example.com/v1\nkind: Hat\nmetadata:\n  name: a\nspec:\n  size: ${size}\n`;
  const tree = (size: number) => ({ ".github/drydock.yaml": config, "apps/hat.yaml": hat(size) });
  const repository = await createRepository(t, { branches: { main: tree(1), change: tree(2) } });
  const args = ["check", "--repo", repository.directory, "--head", "change", "--allow-host", "http://schemas.test"];
  const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };
  const { status, stdout, stderr } = await runDrydock({ home: makeDirectory(t) }, args, { env });
  assert.equal(status, 0, stdout + stderr);
  assert.deepEqual(proxy.asked, [address]);
});
