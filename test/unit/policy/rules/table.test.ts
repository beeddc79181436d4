import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BUILT_IN_RULES } from "../../../../src/policy/rules/table.ts";
import { listHits, makeHostile } from "./run-rule.ts";

const RULES = [...BUILT_IN_RULES.values()];
const WEIGHT = { off: 0, notice: 1, warning: 2, error: 3 };

describe("the built-in rules", () => {
  it("with no config only say what is nearly never wrong", () => {
    const on = RULES.filter(({ levels }) => levels.default !== "off").map(
      ({ id, levels }) => `${id} ${levels.default}`,
    );
    assert.deepEqual(on, [
      "api-deprecated notice",
      "api-removed error",
      "api-removed-next warning",
      "credential error",
      "ingress-collision error",
      "privilege-gained error",
    ]);
  });

  it("are described in full", () => {
    for (const [id, rule] of BUILT_IN_RULES) {
      assert.equal(rule.id, id);
      assert.match(id, /^[a-z]+(-[a-z]+)*$/u);
      assert.match(rule.link, /^https:\/\//u, id);
      assert.match(rule.title, /^[A-Z][^.]{5,59}$/u, id);
      for (const text of [rule.why, rule.fix]) assert.match(text, /^[A-Z].{20,}\.$|@sha256:…$/u, id);
      assert.equal(rule.since, "0.1.0");
    }
  });

  it("are never laxer in a stricter preset, and keep to the most that they may be", () => {
    for (const { id, levels, most = "error" } of RULES) {
      assert.ok(WEIGHT[levels.default] <= WEIGHT[levels.baseline], id);
      assert.ok(WEIGHT[levels.baseline] <= WEIGHT[levels.strict], id);
      assert.ok(WEIGHT[levels.strict] <= WEIGHT[most], id);
    }
  });

  it("warn at most about partners that are missing", () => {
    const partners = ["hpa-replicas", "network-policy-absent", "pdb-absent", "reference-missing"];
    for (const id of [...partners, "selector-matches-nothing", "service-without-endpoints"]) {
      assert.equal(BUILT_IN_RULES.get(id)?.most, "warning", id);
    }
  });

  it("leave no way to except what is dangerous by an annotation of the same change", () => {
    const ids = ["privilege-gained", "credential", "image-registry", "pod-security-baseline", "rbac-escalation"];
    for (const id of ids) assert.equal(BUILT_IN_RULES.get(id)?.isAnnotationEnough, false, id);
  });

  it("bear resources of any shape, alone and together (T37)", () => {
    const objects = makeHostile();
    assert.ok(objects.length > 800);
    const options = { allowed: ["ghcr.io"], required: ["limits.cpu", "livenessProbe"] };
    for (const rule of RULES) {
      if (rule.scope === "engine") continue;
      const said =
        rule.scope === "repository"
          ? objects.flatMap((object) => [...rule.claims(object)].map(({ what }) => what))
          : [objects, ...objects.map((object) => [object])].flatMap((some) =>
              listHits(rule, some, options).map(({ message }) => message),
            );
      for (const message of said) assert.ok(message.length < 700 && !message.includes("undefined"), message);
    }
  });
});
