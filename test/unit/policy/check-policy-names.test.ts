import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RuleConfig } from "../../../src/config/index.ts";
import { checkPolicyNames } from "../../../src/policy/check-policy-names.ts";

function check(rule: string, admission: readonly string[] | undefined): readonly string[] {
  const said: RuleConfig = {
    line: 3,
    level: "notice",
    environments: new Map(),
    approvers: undefined,
    options: new Map(),
  };
  const rules = new Map([[rule, said]]);
  const known = { builtIn: ["image-tag"], rego: [], admission };
  return checkPolicyNames({ rules, exceptions: [] }, known).map(({ message }) => message);
}

describe("names of policies that are objects of the repository", () => {
  it("are those of its ValidatingAdmissionPolicies and of Kyverno's", () => {
    const there = ["vap/replicas", "kyverno/pinned", "kyverno/shop/pinned"];
    for (const rule of [...there, "kyverno", "vap"]) assert.deepEqual(check(rule, there), []);
    assert.deepEqual(check("kyverno/pined", there), [
      'There is no rule "kyverno/pined". Did you mean "kyverno/pinned"?',
    ]);
    assert.equal(check("vap/pinned", there).length, 1);
  });

  it("are not wrong where it is not known which there are", () => {
    assert.deepEqual(check("kyverno/pined", undefined), []);
  });
});
