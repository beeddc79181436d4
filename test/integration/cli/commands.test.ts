import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createRepository } from "../../fakes/git-repository.ts";
import { configMap, makeDirectory } from "../check/check-change.ts";
import { runDrydock, type ProcessResult } from "./run-drydock.ts";
import { makeSample } from "./sample.ts";

function assertUsage({ status, stdout, stderr }: ProcessResult, message: RegExp): void {
  assert.match(stderr, message);
  assert.doesNotMatch(stderr, /internal error|\n {4}at /u);
  assert.deepEqual([status, stdout], [3, ""]);
}

test("drydock without a command, --help and --version", async (t) => {
  const sample = { home: makeDirectory(t) };
  await t.test("no command is wrong usage and shows what there is", async () => {
    const { status, stderr } = await runDrydock(sample, []);
    assert.deepEqual([status, /check.*render.*apps.*config/su.test(stderr)], [3, true]);
  });
  await t.test("--help is no error", async () => {
    for (const args of [["--help"], ["check", "--help"], ["help", "render"]]) {
      const { status, stdout, stderr } = await runDrydock(sample, args);
      assert.deepEqual([status, stdout.startsWith("Usage: drydock"), stderr], [0, true, ""]);
    }
  });
  await t.test("--version is the package's", async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../../package.json"), "utf8")) as {
      version: string;
    };
    assert.deepEqual(await runDrydock(sample, ["--version"]), {
      ...{ status: 0, signal: null, stdout: `${version}\n`, stderr: "" },
    });
  });
});

test("drydock apps", async (t) => {
  const sample = await makeSample(t);
  const apps = (...args: readonly string[]): Promise<ProcessResult> =>
    runDrydock(sample, ["apps", "--repo", sample.directory, ...args]);

  await t.test("lists id, environment, declaration and what is assumed", async () => {
    const { status, stdout, stderr } = await apps("--ref", "main");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /^5 apps\nhelm:charts\/api#values-dev\.yaml\n {4}environment dev, .*guessed\n/u);
  });
  await t.test("as JSON has the contract's keys", async () => {
    const list = JSON.parse((await apps("--format", "json")).stdout) as { apps: readonly Record<string, unknown>[] };
    assert.deepEqual(
      list.apps.map(({ id, kind, path, environment }) => [id, kind, path, environment]),
      [
        ["helm:charts/api#values-dev.yaml", "helm", "charts/api", "dev"],
        ["helm:charts/api#values-prod.yaml", "helm", "charts/api", "prod"],
        ["plain:apps/db/", "plain", "apps/db", null],
        ["plain:apps/odd/", "plain", "apps/odd", null],
        ["plain:apps/web/", "plain", "apps/web", null],
      ],
    );
  });
  await t.test("of another ref", async () => {
    assert.match((await apps("--ref", "remote")).stdout, /kustomize:apps\/far/u);
  });
  await t.test("of a ref that is not there", async () => {
    assertUsage(await apps("--ref", "nobody"), /No branch, tag or commit is called "nobody"/u);
  });
  await t.test("T45 a name that would drive the terminal is quoted", async (t) => {
    const odd = await makeSample(t);
    await odd.repository.commit({ "a\u001b[31m\u202e/cm.yaml": configMap("a") });
    const { stdout } = await runDrydock(odd, ["apps", "--repo", odd.directory, "--ref", "main"]);
    assert.match(stdout, /plain:a\\u\{1b\}\[31m\\u\{202e\}\//u);
    assert.doesNotMatch(stdout, /[\u001b\u202e]/u);
  });
});

test("drydock render", async (t) => {
  const sample = await makeSample(t);
  const render = (...args: readonly string[]): Promise<ProcessResult> =>
    runDrydock(sample, ["render", "--repo", sample.directory, ...args]);
  const web = "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  a: b\n";

  for (const name of ["plain:apps/web/", "apps/web", "apps/web/", "./apps/web"]) {
    await t.test(`an app called ${name}`, async () => {
      assert.deepEqual(await render(name), { status: 0, signal: null, stdout: web, stderr: "" });
    });
  }
  await t.test("of another ref", async () => {
    assert.match((await render("apps/web", "--ref", "fine")).stdout, /a: c/u);
  });
  await t.test("one of several at a path has to be named by id", async () => {
    assertUsage(await render("charts/api"), /holds 2 apps.*values-dev\.yaml.*values-prod\.yaml/su);
    assert.match((await render("helm:charts/api#values-prod.yaml")).stdout, /v: prod/u);
  });
  await t.test("one that is not there: what there is", async () => {
    assertUsage(
      await render("apps/webb"),
      /no app "apps\/webb"; did you mean apps\/web\? Name one of\n[\s\S]*plain:apps\/web\//u,
    );
    assertUsage(await render("something/else"), /no app "something\/else"; name one of\n/u);
  });
  await t.test("one that does not render: why, and where", async () => {
    assertUsage(
      await render("kustomize:apps/far", "--ref", "remote"),
      /does not render\napps\/far\/kustomization\.yaml:1: .*https:\/\/example\.com\/x\.yaml/u,
    );
  });
  await t.test("T44 values of Secrets only when asked for, and then nowhere else", async () => {
    const hidden = await render("apps/db");
    assert.deepEqual([hidden.status, /hunter22/u.test(hidden.stdout)], [0, false]);
    assert.match((await render("apps/db", "--show-secrets")).stdout, /key: hunter22-canary/u);
    assert.equal(existsSync(join(sample.home, "cache")), false);
  });
  await t.test("no app", async () => assertUsage(await render(), /missing required argument 'app'/u));
});

test("drydock config", async (t) => {
  const home = makeDirectory(t);
  const repo = join(home, "repository");
  mkdirSync(repo);
  const file = join(repo, ".github/drydock.yaml");
  const config = (action: string, at = repo): Promise<ProcessResult> =>
    runDrydock({ home }, ["config", action, "--repo", at]);

  await t.test("validate without a file names the command that writes one", async () => {
    assertUsage(await config("validate"), /does not exist; `drydock config init` writes one/u);
  });
  await t.test("init writes a file that is valid, once", async () => {
    assert.equal((await config("init")).status, 0);
    const written = readFileSync(file, "utf8");
    assert.deepEqual((await config("validate")).stdout, ".github/drydock.yaml is valid.\n");
    assertUsage(await config("init"), /exists already/u);
    assert.equal(readFileSync(file, "utf8"), written);
    // What it shows is valid as well, once the mark of the comment is taken away.
    const shown = written.replaceAll(/^# ([a-z]+:| +.*)$/gmu, "$1");
    assert.match(shown, /^policy:\n {2}preset: baseline$/mu);
    writeFileSync(file, shown);
    assert.deepEqual((await config("validate")).stdout, ".github/drydock.yaml is valid.\n");
    writeFileSync(file, written);
  });
  await t.test("in a folder of a repository it is about the repository's root", async (t) => {
    const { repository, directory } = await makeSample(t);
    await repository.checkout("main");
    const folder = join(directory, "apps/web");
    assert.equal((await config("init", folder)).status, 0);
    assert.equal(existsSync(join(folder, ".github")), false);
    assert.match(readFileSync(join(directory, ".github/drydock.yaml"), "utf8"), /^version: 1$/mu);
    assert.equal((await config("validate", folder)).status, 0);
    assertUsage(await config("init", directory), /exists already/u);
  });
  await t.test("a bare repository has no files", async (t) => {
    const { directory } = await createRepository(t, { isBare: true });
    assertUsage(await config("init", directory), /is a bare repository/u);
  });
  await t.test("validate names each problem's place, and is exit status 1", async () => {
    writeFileSync(file, "version: 1\nexlude: [x]\nstrict: maybe\n");
    const { status, stdout } = await config("validate");
    assert.equal(status, 1);
    assert.match(stdout, /^\.github\/drydock\.yaml:2:1: unknown key "exlude"; did you mean exclude\?$/mu);
    assert.match(stdout, /^\.github\/drydock\.yaml:3:\d+: /mu);
  });
  await t.test("T45 a key that would drive the terminal is quoted", async () => {
    writeFileSync(file, 'version: 1\n"\\e[31mred": 1\n');
    assert.doesNotMatch((await config("validate")).stdout, /\u001b/u);
  });
  await t.test("migrate leaves a file without old names as it is", async () => {
    writeFileSync(file, "version: 1 # kept\n");
    assert.equal((await config("migrate")).status, 0);
    assert.equal(readFileSync(file, "utf8"), "version: 1 # kept\n");
  });
  await t.test("migrate refuses a file that is invalid", async () => {
    writeFileSync(file, "version: 2\n");
    assert.equal((await config("migrate")).status, 1);
  });
  await t.test("init makes no folder up for a repository that is not there", async () => {
    assertUsage(await config("init", join(home, "nowhere")), /does not exist/u);
    assert.equal(existsSync(join(home, "nowhere")), false);
  });
  await t.test("an unknown action", async () => assertUsage(await config("chek"), /unknown command 'chek'/u));
});
