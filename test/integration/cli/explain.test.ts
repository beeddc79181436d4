import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { createRepository, type FakeFiles } from "../../fakes/git-repository.ts";
import { configMap, makeDirectory } from "../check/check-change.ts";
import { runDrydock, type ProcessResult } from "./run-drydock.ts";

const CONFIG = `version: 1
environments:
  prod:
    paths: ["prod"]
    approvals: 1
branches:
  - { base: [main], heads: ["release/*"] }
`;

const FILES = { ".github/drydock.yaml": CONFIG, "prod/web/cm.yaml": configMap("web", 'a: "1"') };
const CHANGED = { ...FILES, "prod/web/cm.yaml": configMap("web", 'a: "2"') };

/** Everything that GitHub would tell of a pull request that may be merged. */
const FACTS = `pullRequest: { number: 7, author: { id: 1, login: ada }, headRef: release/1, baseRef: main }
contributors: { people: [{ actor: { id: 1, login: ada } }] }
approvals: [{ actor: { id: 2, login: grace }, content: current }]
people: [{ id: 2, role: write }]
stops: []
overrides: []
promotions: []
owners: { files: [] }
`;

type Explain = (...args: readonly string[]) => Promise<ProcessResult>;

/** A clone whose pull request 7 was fetched from branch `head`; `explain` runs in it. */
async function open(
  t: TestContext,
  branches: Readonly<Record<string, FakeFiles>> = { main: FILES, head: CHANGED },
): Promise<{ explain: Explain; directory: string }> {
  const repository = await createRepository(t, { branches });
  const { directory } = repository;
  await repository.checkout("main");
  await repository.git(["update-ref", "refs/pull/7/head", "refs/heads/head"]);
  const home = { home: makeDirectory(t) };
  return { directory, explain: (...args) => runDrydock(home, ["explain", ...args], { cwd: directory }) };
}

interface Decision {
  readonly state: string;
  readonly environments: readonly string[];
  readonly results: readonly { readonly rule: string; readonly state: string; readonly says: string }[];
  readonly unknown: readonly string[];
}

const parse = ({ stdout }: ProcessResult): Decision => JSON.parse(stdout) as Decision;
const list = (result: ProcessResult): readonly string[] =>
  parse(result).results.map(({ rule, state }) => `${rule} ${state}`);

describe("drydock explain", () => {
  it("says which rules concern the change, and takes nothing for a pass that only GitHub knows", async (t) => {
    const { explain } = await open(t);
    const ran = await explain("--pr", "7");
    assert.deepEqual([ran.status, ran.stderr], [2, ""]);
    assert.match(ran.stdout, /^This changes 1 environment: prod\.$/mu);
    assert.match(ran.stdout, /^Looked at refs\/pull\/7\/head, as it would be merged into main\.$/mu);
    assert.match(ran.stdout, /^not known: 0 of 1 approval, but not known here: who opened it/mu);
    const decision = parse(await explain("--pr", "7", "--format", "json"));
    assert.deepEqual(
      decision.results.map(({ rule, state }) => `${rule} ${state}`),
      ["branches unknown", "approvals unknown", "hold unknown"],
    );
    assert.equal(decision.unknown.length, 8);
  });

  it("passes by facts that tell everything, over what the clone changes", async (t) => {
    const { explain, directory } = await open(t);
    writeFileSync(join(directory, "facts.yaml"), FACTS);
    const ran = await explain("--pr", "7", "--facts", "facts.yaml", "--format", "json");
    assert.deepEqual(
      [list(ran), parse(ran).environments, ran.status],
      [["branches passed", "approvals passed"], ["prod"], 0],
    );
    writeFileSync(join(directory, "facts.yaml"), FACTS.replace("headRef: release/1", "headRef: change"));
    assert.equal((await explain("--pr", "7", "--facts", "facts.yaml")).status, 1);
  });

  it("asks for the rules of an app that hides what it is made of", async (t) => {
    const base = {
      ".github/drydock.yaml": CONFIG,
      "base/kustomization.yaml": "resources: [web.yaml]\n",
      "base/web.yaml": configMap("web", 'a: "1"'),
      "prod/kustomization.yaml": "resources: [gone.yaml, ../base]\n",
      "staging/kustomization.yaml": "resources: [../base]\n",
    };
    const head = { ...base, "base/web.yaml": configMap("web", 'a: "0"') };
    const { explain } = await open(t, { main: base, head });
    const ran = await explain("--pr", "7", "--format", "json");
    assert.deepEqual(parse(ran).environments, ["prod"]);
    assert.ok(list(ran).includes("approvals unknown"));
  });

  it("tries other rules, and what is not committed yet", async (t) => {
    const { explain, directory } = await open(t);
    writeFileSync(join(directory, "prod", "web", "cm.yaml"), configMap("web", 'a: "3"'));
    writeFileSync(join(directory, "rules.yaml"), `version: 1\nenvironments:\n  live: { paths: [prod] }\n`);
    writeFileSync(join(directory, "facts.yaml"), FACTS);
    const ran = await explain(
      "--pr",
      "7",
      "--worktree",
      "--config",
      "rules.yaml",
      "--facts",
      "facts.yaml",
      "--format",
      "json",
    );
    assert.deepEqual([parse(ran).environments, ran.status], [["live"], 0]);
  });

  it("goes by the rules of the default branch, whatever the change brings", async (t) => {
    const lax = { ...CHANGED, ".github/drydock.yaml": "version: 1\n" };
    const { explain } = await open(t, { main: FILES, head: lax });
    assert.deepEqual(parse(await explain("--pr", "7", "--format", "json")).environments, ["prod"]);
  });

  it("does not pass what does not merge", async (t) => {
    const { explain, directory } = await open(t, { main: FILES, head: CHANGED, other: CHANGED });
    writeFileSync(join(directory, "facts.yaml"), FACTS);
    writeFileSync(join(directory, "prod", "web", "cm.yaml"), configMap("web", 'a: "4"'));
    const ran = await explain("--pr", "7", "--base", "other", "--worktree", "--facts", "facts.yaml");
    assert.deepEqual([ran.status, ran.stdout.split("\n")[0]], [1, "Could not check: it does not merge"]);
  });

  const wrong = [
    [
      "a pull request that was not fetched",
      ["--pr", "8"],
      /get it with `git fetch origin pull\/8\/head:refs\/pull\/8\/head`/u,
    ],
    ["no number", [], /required option '--pr <number>'/u],
    ["a number that is none", ["--pr", "seven"], /the number of a pull request is needed/u],
    ["facts that are not there", ["--pr", "7", "--facts", "no.yaml"], /no\.yaml cannot be read/u],
  ] as const;
  for (const [title, args, message] of wrong) {
    it(`ends with 3 for ${title}`, async (t) => {
      const { explain } = await open(t);
      const { status, stdout, stderr } = await explain(...args);
      assert.match(stderr, message);
      assert.deepEqual([status, stdout], [3, ""]);
    });
  }
});
