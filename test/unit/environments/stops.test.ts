import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decideEnvironments } from "../../../src/environments/index.ts";
import type { EnvironmentDecision, EnvironmentFacts, Stop } from "../../../src/model/index.ts";
import { change, GRACE, makeFacts, NOW, readRules } from "../../fakes/environment-facts.ts";

const RULES = readRules("environments: { prod: {}, dev: {} }");
const HOUR = 3600_000;

function stop(parts: Partial<Stop> = {}): Stop {
  return {
    ...{ kind: "freeze", from: "command", environment: "prod", by: GRACE, reason: "the shop is down" },
    ...{ since: NOW - HOUR, until: NOW + HOUR, ...parts },
  };
}

function decide(stops: readonly Stop[], parts: Partial<EnvironmentFacts> = {}): EnvironmentDecision {
  return decideEnvironments(makeFacts({ stops, ...parts }), RULES);
}

describe("stops", () => {
  it("say who, why, until when and how they are lifted", () => {
    const { state, title, results, changesAt } = decide([stop()]);
    assert.equal(state, "in_progress");
    assert.equal(title, "Waiting: prod is frozen by grace");
    assert.equal(changesAt, NOW + HOUR);
    assert.equal(results[0]?.says, "prod is frozen by grace until 2026-11-20 13:00 UTC: the shop is down");
    assert.deepEqual(results[0].steps, ["Whoever may freeze prod lifts it with /drydock unfreeze prod."]);
  });

  it("T27: are over at their moment, and not before", () => {
    assert.equal(decide([stop({ until: NOW + 1 })]).state, "in_progress");
    assert.equal(decide([stop({ until: NOW })]).state, "success");
  });

  it("of an environment keep others in, and a hold concerns the pull request whatever it changes", () => {
    const dev = { changes: [change("dev")] };
    assert.equal(decide([stop()], dev).state, "success");
    const hold = stop({ kind: "hold", environment: undefined, until: undefined });
    assert.equal(decide([hold], { changes: [] }).title, "Waiting: this pull request is held by grace");
  });

  it("of everything stop all that deploys, in an environment or not, and nothing else", () => {
    const all = stop({ from: "server", environment: undefined, by: undefined, until: undefined });
    assert.equal(decide([all]).title, "Waiting: everything is frozen");
    const elsewhere = { changes: [], reported: { digest: "digest", isDeploying: true } };
    assert.equal(decide([all], elsewhere).state, "in_progress");
    const nothing = { changes: [], reported: { digest: "digest", isDeploying: false } };
    assert.equal(decide([all], nothing).state, "success");
  });

  it("of locks that nobody knows wait for an admin", () => {
    const unknown = stop({ kind: "lock", from: "unconfirmed", by: undefined, reason: "", until: undefined });
    const { state, title, results } = decide([unknown]);
    assert.equal(state, "in_progress");
    assert.equal(title, "Waiting: an admin's word on locks of prod");
    assert.match(results[0]?.steps[0] ?? "", /an admin says with \/drydock unlock prod/u);
  });
});
