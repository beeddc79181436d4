import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decideEnvironments } from "../../../src/environments/index.ts";
import type { EnvironmentFacts, GivenOverride } from "../../../src/model/index.ts";
import { ADA, approve, contentOf, GRACE, makeFacts, NOW, readRules, writer } from "../../fakes/environment-facts.ts";

const MINUTES = 60_000;
const override: GivenOverride = {
  ...{ actor: GRACE, rule: "freeze", reason: "the shop is down", givenAt: NOW, headSha: "1".repeat(40) },
  ...{ baseRef: "main", content: contentOf(makeFacts()), reportDigest: "digest of all" },
};

/** Minutes until the decision is made again by itself. */
function nextAfter(parts: Partial<EnvironmentFacts>, rules = "environments: { prod: {} }"): number | undefined {
  const { changesAt } = decideEnvironments(makeFacts(parts), readRules(rules));
  return changesAt === undefined ? undefined : (changesAt - NOW) / MINUTES;
}

describe("T05: facts of which no event tells", () => {
  it("are asked for again within the hour, whoever's role or team it is about", () => {
    const approvals = [approve(GRACE, contentOf(makeFacts()))];
    assert.equal(nextAfter({}), undefined);
    assert.equal(nextAfter({ approvals }, "environments: { prod: { approvals: 1 } }"), 60);
    assert.equal(nextAfter({ overrides: [override] }), 60);
    assert.equal(nextAfter({ labelers: [{ label: "hotfix", actor: GRACE }] }), 60);
    const owners = { files: [{ path: "prod/a", owners: ["grace"] }], errors: [], problem: undefined };
    const owned = "environments: { prod: { approvals: { count: 0, codeOwners: true } } }";
    assert.equal(nextAfter({ approvals, owners }, owned), 60);
    const people = [writer(ADA, { sre: "yes" })];
    assert.equal(nextAfter({ people }, "branches: [{ base: [main], teams: [sre] }]"), 60);
  });

  it("are asked for again sooner where GitHub did not tell", () => {
    const approvals = [approve(GRACE, contentOf(makeFacts()))];
    const rules = "environments: { prod: { approvals: { count: 1, teams: [sre] } } }";
    assert.equal(nextAfter({ approvals, people: [writer(ADA), writer(GRACE, { sre: "unknown" })] }, rules), 10);
    const rule = "environments: { prod: { from: [staging] }, staging: {} }";
    assert.equal(nextAfter({ promotions: [] }, rule), 10);
  });
});
