import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decideEnvironments } from "../../../src/environments/index.ts";
import type { Actor, EnvironmentFacts, GivenOverride, RuleResult } from "../../../src/model/index.ts";
import {
  ADA,
  GRACE,
  LIN,
  NOW,
  change,
  changedApp,
  contentOf,
  makeFacts,
  person,
  readRules,
  writer,
  wrote,
} from "../../fakes/environment-facts.ts";

const TEXT = "environments: { prod: { approvals: 2 } }\noverride: { teams: [sre]";
const RULES = readRules(`${TEXT} }`);
const BREAK_GLASS = readRules(`${TEXT}, breakGlass: true }`);
const SRE = { sre: "yes" } as const;

function override(actor: Actor, facts: EnvironmentFacts, parts: Partial<GivenOverride> = {}): GivenOverride {
  const { pullRequest, reported } = facts;
  return {
    ...{ actor, rule: "approvals", reason: "the shop is down", givenAt: NOW, headSha: pullRequest.headSha },
    ...{ baseRef: pullRequest.baseRef, content: contentOf(facts), reportDigest: reported.digest, ...parts },
  };
}

/** Facts in which these people of team sre override what is missing. */
function overriddenBy(actors: readonly Actor[], parts: Partial<EnvironmentFacts> = {}): EnvironmentFacts {
  const people = [...actors, ADA].map((actor) => writer(actor, SRE));
  const facts = makeFacts({ people, ...parts });
  return { ...facts, overrides: actors.map((actor) => override(actor, facts)) };
}

function judge(facts: EnvironmentFacts, rules = RULES): RuleResult {
  const found = decideEnvironments(facts, rules).results.find(({ rule }) => rule === "approvals");
  assert.ok(found);
  return found;
}

/** The same overrides after a push. */
function pushed(facts: EnvironmentFacts, parts: Partial<EnvironmentFacts>): EnvironmentFacts {
  return { ...facts, ...parts, pullRequest: { ...facts.pullRequest, headSha: "2".repeat(40) } };
}

describe("overrides", () => {
  it("by a member of a team that may let a change in, and say who and why", () => {
    const { state, title, results } = decideEnvironments(overriddenBy([GRACE]), RULES);
    assert.equal(state, "success");
    assert.equal(title, "approvals overridden by grace");
    assert.equal(results[0]?.state, "overridden");
    assert.match(results[0].says, /^Overridden by grace: the shop is down\. Without that: 0 of 2 approvals/u);
  });

  it("take the rule that they name and no other", () => {
    const facts = overriddenBy([GRACE]);
    const stops: EnvironmentFacts["stops"] = [
      {
        ...{ kind: "freeze", from: "command", environment: "prod", by: LIN, reason: "", since: NOW, until: undefined },
      },
    ];
    const { state, title } = decideEnvironments({ ...facts, stops }, RULES);
    assert.equal(state, "in_progress");
    assert.equal(title, "Waiting: prod is frozen by lin");
    const frozen = { ...facts, stops, overrides: facts.overrides.map((one) => ({ ...one, rule: "freeze" })) };
    assert.equal(decideEnvironments(frozen, RULES).title, "Waiting: 0 of 2 approvals for prod");
  });

  it("T05: of who is in no such team now, cannot write, or is not known, do not count", () => {
    const facts = overriddenBy([GRACE]);
    for (const [people, why] of [
      [[writer(GRACE, { sre: "no" })], /they are not in team sre/u],
      [[writer(GRACE, { sre: "unknown" })], /does not tell who is in team sre/u],
      [[{ ...writer(GRACE, SRE), role: "triage" }], /they cannot write/u],
      [[{ ...writer(GRACE, SRE), role: "unknown" }], /does not tell what they may do/u],
      [[], /does not tell what they may do/u],
    ] as const) {
      const result = judge({ ...facts, people });
      assert.equal(result.state, "waiting");
      assert.match(result.notes.join(" "), why);
    }
  });

  it("T04: of bots do not count, and none where the config names no team", () => {
    const bot = person(9, "sre[bot]", "Bot");
    assert.equal(judge(overriddenBy([bot])).state, "waiting");
    const nobody = readRules("environments: { prod: { approvals: 2 } }");
    assert.match(judge(overriddenBy([GRACE]), nobody).notes.join(), /names no team/u);
  });

  it("T01: of an author take somebody else's as well, unless the rules break the glass", () => {
    const alone = judge(overriddenBy([ADA]));
    assert.equal(alone.state, "waiting");
    assert.match(alone.notes.join(), /ada wrote this change: somebody else of team sre/u);
    assert.equal(judge(overriddenBy([ADA, GRACE])).state, "overridden");
    assert.equal(judge(overriddenBy([ADA]), BREAK_GLASS).state, "overridden");
    const contributors = { people: wrote(GRACE), unknown: [], isComplete: true };
    assert.equal(judge(overriddenBy([GRACE], { contributors })).state, "waiting");
  });

  it("T01: take one more for each author that GitHub does not know", () => {
    const contributors = { people: [], unknown: ["someone@example.com"], isComplete: true };
    assert.equal(judge(overriddenBy([GRACE], { contributors })).state, "waiting");
    assert.equal(judge(overriddenBy([GRACE, GRACE], { contributors })).state, "waiting");
    assert.equal(judge(overriddenBy([GRACE, LIN], { contributors })).state, "overridden");
    const incomplete = { ...contributors, unknown: [], isComplete: false };
    assert.equal(judge(overriddenBy([GRACE, LIN], { contributors: incomplete })).state, "waiting");
  });

  it("T18: outlive a push that changes nothing rendered, and no other", () => {
    const facts = overriddenBy([GRACE]);
    assert.equal(judge(pushed(facts, {})).state, "overridden");
    const more = pushed(facts, { changes: [change("prod", changedApp("kustomize:prod", { digest: "another" }))] });
    assert.equal(judge(more).state, "waiting");
    assert.match(judge(more).notes.join(), /something else was pushed/u);
    const elsewhere = pushed(facts, { reported: { digest: "another", isDeploying: true } });
    assert.equal(judge(elsewhere).state, "waiting");
  });

  it("T21: do not follow to another base branch, nor into an environment that was not changed then", () => {
    const facts = overriddenBy([GRACE]);
    const retargeted = { ...facts, pullRequest: { ...facts.pullRequest, baseRef: "release" } };
    assert.equal(judge(retargeted).state, "waiting");
    const rules = readRules("environments: { prod: { approvals: 2 }, eu: {} }\noverride: { teams: [sre] }");
    assert.equal(judge({ ...facts, changes: [change("prod"), change("eu")] }, rules).state, "waiting");
  });

  it("of which nobody knows what they were given for do not count", () => {
    const facts = makeFacts({ people: [writer(GRACE, SRE)] });
    const unknown = { ...facts, overrides: [override(GRACE, facts, { content: undefined })] };
    assert.equal(judge(unknown).state, "waiting");
  });
});
