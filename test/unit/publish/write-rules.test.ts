import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EnvironmentDecision, RuleResult } from "../../../src/model/index.ts";
import { writeRules } from "../../../src/publish/write-rules.ts";
import { NO_RULES } from "../../fakes/environment-facts.ts";
import { assertInert } from "./assert-inert.ts";

const PASSED: RuleResult = {
  ...{ rule: "limits", environment: "prod", state: "passed", says: "Changes 1 app", title: "", steps: [], notes: [] },
  changesAt: undefined,
};
const decide = (state: EnvironmentDecision["state"], ...results: readonly RuleResult[]): EnvironmentDecision => {
  return { ...NO_RULES, state, results: [...results, PASSED] };
};

describe("the rules of environments in the comment", () => {
  it("are not mentioned where they let a change in", () => {
    assert.deepEqual(writeRules(NO_RULES), []);
    assert.deepEqual(writeRules(decide("success", { ...PASSED, state: "overridden" })), []);
  });

  it("are told by what they wait for, and by what they refuse", () => {
    const approvals = { ...PASSED, state: "waiting", says: "1 of 2 approvals by team sre" } as const;
    const branches = {
      ...PASSED,
      environment: undefined,
      state: "refused",
      says: "change may not be merged into main",
    };
    assert.deepEqual(writeRules(decide("in_progress", approvals)), [
      "**`drydock/environments` waits.** `prod`: 1 of 2 approvals by team sre. The check says what to do.",
    ]);
    assert.deepEqual(writeRules(decide("failure", branches as RuleResult, approvals)), [
      "**`drydock/environments` keeps this out.** change may not be merged into main; `prod`: 1 of 2 approvals by team sre. The check says what to do.",
    ]);
  });

  it("are at most five, and do nothing with the names of others", () => {
    const hostile = "` @ada <img src=x> [a](https://evil.example) #1";
    const many = Array.from({ length: 7 }, () => {
      return { ...PASSED, environment: hostile, state: "waiting", says: `${hostile} is frozen` } as const;
    });
    const [text = ""] = writeRules(decide("in_progress", ...many));
    assert.match(text, /; 2 more\. The check/u);
    assertInert(text, undefined);
  });
});
