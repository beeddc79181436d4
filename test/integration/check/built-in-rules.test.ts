import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { BUILT_IN_RULES } from "../../../src/policy/index.ts";
import type { FakeFiles } from "../../fakes/git-repository.ts";
import { RULE_CASES } from "./built-in-cases.ts";
import { checkChange, type JsonFinding } from "./check-change.ts";

function writeConfig(policy: string): FakeFiles {
  return { ".github/drydock.yaml": `version: 1\nkubernetes: { version: "1.36" }\npolicy:\n${policy}\n` };
}

/** Each case is an app of its own, in a namespace of its own: rules ask what other apps bring to theirs. */
function writeCases(): FakeFiles {
  const files = [...RULE_CASES].flatMap(([id, { passing, failing }]) =>
    Object.entries({ passing, failing }).flatMap(([name, text]) => [
      [`${name}/${id}/kustomization.yaml`, `namespace: ${name}-${id}\nresources: [app.yaml]\n`],
      [`${name}/${id}/app.yaml`, text],
    ]),
  );
  return Object.fromEntries(files) as FakeFiles;
}

const ALLOWED = "image-registry: { allowed: [registry.example] }";
const PRESETS = {
  default: `  preset: default\n  rules: { ${ALLOWED} }`,
  baseline: `  preset: baseline\n  rules: { ${ALLOWED} }`,
  strict: `  preset: strict\n  rules: { ${ALLOWED} }`,
  // Rules that no preset switches on are named.
  named: `  preset: none\n  rules:\n${[...BUILT_IN_RULES.keys()]
    .map((id) => `    ${id}: { level: warning${id === "image-registry" ? ", allowed: [registry.example]" : ""} }\n`)
    .join("")}`,
};

function linesToldIn(text: string): readonly number[] {
  return text.split("\n").flatMap((line, index) => (line.endsWith("# told") ? [index + 1] : []));
}

describe("each built-in rule", () => {
  const found = new Map<string, readonly JsonFinding[]>();
  before(async () => {
    for (const [name, policy] of Object.entries(PRESETS)) {
      const cleanups: (() => void | Promise<void>)[] = [];
      const test = { after: (clean: () => void | Promise<void>) => void cleanups.push(clean) };
      const config = writeConfig(policy);
      const { report } = await checkChange(test, config, Object.assign(writeCases(), config));
      found.set(name, report.findings);
      for (const clean of cleanups) await clean();
    }
  });
  const tell = (preset: string, id: string, name: string): readonly JsonFinding[] =>
    (found.get(preset) ?? []).filter(({ rule, file }) => rule === id && file === `${name}/${id}/app.yaml`);

  for (const [id, rule] of BUILT_IN_RULES) {
    it(`${id} passes, fails on its line and has the level of each preset`, () => {
      const asked = RULE_CASES.get(id);
      assert.ok(asked !== undefined, "a rule of the table has a case");
      const lines = linesToldIn(asked.failing);
      assert.ok(lines.length > 0, "the failing case marks its line");
      for (const preset of ["default", "baseline", "strict", "named"] as const) {
        const level = preset === "named" ? "warning" : rule.levels[preset];
        const told = tell(preset, id, "failing").map((finding) => `${finding.level} ${finding.line ?? 0}`);
        assert.deepEqual(
          [...new Set(told)].sort(),
          level === "off" ? [] : lines.map((line) => `${level} ${line}`).sort(),
          preset,
        );
        assert.deepEqual(tell(preset, id, "passing"), [], preset);
      }
    });
  }
});
