import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync, mkdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { load } from "js-yaml";
import { z } from "zod";
import { runCli } from "../src/cli/program.ts";
import { createDoors } from "../src/doors.ts";
import { compileEngines, ENGINE_NAMES } from "../src/engine/engine-modules.ts";
import { createRepository, type FakeFile, type FakeRepository } from "./fakes/git-repository.ts";

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

  const cold = await check("text", cache);
  const warm = await check("text", cache);
  assert.deepEqual(warm, cold, "a warm check says the same as a cold one");
  for (const jobs of asked.jobs) {
    assert.deepEqual(await check("text", undefined, ["--jobs", String(jobs)]), cold, `--jobs ${jobs} says the same`);
  }
  compareGolden(join(directory, "expected", "report.txt"), cold.text);
  for (const [file, format] of Object.entries(FORMATS).filter(([, format]) => format !== "text")) {
    const path = join(directory, "expected", file);
    if (existsSync(path)) compareGolden(path, (await check(format, cache)).text);
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

/**
 * `before` (optional) is the base's first commit, `base` its second; `landed` (optional) reaches the base after the
 * change branched off.
 */
async function buildRepository(t: TestContext, directory: string, asked: CaseFile): Promise<FakeRepository> {
  const repository = await createRepository(t);
  const base = readTree(join(directory, "base"), asked.links);
  const head = new Map(base);
  for (const path of asked.remove) assert.ok(removePath(head, path), `${path} of \`remove\` is not in base`);
  for (const [path, file] of readTree(join(directory, "head"), {})) head.set(path, file);
  if (existsSync(join(directory, "before"))) await repository.commit(readTree(join(directory, "before"), {}));
  await repository.commit(base);
  await repository.commit(head, { branch: "change" });
  if (existsSync(join(directory, "landed"))) {
    await repository.commit(new Map([...base, ...readTree(join(directory, "landed"), {})]));
  }
  await repository.git(["config", "remote.origin.url", "https://git.example.com/shop/config.git"]);
  const [baseTree, headTree] = await Promise.all(
    ["main", "change"].map((ref) => repository.git(["rev-parse", `${ref}^{tree}`])),
  );
  assert.ok(baseTree !== headTree || asked.noChange, "base and head are equal, so this case cannot fail");
  return repository;
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
  repository: FakeRepository,
  cacheDirectory: string | undefined,
  options: readonly string[],
): Promise<Outcome> {
  const output = { out: "", err: "" };
  const terminal = {
    out: (text: string) => void (output.out += text),
    err: (text: string) => void (output.err += text),
    isProgressWanted: false,
    isColorWanted: false,
    width: 100,
  };
  const doors = createDoors({ root: ROOT, cacheDirectory, path: process.env["PATH"] ?? "" });
  const argv = ["check", "--repo", repository.directory, "--base", "main", "--head", "change", ...options];
  const exit = await runCli(argv, terminal, doors);
  return { exit, text: await replaceIds(repository, output.out + output.err) };
}

async function replaceIds(repository: FakeRepository, text: string): Promise<string> {
  let replaced = text;
  for (const [ref, name] of [
    ["main", "base"],
    ["change", "head"],
    ["main~1", "before"],
  ] as const) {
    const id = await repository.git(["rev-parse", "--verify", "--quiet", ref]).catch(() => undefined);
    if (id === undefined) continue;
    for (const length of [40, 12, 10, 8, 7]) replaced = replaced.replaceAll(id.slice(0, length), `<${name}>`);
  }
  return replaced;
}
