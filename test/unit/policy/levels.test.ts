import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readRepositoryConfig, type PolicyConfig } from "../../../src/config/index.ts";
import { applyLevels, BUILT_IN_RULES, levelOfPolicy, levelOfRule } from "../../../src/policy/index.ts";

function policyOf(text: string): PolicyConfig {
  const reading = readRepositoryConfig(`version: 1\npolicy:\n${text}`, ".github/drydock.yaml");
  assert.ok(reading.kind === "loaded", JSON.stringify(reading));
  return reading.config.policy;
}

const RULE = {
  id: "some-rule",
  levels: { default: "off", baseline: "warning", strict: "error" },
  since: "0.1.0",
} as const;

describe("the level of a built-in rule", () => {
  it("is the preset's unless the config names the rule", () => {
    assert.equal(levelOfRule(RULE, policyOf("  preset: default"), undefined), "off");
    assert.equal(levelOfRule(RULE, policyOf("  preset: baseline"), undefined), "warning");
    assert.equal(levelOfRule(RULE, policyOf("  preset: strict"), undefined), "error");
    assert.equal(levelOfRule(RULE, policyOf("  preset: none\n  rules: { some-rule: notice }"), undefined), "notice");
    assert.equal(levelOfRule(RULE, policyOf("  preset: none"), undefined), "off");
  });

  it("can differ by environment", () => {
    const policy = policyOf("  rules:\n    some-rule: { level: warning, environments: { prod: error, dev: off } }");
    assert.equal(levelOfRule(RULE, policy, "prod"), "error");
    assert.equal(levelOfRule(RULE, policy, "dev"), "off");
    assert.equal(levelOfRule(RULE, policy, "staging"), "warning");
    assert.equal(levelOfRule(RULE, policy, undefined), "warning");
  });

  it("is the preset's where only other environments are named", () => {
    const policy = policyOf("  preset: strict\n  rules:\n    some-rule: { environments: { dev: off } }");
    assert.equal(levelOfRule(RULE, policy, "dev"), "off");
    assert.equal(levelOfRule(RULE, policy, "prod"), "error");
  });

  it("is never above what the rule can know", () => {
    const rule = { ...RULE, most: "warning" } as const;
    assert.equal(levelOfRule(rule, policyOf("  rules: { some-rule: error }"), undefined), "warning");
    assert.equal(levelOfRule(rule, policyOf("  preset: strict"), undefined), "warning");
  });

  it("starts as a notice when an upgrade brings the rule, until somebody names it", () => {
    const late = { ...RULE, since: "0.4.0" };
    assert.equal(levelOfRule(late, policyOf("  preset: strict"), undefined), "notice");
    assert.equal(levelOfRule(late, policyOf("  rules: { some-rule: error }"), undefined), "error");
    assert.equal(levelOfRule({ ...RULE, since: "2.0.0" }, policyOf("  preset: strict"), undefined), "error");
  });
});

describe("the level of a policy of one's own", () => {
  it("is its own unless the config names it or its package", () => {
    assert.equal(levelOfPolicy("rego/main/deny", "error", policyOf("  preset: none"), undefined), "error");
    const policy = policyOf("  rules: { rego/main: warning, rego/main/deny_root: notice }");
    assert.equal(levelOfPolicy("rego/main/deny", "error", policy, undefined), "warning");
    assert.equal(levelOfPolicy("rego/main/deny_root", "error", policy, undefined), "notice");
    assert.equal(levelOfPolicy("rego/mainline/deny", "error", policy, undefined), "error");
  });
});

describe("levels of findings that are made elsewhere", () => {
  const KNOWN = { environment: undefined, isVersionAssumed: false };
  const found = [
    { rule: "api-deprecated", level: "notice" },
    { rule: "schema", level: "error" },
  ] as const;

  it("can be changed for built-in rules and for nothing else", () => {
    const policy = policyOf("  rules: { api-deprecated: error, schema: off }");
    assert.deepEqual(applyLevels(found, BUILT_IN_RULES, policy, KNOWN), [
      { rule: "api-deprecated", level: "error" },
      { rule: "schema", level: "error" },
    ]);
    const silent = policyOf("  rules: { api-deprecated: off }");
    assert.deepEqual(applyLevels(found, BUILT_IN_RULES, silent, KNOWN), [{ rule: "schema", level: "error" }]);
  });

  it("rise with the preset where the version is known, unless they are named", () => {
    const apis = [
      { rule: "api-removed-next", level: "warning" },
      { rule: "api-deprecated", level: "notice" },
    ] as const;
    const levelsUnder = (policy: string, isVersionAssumed: boolean): readonly string[] =>
      applyLevels(apis, BUILT_IN_RULES, policyOf(policy), { environment: undefined, isVersionAssumed }).map(
        ({ level }) => level,
      );
    assert.deepEqual(levelsUnder("  preset: strict", false), ["error", "warning"]);
    assert.deepEqual(levelsUnder("  preset: strict", true), ["warning", "notice"]);
    assert.deepEqual(levelsUnder("  preset: none", false), ["warning", "notice"]);
    assert.deepEqual(levelsUnder("  preset: strict\n  rules: { api-removed-next: notice }", false), [
      "notice",
      "warning",
    ]);
  });

  it("follow the preset where renders tell all they find of secrets", () => {
    const secrets = [
      { rule: "credential", level: "error" },
      { rule: "secret-plaintext", level: "warning" },
      { rule: "high-entropy", level: "warning" },
      { rule: "api-removed", level: "warning" },
    ] as const;
    const levelsUnder = (policy: string): readonly string[] =>
      applyLevels(secrets, BUILT_IN_RULES, policyOf(policy), { environment: "prod", isVersionAssumed: true }).map(
        ({ rule, level }) => `${rule} ${level}`,
      );
    assert.deepEqual(levelsUnder("  preset: default"), ["credential error", "api-removed warning"]);
    assert.deepEqual(levelsUnder("  preset: none"), ["api-removed warning"]);
    assert.deepEqual(levelsUnder("  preset: baseline"), [
      "credential error",
      "secret-plaintext warning",
      "api-removed warning",
    ]);
    assert.deepEqual(levelsUnder("  preset: strict\n  rules: { high-entropy: error, credential: off }"), [
      "secret-plaintext error",
      "high-entropy warning",
      "api-removed warning",
    ]);
  });
});

describe("with no config", () => {
  it("only rules that are nearly never wrong are on", () => {
    const config = policyOf("  preset: default");
    const on = [...BUILT_IN_RULES.values()].filter((rule) => levelOfRule(rule, config, undefined) === "error");
    assert.deepEqual(
      on.map(({ id }) => id),
      ["api-removed", "credential", "ingress-collision", "privilege-gained"],
    );
  });

  it("rules about missing partners warn at most under every preset", () => {
    const config = policyOf("  preset: strict\n  rules: { reference-missing: error, selector-matches-nothing: error }");
    for (const id of ["reference-missing", "selector-matches-nothing", "service-without-endpoints"]) {
      const rule = BUILT_IN_RULES.get(id);
      assert.ok(rule !== undefined && levelOfRule(rule, config, undefined) !== "error", id);
    }
  });
});
