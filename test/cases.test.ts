import assert from "node:assert/strict";
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync, mkdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { load } from "js-yaml";
import { z } from "zod";
import { runCli } from "../src/cli/program.ts";
import { createDoors } from "../src/doors.ts";
import { compileEngines, ENGINE_NAMES } from "../src/engine/engine-modules.ts";
import { createRepository, type FakeFile } from "./fakes/git-repository.ts";

const ROOT = join(import.meta.dirname, "..");
const CASES = join(import.meta.dirname, "cases");
const UPDATES = process.env["UPDATE_GOLDEN"] === "1";
const FORMATS = { "report.txt": "text", "report.json": "json", "report.md": "markdown" } as const;

/** What `case.yml` may say; see `test/cases/README.md`. */
const caseSchema = z.strictObject({
  title: z.string().min(1),
  exit: z.literal([0, 1, 2, 3]),
  remove: z.array(z.string()).default([]),
  links: z.record(z.string(), z.string()).default({}),
  headLinks: z.record(z.string(), z.string()).default({}),
  arguments: z.array(z.string()).default([]),
  noChange: z.boolean().default(false),
  jobs: z.array(z.int()).default([]),
});
type CaseFile = z.output<typeof caseSchema>;

interface Outcome {
  readonly text: string;
  readonly exit: number;
}

// V8 shares the code of equal modules as long as one of them lives, so each check after the first compiles nothing.
const modules = compileEngines(join(ROOT, "engines", "dist"), ENGINE_NAMES);
const compiled = await Promise.all(ENGINE_NAMES.map((name) => modules.get(name)));

describe("cases", { concurrency: Math.max(2, availableParallelism()) }, () => {
  for (const directory of listCases()) {
    const name = relative(CASES, directory);
    test(name, async (t) => await runCase(t, directory));
  }
});

test("a render of 2.5 MB is checked like any other, and its report stays short", async (t) => {
  const line = (index: number) => `  key-${index}: "${"x".repeat(90)}"\n`;
  const data = (count: number) => Array.from({ length: count }, (_, index) => line(index)).join("");
  const configMap = (index: number, count: number) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: part-${index}\ndata:\n${data(count)}---\n`;
  const parts = (count: number) => Array.from({ length: 25 }, (_, index) => configMap(index, count)).join("");
  const [small, large] = [parts(1), parts(1000)];
  assert.ok(large.length > 2_500_000);
  const kustomization = "resources: [all.yaml]\n";
  const repository = await createRepository(t, {
    branches: {
      main: { "apps/web/kustomization.yaml": kustomization, "apps/web/all.yaml": small },
      change: { "apps/web/kustomization.yaml": kustomization, "apps/web/all.yaml": large },
    },
  });
  const { exit, text } = await runCheck({ directory: repository.directory, names: new Map() }, undefined, []);
  assert.equal(exit, 0, text);
  assert.match(text, /1 of 1 app changes · 25 resources changed/u);
  assert.ok(text.length < 150_000, `the report has ${text.length} characters`);
});

test("the engines stay compiled for all cases", () => assert.equal(compiled.length, ENGINE_NAMES.length));

function listCases(): readonly string[] {
  const only = (process.env["CASES"] ?? "").split(",");
  return listDirectories(CASES)
    .flatMap(listDirectories)
    .filter((directory) => only.some((part) => relative(CASES, directory).includes(part)));
}

function listDirectories(directory: string): readonly string[] {
  const entries = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return entries.map((entry) => join(directory, entry.name)).sort();
}

async function runCase(t: TestContext, directory: string): Promise<void> {
  const asked = caseSchema.parse(load(readFileSync(join(directory, "case.yml"), "utf8")));
  const repository = await buildRepository(t, directory, asked);
  const cache = await mkdtemp(join(tmpdir(), "drydock-case-"));
  t.after(() => rm(cache, { recursive: true, force: true, maxRetries: 3 }));

  const check = async (format: string, cacheDirectory: string | undefined, further: readonly string[] = []) =>
    await runCheck(repository, cacheDirectory, ["--format", format, ...asked.arguments, ...further]);
  // Cases run side by side, so one worker each keeps all cores busy.
  const one = ["--jobs", "1"];

  const cold = await check("text", cache, one);
  const warm = await check("text", cache, one);
  assert.deepEqual(warm, cold, "a warm check says the same as a cold one");
  for (const jobs of asked.jobs) {
    assert.deepEqual(await check("text", undefined, ["--jobs", String(jobs)]), cold, `--jobs ${jobs} says the same`);
  }
  compareGolden(join(directory, "expected", "report.txt"), cold.text);
  for (const [file, format] of Object.entries(FORMATS).filter(([, format]) => format !== "text")) {
    const path = join(directory, "expected", file);
    if (existsSync(path)) compareGolden(path, (await check(format, cache, one)).text);
  }
  assert.equal(cold.exit, asked.exit, cold.text);
  const saysNothing = /^Nothing that deploys changes/mu.test(cold.text);
  assert.equal(saysNothing, asked.noChange, "`noChange` in case.yml says whether nothing may change");
}

function compareGolden(path: string, text: string): void {
  if (UPDATES) {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
  }
  const expected = existsSync(path) ? readFileSync(path, "utf8") : "";
  assert.notEqual(
    expected.trim(),
    "",
    `${relative(CASES, path)} is empty; run with UPDATE_GOLDEN=1 and read the result`,
  );
  assert.equal(text, expected);
}

/** A case's repository, and the names that stand for its commits in expected texts. */
interface CaseRepository {
  readonly directory: string;
  readonly names: ReadonlyMap<string, string>;
}

/**
 * `before` (optional) is the base's first commit, `base` its second; `landed` (optional) reaches the base after the
 * change branched off.
 */
async function buildRepository(t: TestContext, directory: string, asked: CaseFile): Promise<CaseRepository> {
  const repository = await createRepository(t);
  const base = readTree(join(directory, "base"), asked.links);
  const head = new Map(base);
  for (const path of asked.remove) assert.ok(removePath(head, path), `${path} of \`remove\` is not in base`);
  for (const [path, file] of readTree(join(directory, "head"), asked.headLinks)) head.set(path, file);
  const landed = new Map([...base, ...readTree(join(directory, "landed"), {})]);
  if (!asked.noChange) assert.notDeepEqual(head, landed, "base and head are equal, so this case cannot fail");
  const names = new Map<string, string>();
  const before = readTree(join(directory, "before"), {});
  if (before.size > 0) names.set(await repository.commit(before), "before");
  names.set(await repository.commit(base), "base");
  names.set(await repository.commit(head, { branch: "change" }), "head");
  if (existsSync(join(directory, "landed"))) names.set(await repository.commit(landed), "base");
  const remote = '[remote "origin"]\n\turl = https://git.example.com/shop/config.git\n';
  appendFileSync(join(repository.directory, ".git", "config"), remote);
  return { directory: repository.directory, names };
}

function removePath(tree: Map<string, FakeFile>, path: string): boolean {
  const gone = [...tree.keys()].filter((file) => file === path || file.startsWith(`${path}/`));
  for (const file of gone) tree.delete(file);
  return gone.length > 0;
}

function readTree(directory: string, links: Readonly<Record<string, string>>): Map<string, FakeFile> {
  const files = new Map<string, FakeFile>();
  const paths = existsSync(directory) ? (readdirSync(directory, { recursive: true }) as string[]).sort() : [];
  for (const path of paths) {
    const file = join(directory, path);
    if (statSync(file).isFile()) files.set(path, readFileSync(file));
  }
  for (const [path, symlink] of Object.entries(links)) files.set(path, { symlink });
  return files;
}

/** Runs the command line in this process, with commit ids replaced by the names of their refs. */
async function runCheck(
  { directory, names }: CaseRepository,
  cacheDirectory: string | undefined,
  options: readonly string[],
): Promise<Outcome> {
  const output = { out: "", err: "" };
  const terminal = {
    out: (text: string) => void (output.out += text),
    err: (text: string) => void (output.err += text),
    isProgressWanted: false,
    isInteractive: false,
    isColorWanted: false,
    width: 100,
  };
  const doors = createDoors({ root: ROOT, cacheDirectory, path: process.env["PATH"] ?? "" });
  const argv = ["check", "--repo", directory, "--base", "main", "--head", "change", ...options];
  const exit = await runCli(argv, terminal, doors);
  return { exit, text: replaceIds(output.out + output.err, names) };
}

/** The lengths are those that reports and notes shorten ids to. */
function replaceIds(text: string, names: ReadonlyMap<string, string>): string {
  let replaced = text;
  for (const length of [40, 10, 7]) {
    for (const [id, name] of names) replaced = replaced.replaceAll(id.slice(0, length), `<${name}>`);
  }
  return replaced;
}
