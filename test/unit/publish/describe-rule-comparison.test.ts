import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describeRuleComparison } from "../../../src/publish/index.ts";

const NONE = { refused: [], waiting: [], letIn: [], unknown: [], looked: 0, more: 0 };

describe("what rules would change for other pull requests", () => {
  const cases: readonly (readonly [Parameters<typeof describeRuleComparison>[0], readonly string[]])[] = [
    [NONE, []],
    [
      { ...NONE, looked: 1 },
      ["Of 1 other open pull request, by what was known when each was judged last, none would change verdict."],
    ],
    [
      { refused: [9], waiting: [4, 3], letIn: [7], unknown: [5], looked: 6, more: 12 },
      [
        "Of 6 other open pull requests, by what was known when each was judged last: #9 would newly be refused; #3 and #4 would newly wait; #7 would newly be let through.",
        "Not known: #5 can be told only when judged by these rules; 12 more open pull requests were not looked at.",
      ],
    ],
    [
      { ...NONE, unknown: [5], looked: 2 },
      [
        "Of 2 other open pull requests, by what was known when each was judged last, none would change verdict for certain.",
        "Not known: #5 can be told only when judged by these rules.",
      ],
    ],
    [{ ...NONE, unknown: [5], looked: 1 }, ["Not known: #5 can be told only when judged by these rules."]],
    [{ ...NONE, more: 1 }, ["Not known: 1 more open pull request was not looked at."]],
  ];
  for (const [compared, told] of cases) {
    it(told[0] ?? "is not told where there are none", () => assert.deepEqual(describeRuleComparison(compared), told));
  }

  it("names ten and counts the rest", () => {
    const waiting = Array.from({ length: 30 }, (_, index) => index + 1);
    const [line = ""] = describeRuleComparison({ ...NONE, waiting, looked: 30 });
    assert.match(line, /: #1, #2, .*#10 and 20 more would newly wait\.$/u);
  });
});
