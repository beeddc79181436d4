import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readRepositoryConfig, type PolicyConfig } from "../../../src/config/index.ts";
import { describePolicyChange } from "../../../src/pipeline/describe-policy-change.ts";

function policyOf(text: string): PolicyConfig {
  const reading = readRepositoryConfig(`version: 1\npolicy: { ${text} }\n`, ".github/drydock.yaml");
  assert.ok(reading.kind === "loaded", JSON.stringify(reading));
  return reading.config.policy;
}

function told(before: string, after: string): readonly string[] {
  return describePolicyChange(policyOf(before), policyOf(after));
}

describe("a change of the section policy, in words", () => {
  const table: readonly [before: string, after: string, ...told: string[]][] = [
    ["rules: { image-tag: error }", "rules: { image-tag: off }", "image-tag would be off instead of error"],
    ["", "rules: { image-tag: error }", "image-tag would be error instead of off"],
    [
      "rules: { image-tag: error }",
      "rules: { image-tag: { level: error, environments: { dev: notice } } }",
      "image-tag would be notice in dev instead of error",
    ],
    ["", "rules: { rego/main: off }", "rego/main would be off instead of as the policy says"],
    [
      "rules: { image-tag: { approvers: security } }",
      "rules: { image-tag: {} }",
      "exceptions from image-tag would be approved by no team instead of team security",
    ],
    [
      "rules: { image-registry: { level: error, allowed: [a.io] } }",
      "rules: { image-registry: { level: error, allowed: [a.io, b.io] } }",
      "options of image-registry would differ",
    ],
    [
      "exceptions: [{ rule: image-tag, resource: 'Deployment/*', reason: r }]",
      "exceptions: [{ rule: image-tag, resource: 'Deployment/*', reason: other }]",
      "1 exception would be added (image-tag for Deployment/*)",
      "1 exception would be gone (image-tag for Deployment/*)",
    ],
    ["", "baseline: known.json", "the baseline would be known.json instead of none"],
    ["", "admission: false", "admission policies would be left out"],
    ["", "rego: { paths: [rules] }", '"policy.rego" would differ'],
    ["", "creators: [a/B]", '"policy.creators" would differ'],
  ];
  for (const [before, after, ...sentences] of table) {
    it(`from "${before}" to "${after}"`, () => assert.deepEqual(told(before, after), sentences));
  }

  it("counts the rules that a preset moves, and names the ones that the config names", () => {
    const [preset, ...rest] = told("preset: none, rules: { image-tag: off }", "preset: baseline");
    assert.match(preset ?? "", /^the preset would be baseline instead of none \(another level for [1-9]\d* rules\)$/u);
    assert.equal(rest.length, 1);
    assert.match(rest[0] ?? "", /^image-tag would be \w+ instead of off$/u);
  });

  it("is nothing where entries only move", () => {
    const before = "rules: { image-tag: error, pdb-absent: notice }";
    assert.deepEqual(told(before, "rules: {\n\n pdb-absent: notice, image-tag: error }"), []);
  });

  it("is short, however much differs", () => {
    const rules = Array.from({ length: 30 }, (_, index) => `rego/p${index}: off`).join(", ");
    const sentences = told("", `rules: { ${rules} }`);
    assert.deepEqual([sentences.length, sentences.at(-1)], [6, "25 more levels of rules would differ"]);
  });
});
