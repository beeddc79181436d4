import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decideAhead, decideEnvironments, LEAD, rankRisk } from "../../../src/environments/index.ts";
import type { EnvironmentFacts } from "../../../src/model/index.ts";
import { change, changedApp, makeFacts, readRules } from "../../fakes/environment-facts.ts";

const FREEZE = Date.parse("2026-12-18T00:00:00Z");
const THAW = Date.parse("2027-01-04T00:00:00Z");
const RULES = readRules(`environments:
  prod:
    windows:
      - { name: Year end, effect: deny, from: 2026-12-18T00:00:00Z, until: 2027-01-04T00:00:00Z }
`);

function at(now: number): EnvironmentFacts {
  return makeFacts({ now });
}

describe("a decision that is told ahead", () => {
  it("lets in while it holds a little longer, and is told again in time", () => {
    const { state, changesAt } = decideAhead(at(FREEZE - LEAD - 1), RULES);
    assert.deepEqual([state, changesAt], ["success", FREEZE - LEAD]);
  });

  it("keeps out before the freeze begins, and says from when", () => {
    const facts = at(FREEZE - LEAD);
    assert.equal(decideEnvironments(facts, RULES).state, "success", "it is not frozen yet");
    const { state, changesAt, results } = decideAhead(facts, RULES);
    assert.deepEqual([state, changesAt], ["in_progress", THAW]);
    assert.deepEqual(results[0]?.notes, ["From 2026-12-18 00:00 UTC on; told ahead, because a merge takes a while."]);
  });

  it("lets nobody in before the freeze is over", () => {
    const { state, changesAt, results } = decideAhead(at(THAW - 1), RULES);
    assert.deepEqual([state, changesAt, results[0]?.notes], ["in_progress", THAW, []]);
    assert.equal(decideAhead(at(THAW), RULES).state, "success");
  });

  it("looks past what changes nothing", () => {
    const office = "{ name: Office, effect: allow, cron: '0 9 * * *', duration: 8h }";
    const always = "{ name: Always, effect: allow, from: 2026-12-01T00:00:00Z, until: 2026-12-16T17:01:00Z }";
    const rules = readRules(`environments: { prod: { windows: [${office}, ${always}] } }`);
    const end = Date.parse("2026-12-16T17:01:00Z");
    const facts = at(Date.parse("2026-12-16T16:59:30Z"));
    assert.equal(decideAhead(facts, rules).state, "in_progress", "both end within the lead");
    const { state, changesAt } = decideAhead(at(end - LEAD - 30_000), rules);
    assert.deepEqual([state, changesAt], ["success", end - LEAD]);
  });
});

describe("the risk of a verdict that lets in too long", () => {
  const rules = readRules("environments: { dev: {}, staging: { from: [dev] }, prod: { from: [staging] } }");

  it("rises with what comes before an environment, then with what is destroyed", () => {
    const gone = changedApp("a", { isDestructive: true });
    const ranks = [[], [change("dev")], [change("dev", gone)], [change("staging")], [change("dev"), change("prod")]];
    const found = ranks.map((changes) => rankRisk(changes, rules));
    assert.deepEqual(
      found,
      found.toSorted((left, right) => left - right),
    );
    assert.equal(new Set(found).size, ranks.length);
    assert.equal(found[0], 0);
  });
});
