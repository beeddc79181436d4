import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { glob, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { BUILT_IN_RULES } from "../../src/policy/index.ts";
import { RULE_IDS } from "../../src/report/describe-rule.ts";
import { createRepository } from "../fakes/git-repository.ts";
import { readDocuments, ROOT } from "./read-documents.ts";
import { runDrydock } from "./run-drydock.ts";

/** What needs a repository of its own, or a broken machine. `test/cases` and `test/integration` hold these. */
const WITHOUT_EXAMPLE = new Set(["submodule", "limit", "engine", "policy-broken"]);
/** Said by code that names the rule otherwise than by `rule: "…"`. */
const SAID_ELSEWHERE = ["schema", "crd-rule", "policy-broken"];

const [document] = (await readDocuments()).filter(({ path }) => path.endsWith("findings.md"));
assert.ok(document);
const { text: prose, fences } = document;
const ids = document.headings.filter((heading) => /^[a-z]+(?:-[a-z]+)*$/u.test(heading));

test("every rule is described, in the documents and in SARIF alike", () => {
  assert.deepEqual([...ids].sort(), RULE_IDS.map((id) => id.replace("failure/", "")).sort());
});

test("every rule that the code can report is known", async () => {
  const reported = new Set(SAID_ELSEWHERE);
  for (const pattern of ["src/{validate,engine,pipeline}/**/*.ts", "engines/*/*.go"]) {
    for await (const path of glob(pattern, { cwd: ROOT })) {
      const source = readFileSync(join(ROOT, path), "utf8");
      const uses = /(?:\brule: |\bRule: |findAt\(\s*\w+,\s*)"([a-z-]+)"/gu;
      for (const [, id = ""] of source.matchAll(uses)) reported.add(id);
    }
  }
  for (const id of BUILT_IN_RULES.keys()) if (!RULE_IDS.includes(id)) reported.delete(id);
  const described = RULE_IDS.filter((id) => !id.startsWith("failure/"));
  assert.deepEqual([...reported].sort(), [...described].sort());
});

test("every built-in rule of policy is in the table, with its levels", () => {
  for (const { id, title, levels } of BUILT_IN_RULES.values()) {
    const row = prose.split("\n").find((line) => line.startsWith(`| [\`${id}\`](`));
    assert.ok(row !== undefined, `${id} is in no row`);
    assert.ok(row.includes(` | ${levels.default} | ${levels.baseline} | ${levels.strict} | `), `levels of ${id}`);
    assert.ok(row.includes(`**${title}.**`), `title of ${id}`);
  }
});

test("every kind of failure is known", () => {
  const model = readFileSync(join(ROOT, "src", "model", "finding.ts"), "utf8");
  const [, union = ""] = /export type FailureKind =([\s\S]*?);/u.exec(model) ?? [];
  const kinds = [...union.matchAll(/\| "([a-z-]+)"/gu)].map(([, kind]) => `failure/${kind ?? ""}`);
  assert.ok(kinds.length > 5);
  assert.deepEqual(kinds.sort(), RULE_IDS.filter((id) => id.startsWith("failure/")).sort());
});

test("every risk is in the table", async () => {
  for await (const path of glob("src/diff/risks/*.ts", { cwd: ROOT })) {
    const source = readFileSync(join(ROOT, path), "utf8");
    for (const [, id = ""] of source.matchAll(/\bid: "([a-z-]+)"/gu)) {
      assert.ok(prose.includes(`\`${id}\``), `${path} knows ${id}`);
    }
  }
});

/** The files of an example: the first line of a block names its file, `base:` in front of it one that the head lacks. */
function readExamples(): { readonly base: Record<string, string>; readonly head: Record<string, string> } {
  const base: Record<string, string> = { ".github/drydock.yaml": 'version: 1\nkubernetes:\n  version: "1.36"\n' };
  const head: Record<string, string> = { ...base };
  for (const { heading, text } of fences) {
    const [, isBase, file = ""] = /^# (base: )?(\S+)\n/u.exec(text) ?? [];
    assert.ok(file !== "", `an example of ${heading} names no file`);
    const path = file.startsWith(".github/") ? file : `${heading}/${file}`;
    (isBase === undefined ? head : base)[path] = `${text.slice(text.indexOf("\n") + 1)}\n`;
  }
  return { base, head };
}

test("every example gives the finding it stands under", async (t) => {
  const { base, head } = readExamples();
  const repository = await createRepository(t, { branches: { main: base, change: [base, head] } });
  const cache = await mkdtemp(join(tmpdir(), "drydock-docs-"));
  t.after(() => rm(cache, { recursive: true, force: true }));
  const args = ["check", "--base", "main", "--head", "change", "--format", "json"];
  const { stdout, stderr } = await runDrydock(args, repository.directory, cache);
  assert.notEqual(stdout, "", stderr);
  const report = JSON.parse(stdout) as {
    apps: { id: string; failure: { kind: string } | null }[];
    findings: { rule: string; level: string; app: string | null; file: string | null }[];
  };
  for (const id of ids.filter((each) => !WITHOUT_EXAMPLE.has(each))) {
    const failed = report.apps.filter((app) => app.id.includes(id)).map((app) => app.failure?.kind);
    const found = report.findings.filter(({ file }) => id === "config" || (file ?? "").startsWith(`${id}/`));
    const rules = [...failed, ...found.map(({ rule }) => rule)].filter((rule) => rule !== undefined);
    assert.ok(rules.includes(id), `the example of ${id} gives ${rules.join(", ") || "nothing"}`);
    for (const { rule, level } of found.filter((finding) => finding.rule === id)) {
      const [, section = ""] = new RegExp(`^### ${rule}\\n\\n([\\s\\S]*?)(?:^#|$(?![\\s\\S]))`, "mu").exec(prose) ?? [];
      assert.match(section.toLowerCase(), new RegExp(`\\b${level}\\b`, "u"), `${id} is a ${level}`);
    }
  }
});
