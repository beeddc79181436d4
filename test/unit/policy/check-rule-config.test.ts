import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RuleConfig } from "../../../src/config/index.ts";
import { checkRuleConfig } from "../../../src/policy/check-rule-config.ts";
import { BUILT_IN_RULES } from "../../../src/policy/rules/table.ts";

const said = (options: Record<string, readonly string[]> = {}): RuleConfig => ({
  line: 7,
  level: "error",
  environments: new Map(),
  approvers: undefined,
  options: new Map(Object.entries(options)),
});
const check = (id: string, options?: Record<string, readonly string[]>) =>
  checkRuleConfig(new Map([[id, said(options)]]), BUILT_IN_RULES).map(({ line, message }) => `${line}: ${message}`);

describe("checkRuleConfig", () => {
  it("passes built-in rules with their options, and rules of policies", () => {
    assert.deepEqual(check("image-tag"), []);
    assert.deepEqual(check("image-registry", { allowed: ["ghcr.io", "anything"] }), []);
    assert.deepEqual(check("resources-missing", { required: ["limits.cpu"] }), []);
    for (const id of ["rego/main/deny", "rego/main", "vap/replicas", "kyverno/shop/replicas", "crd-rule"])
      assert.deepEqual(check(id), []);
  });

  it("T38: names a rule that does not exist, and the one that was meant", () => {
    assert.deepEqual(check("image-tags"), ['7: There is no rule "image-tags". Did you mean image-tag?']);
    assert.deepEqual(check("zzzzzzzzzzzz"), ['7: There is no rule "zzzzzzzzzzzz".']);
    assert.deepEqual(check("__proto__"), ['7: There is no rule "__proto__".']);
  });

  it("T38: names an option that the rule does not have", () => {
    assert.deepEqual(check("image-registry", { alowed: [] }), [
      '7: Rule "image-registry" has no option "alowed". Did you mean allowed?',
    ]);
    assert.deepEqual(check("image-registry", { registries: [] }), [
      '7: Rule "image-registry" has no option "registries". It has allowed.',
    ]);
    assert.deepEqual(check("image-tag", { allowed: [] }), ['7: Rule "image-tag" has no option "allowed".']);
  });

  it("T38: names a word that an option does not know", () => {
    assert.deepEqual(check("probes-missing", { required: ["readinessProbe", "liveness"] }), [
      '7: Option "required" of rule "probes-missing" cannot hold "liveness". It takes readinessProbe, livenessProbe, startupProbe.',
    ]);
  });
});
