import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Outcome, Report, StandingOverride } from "../../../src/model/index.ts";
import { applyOverrides, scopeOverrides } from "../../../src/publish/index.ts";
import { makePolicyFinding } from "../../fakes/policy-reports.ts";
import { makeApp, makeFailure, makeFinding, makeReport } from "../../fakes/reports.ts";

const FAILED: Outcome = { status: "failed", exitCode: 1, title: "Fix 1 error in 1 app" };
const PASSED: Outcome = { status: "passed", exitCode: 0, title: "No violations" };
const NOTHING = { manifests: undefined, policy: undefined };

function standing(rule: string): readonly StandingOverride[] {
  const actor = { id: 2, login: "grace", type: "User" } as const;
  const bound = { headSha: "1".repeat(40), baseRef: "main", content: {}, reportDigest: "digest" };
  return [{ rule, given: [{ actor, rule, reason: "the shop is down", givenAt: 0, ...bound }] }];
}

const BLOCKED = makeReport({
  apps: [makeApp("apps/web/overlays/prod", { status: "changed" })],
  findings: [makePolicyFinding(), makePolicyFinding({ rule: "privileged" })],
  outcome: FAILED,
  outcomes: { manifests: { ...PASSED, title: "1 app changes, no errors" }, policy: FAILED },
  obstacles: NOTHING,
});

function broken(parts: Partial<Report> = {}): Report {
  const failure = makeFailure({ kind: "render", effect: "fails" });
  const apps = [makeApp("apps/web/overlays/prod", { status: "failed", failure })];
  return makeReport({
    apps,
    outcome: FAILED,
    outcomes: { manifests: FAILED, policy: FAILED },
    obstacles: NOTHING,
    ...parts,
  });
}

describe("overrides of a report", () => {
  it("take the new errors of a rule and say who let them in, and no other rule's", () => {
    const one = applyOverrides(BLOCKED, standing("image-tag"));
    assert.equal(one.report.outcomes.policy.exitCode, 1);
    assert.equal(one.used.length, 1);
    const both = applyOverrides(BLOCKED, [...standing("image-tag"), ...standing("privileged")]);
    assert.equal(both.report.outcomes.policy.exitCode, 0);
    assert.equal(both.report.outcome.exitCode, 0);
    assert.equal(both.report.totals.newErrors, 0);
    assert.equal(both.report.findings[0]?.exception?.overriddenBy, "grace");
    assert.deepEqual(both.report.notes, [
      "image-tag is overridden by grace: the shop is down",
      "privileged is overridden by grace: the shop is down",
    ]);
  });

  it("T31: take in a group what their own pull request was let in with, and only where it brings just that", () => {
    const own = applyOverrides(BLOCKED, standing("image-tag")).report;
    const scope = scopeOverrides(own, BLOCKED);
    assert.ok(scope);
    const inGroup = applyOverrides(BLOCKED, [...standing("image-tag"), ...standing("privileged")], scope).report;
    assert.deepEqual(
      inGroup.findings.map(({ rule, exception }) => [rule, exception?.overriddenBy]),
      [
        ["image-tag", "grace"],
        ["privileged", undefined],
      ],
      "nobody overrode that one there",
    );
    const [app] = BLOCKED.apps;
    assert.ok(app);
    assert.equal(scopeOverrides(own, { ...BLOCKED, apps: [{ ...app, contentDigest: "another" }] }), undefined);
    const failed = applyOverrides(broken(), standing("render")).report;
    const alike = scopeOverrides(failed, broken());
    assert.ok(alike);
    assert.equal(applyOverrides(broken(), standing("render"), alike).report.outcome.exitCode, 0);
    const [lost] = broken().apps;
    assert.ok(lost);
    const more = broken({ apps: [lost, { ...lost, id: "kustomize:other" }] });
    assert.equal(applyOverrides(more, standing("render"), alike).report.outcome.exitCode, 1);
  });

  it("change nothing where nothing of the rule blocks", () => {
    const warned = makeReport({ findings: [makeFinding({ level: "warning" })], obstacles: NOTHING });
    assert.deepEqual(applyOverrides(warned, standing(warned.findings[0]?.rule ?? "")), { report: warned, used: [] });
    assert.equal(applyOverrides(BLOCKED, standing("render")).report, BLOCKED);
  });

  it("take failures by their kind in both checks, and by the name of a check in that one", () => {
    const byKind = applyOverrides(broken(), standing("render")).report;
    assert.deepEqual([byKind.outcomes.manifests.exitCode, byKind.outcomes.policy.exitCode], [0, 0]);
    const byName = applyOverrides(broken(), standing("drydock/manifests")).report;
    assert.deepEqual([byName.outcomes.manifests.exitCode, byName.outcomes.policy.exitCode], [0, 2]);
    assert.match(byName.apps[0]?.failure?.help ?? "", /overridden by grace/u);
    const other = applyOverrides(broken(), standing("limit")).report;
    assert.equal(other.outcomes.manifests.exitCode, 1);
  });

  it("T34: leave what keeps a check from passing beside findings and failures", () => {
    const obstacle: Outcome = { status: "not-checked", exitCode: 2, title: "The organisation's rules are not known" };
    const hidden = broken({ obstacles: { manifests: obstacle, policy: obstacle } });
    const { outcome, outcomes } = applyOverrides(hidden, standing("render")).report;
    assert.deepEqual(outcomes, { manifests: obstacle, policy: obstacle });
    assert.deepEqual(outcome, obstacle);
  });

  it("change no report of nothing, such as that of a merge conflict", () => {
    const conflict = broken({ obstacles: undefined });
    assert.deepEqual(applyOverrides(conflict, standing("drydock/manifests")), { report: conflict, used: [] });
  });
});
