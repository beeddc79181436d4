import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { glob, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { load } from "js-yaml";
import { readRepositoryConfig } from "../../src/config/index.ts";
import { buildSample } from "../../src/demo/build-sample.ts";
import { assertShows } from "./assert-shows.ts";
import { anchorOf, readDocuments, ROOT, type Fence } from "./read-documents.ts";
import { runDrydock } from "./run-drydock.ts";

const documents = await readDocuments();
const fences = documents.flatMap(({ path, fences: own }) => own.map((fence) => ({ path, ...fence })));

/** One command of a `sh` or `console` block; a console block also shows what it prints. */
interface Command {
  readonly args: string;
  readonly output: readonly string[];
  readonly places: readonly string[];
}

/** The same command in several places is run once, unless its output is shown. */
function listCommands(): readonly Command[] {
  const found = fences
    .filter(({ language }) => language === "sh" || language === "console")
    .flatMap((fence) => readCommands(fence).map((command) => ({ ...command, place: `${fence.path}:${fence.line}` })));
  const groups = Map.groupBy(found, ({ args, output }) => JSON.stringify([args, output]));
  return [...groups.values()].map((group) => ({
    args: group[0]?.args ?? "",
    output: group[0]?.output ?? [],
    places: group.map(({ place }) => place),
  }));
}

function readCommands({ text, line }: Fence): readonly { readonly args: string; readonly output: readonly string[] }[] {
  const commands: { args: string; output: string[] }[] = [];
  for (const each of text.split("\n")) {
    const command = /^(?:\$ )?(?:bin\/)?drydock (?<args>.*?)(?:\s+#.*)?$/u.exec(each)?.groups?.["args"];
    if (command !== undefined) commands.push({ args: command, output: [] });
    else commands.at(-1)?.output.push(each);
  }
  assert.ok(commands.length > 0, `no command of Drydock in the block at line ${line}; mark it as text`);
  return commands;
}

describe("what the documents show", () => {
  let directory = "";
  let repository = "";

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "drydock-docs-"));
    const sample = await buildSample(join(ROOT, "demo"), join(directory, "config"), process.env["PATH"] ?? "");
    repository = sample.repository;
    const [rules, facts] = fences.filter(({ heading, language }) => heading === "Trying rules" && language === "yaml");
    await writeFile(join(repository, "new-rules.yaml"), rules?.text ?? "");
    await writeFile(join(repository, "facts.yaml"), facts?.text ?? "");
    execFileSync("git", ["-C", repository, "update-ref", "refs/pull/7/head", "refs/heads/7-wait-for-database"]);
  });
  after(() => rm(directory, { recursive: true, force: true }));

  // What it answers under rules of its own is held by test/integration/cli/simulate.test.ts.
  for (const { args, output, places } of listCommands().filter(
    ({ args }) => !args.startsWith("simulate facts.yaml --"),
  )) {
    test(`drydock ${args} (${places.join(", ")})`, async () => {
      const { status, stdout, stderr } = await runDrydock(args.split(/\s+/u), repository, join(directory, "cache"));
      assert.ok(status === 0 || status === 1 || status === 2, `status ${status}\n${stderr}`);
      assertShows(output, stdout);
    });
  }

  test("the README shows the tool's own output", () => {
    const console = fences.filter(({ path, language }) => path === "README.md" && language === "console");
    assert.ok(console.length > 0);
  });

  for (const { path, line, text } of fences.filter(({ language, text }) => language === "yaml" && isConfig(text))) {
    test(`${path}:${line} is a valid config`, () => {
      const reading = readRepositoryConfig(text, path);
      assert.deepEqual(reading.kind === "loaded" ? reading.notices : reading, []);
    });
  }

  for (const { path, line, text } of fences.filter(({ language, text }) => language === "yaml" && isWorkflow(text))) {
    test(`${path}:${line} is a workflow whose commands exist`, async () => {
      load(text);
      const { stdout } = await runDrydock(["check", "--help"], repository, join(directory, "cache"));
      const flags = [...text.matchAll(/drydock check [^\n]*/gu)].flatMap(
        ([command]) => command.match(/--[\w-]+/gu) ?? [],
      );
      assert.ok(flags.length > 0);
      for (const flag of flags) assert.ok(stdout.includes(flag), flag);
    });
  }

  test("every flag and command that is named exists", async () => {
    const help = await Promise.all(
      [...HELPS, []].map(async (command) => {
        const { stdout } = await runDrydock([...command, "--help"], repository, join(directory, "cache"));
        return stdout;
      }),
    );
    const known = new Set(help.join("\n").match(/--[\w-]+/gu));
    for (const { path, text } of documents) {
      for (const [, flag = ""] of text.matchAll(/`(--[\w-]+)[^`]*`/gu)) {
        assert.ok(known.has(flag) || OTHERS_FLAGS.has(flag), `${path} names ${flag}`);
      }
    }
  });
});

const HELPS = [
  ...[["check"], ["render"], ["apps"], ["demo"], ["config"], ["config", "init"], ["doctor"]],
  ...[["policy"], ["policy", "list"], ["policy", "baseline"], ["simulate"], ["explain"], ["freeze"]],
];

/** Flags of other programs that the documents name. */
const OTHERS_FLAGS = new Set(["--filter"]);

function isConfig(text: string): boolean {
  return /^version: 1$/mu.test(text) && !text.startsWith("# .github");
}

function isWorkflow(text: string): boolean {
  return text.startsWith("name: ");
}

describe("links", () => {
  for (const { path, text, headings } of documents) {
    test(`${path} leads to what exists`, () => {
      const prose = text.replaceAll(/^```[\s\S]*?^```$/gmu, "");
      for (const [, target = ""] of prose.matchAll(/\]\(([^)\s]+)\)/gu)) {
        if (/^https?:/u.test(target)) continue;
        const [file = "", anchor] = target.split("#");
        const absolute = file === "" ? join(ROOT, path) : join(ROOT, dirname(path), file);
        assert.ok(existsSync(absolute), `${target}: no such file`);
        if (anchor === undefined) continue;
        const own =
          file === ""
            ? headings
            : readFileSync(absolute, "utf8")
                .match(/^#+ .*$/gmu)
                ?.map(stripMarks);
        assert.ok(
          own?.some((heading) => anchorOf(heading) === anchor),
          `${target}: no such heading`,
        );
      }
    });
  }
});

function stripMarks(heading: string): string {
  return heading.replace(/^#+ /u, "");
}

test("messages in troubleshooting are messages of the tool", async () => {
  const sources = await Promise.all(
    ["src/**/*.ts", "engines/**/*.go", "bin/drydock"].map((pattern) => Array.fromAsync(glob(pattern, { cwd: ROOT }))),
  );
  // A message may be put together from adjoining literals.
  const source = sources
    .flat()
    .map((path) => readFileSync(join(ROOT, path), "utf8"))
    .join("\n")
    .replaceAll(/["`]\s*\+\s*["`]/gu, "")
    .replaceAll("\\`", "`");
  const headings = documents.find(({ path }) => path.endsWith("troubleshooting.md"))?.headings ?? [];
  const messages = headings.filter((heading) => heading.startsWith("`"));
  assert.ok(messages.length > 10);
  for (const message of messages) {
    for (const part of message.slice(1, -1).split("…")) {
      assert.ok(source.includes(part.trim()), `no message has ${JSON.stringify(part.trim())}`);
    }
  }
});
