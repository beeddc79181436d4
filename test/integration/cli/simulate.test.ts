import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { makeDirectory } from "../check/check-change.ts";
import { runDrydock, type ProcessResult } from "./run-drydock.ts";

const PAGE = readFileSync(new URL("../../../docs/environments.md", import.meta.url), "utf8");
const SECTION = /^## Trying rules\n(.*?)^## /msu.exec(PAGE)?.[1] ?? "";

function blocks(language: string): readonly string[] {
  return [...SECTION.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gmsu"))].map(([, text = ""]) => text);
}

const [CONFIG = "", FACTS = ""] = blocks("yaml");
const AT = ["--at", "2026-11-20T12:00:00Z"];

/** Runs `drydock simulate` in a folder that is no repository, with these files. */
async function simulate(
  t: TestContext,
  { config = CONFIG, facts = FACTS }: { readonly config?: string; readonly facts?: string },
  args: readonly string[],
): Promise<ProcessResult> {
  const directory = makeDirectory(t);
  const file = join(directory, ".github", "drydock.yaml");
  mkdirSync(dirname(file));
  writeFileSync(file, config);
  writeFileSync(join(directory, "facts.yaml"), facts);
  return await runDrydock({ home: makeDirectory(t) }, ["simulate", ...args], { cwd: directory });
}

interface Decision {
  readonly state: string;
  readonly results: readonly { readonly rule: string; readonly state: string; readonly says: string }[];
  readonly unknown: readonly string[];
}

const parse = ({ stdout }: ProcessResult): Decision => JSON.parse(stdout) as Decision;

describe("drydock simulate", () => {
  it("answers the example of the documentation as it says", async (t) => {
    const [example = ""] = blocks("console");
    const [command = "", ...answer] = example.split("\n");
    const [, , ...args] = command.split(" ").slice(1);
    const ran = await simulate(t, {}, args);
    assert.deepEqual([ran.stdout, ran.stderr, ran.status], [answer.join("\n"), "", 2]);
  });

  it("ends with 0 where every rule holds, with 1 where one refuses", async (t) => {
    const second = `  - { actor: { id: 3, login: lin }, content: current }\npeople:\n  - { id: 3, role: admin, teams: { sre: "yes" } }\n`;
    const approved = FACTS.replace("people:\n", second);
    const passed = await simulate(t, { facts: approved }, ["facts.yaml", ...AT]);
    assert.deepEqual([passed.status, passed.stderr], [0, ""]);
    assert.match(passed.stdout, /^Every rule of prod holds\n/u);
    const config = `${CONFIG}branches:\n  - { base: [main], heads: [staging] }\n`;
    const refused = await simulate(t, { facts: approved, config }, ["facts.yaml", ...AT]);
    assert.equal(refused.status, 1);
    assert.match(refused.stdout, /^refused: change may not be merged into main, only staging \(branches\)$/mu);
  });

  it("takes nothing that the file leaves out for a pass", async (t) => {
    const config = CONFIG.replace("approvals: { count: 2, teams: [sre] }", "from: [staging]\n    approvals: 1");
    const facts = `pullRequest: { headRef: change, baseRef: main }\nchanges: [{ environment: prod }]\n`;
    const ran = await simulate(t, { facts, config }, ["facts.yaml", "--format", "json", ...AT]);
    const { state, results, unknown } = parse(ran);
    assert.deepEqual([state, ran.status], ["in_progress", 2]);
    assert.deepEqual(
      results.map((result) => `${result.rule} ${result.state}`),
      ["promotion-order unknown", "approvals unknown", "hold unknown", "window passed"],
    );
    assert.deepEqual([...unknown].sort(), [
      "approvals",
      "contributors",
      "overrides",
      "owners",
      "people",
      "promotions",
      "stops",
    ]);
  });

  it("stops what the file says is stopped, and ends a stop when it is over", async (t) => {
    const stop = `stops: [{ kind: freeze, from: server, reason: incident, until: "2026-11-20T18:00:00Z" }]`;
    const facts = FACTS.replace("stops: []", stop);
    const during = await simulate(t, { facts }, ["facts.yaml", ...AT]);
    assert.match(during.stdout, /Everything is frozen until 2026-11-20 18:00 UTC: incident/u);
    const after = await simulate(t, { facts }, ["facts.yaml", "--at", "2026-11-20T18:00:00Z"]);
    assert.doesNotMatch(after.stdout, /frozen/u);
  });

  const wrong: readonly (readonly [
    title: string,
    files: Parameters<typeof simulate>[1],
    args: readonly string[],
    message: RegExp,
  ])[] = [
    [
      "an environment that the config does not have",
      { facts: FACTS.replace("environment: prod", "environment: prdo") },
      [],
      /facts\.yaml:3:18: changes\[0\]\.environment: the config has no environment "prdo"; it has staging, prod/u,
    ],
    [
      "a key that is misspelt",
      { facts: FACTS.replace("headRef", "haedRef") },
      [],
      /facts\.yaml:1:\d+: unknown key "haedRef" in pullRequest; did you mean headRef\?/u,
    ],
    [
      "a moment without an offset",
      { facts: `now: 2026-11-20 12:00\n${FACTS}` },
      [],
      /facts\.yaml:1:6: now: expected a moment/u,
    ],
    ["text that is no YAML", { facts: "a: [" }, [], /facts\.yaml:1:\d+: this is not valid YAML/u],
    [
      "rules that cannot be read",
      { config: "version: 1\nenvironment: {}\n" },
      [],
      /drydock\.yaml:2:1: unknown key "environment"/u,
    ],
    ["a time that is none", {}, ["--at", "tomorrow"], /a moment with its offset is needed/u],
    ["a config that is not there", {}, ["--config", "other.yaml"], /other\.yaml cannot be read/u],
  ];
  for (const [title, files, args, message] of wrong) {
    it(`ends with 3 for ${title}`, async (t) => {
      const { status, stdout, stderr } = await simulate(t, files, ["facts.yaml", ...args]);
      assert.match(stderr, message);
      assert.deepEqual([status, stdout], [3, ""]);
    });
  }
});
