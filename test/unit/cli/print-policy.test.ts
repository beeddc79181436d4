import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { printPolicyRules, printPolicyTests, printRule, type ListedRule } from "../../../src/cli/print-policy.ts";
import { readRepositoryConfig } from "../../../src/config/index.ts";
import type { RegoTest } from "../../../src/model/index.ts";
import { BUILT_IN_RULES } from "../../../src/policy/index.ts";

const WIDTH = 60;
const LONG = "A sentence that goes on and on until no terminal of sixty columns could hold it in one line.";

function rule(parts: Partial<ListedRule> = {}): ListedRule {
  return {
    ...{ id: "rego/main/deny", title: LONG, why: LONG, fix: LONG, link: "", source: "policy/main.rego:3" },
    ...{ level: "error", said: undefined, environments: new Map(), levelSource: "policy/main.rego:3" },
    ...parts,
  };
}

function tooLong(text: string): readonly string[] {
  return text.split("\n").filter((line) => line.length > WIDTH);
}

describe("what `drydock policy` prints", () => {
  it("fits sixty columns", () => {
    const said = { exceptions: [], file: ".github/drydock.yaml" };
    assert.deepEqual(
      tooLong(printPolicyRules([rule()], { format: "text", width: WIDTH, isAdmissionJudged: true })),
      [],
    );
    assert.deepEqual(tooLong(printRule(rule(), said, WIDTH)), []);
    const failed: RegoTest = {
      ...{ name: "test_it", package: "main", file: "policy/a_test.rego", line: 4 },
      ...{ result: "failed", message: LONG },
    };
    assert.deepEqual(tooLong(printPolicyTests([failed], ["policy"], WIDTH)), []);
  });

  it("names the resource or the file of an exception, and where it is written", () => {
    const text = `version: 1
policy:
  exceptions:
    - { rule: credential, file: "charts/*/values.yaml", reason: a test account, expires: "2031-05-01" }
    - { rule: credential, resource: Secret/shop/web, reason: rotated }
`;
    const reading = readRepositoryConfig(text, ".github/drydock.yaml");
    assert.ok(reading.kind === "loaded");
    const { policy } = reading.config;
    const said = { exceptions: policy.exceptions, file: ".github/drydock.yaml" };
    const printed = printRule(rule({ id: "credential" }), said, 200);
    assert.match(
      printed,
      / {2}file charts\/\*\/values\.yaml, until 2031-05-01: a test account \(\.github\/drydock\.yaml:4\)\n/u,
    );
    assert.match(printed, / {2}Secret\/shop\/web: rotated \(\.github\/drydock\.yaml:5\)\n/u);
  });

  it("has a rule among those that are on when it is on in one environment alone", () => {
    const environments = new Map([["prod", "error"]] as const);
    const listed = [rule({ id: "a", level: "off" }), rule({ id: "b", level: "off", environments }), rule({ id: "c" })];
    const text = printPolicyRules(listed, { format: "text", width: 80, isAdmissionJudged: false });
    assert.match(text, /^2 on, 1 off\./u);
    assert.ok(text.indexOf("off     b") < text.indexOf("off     a"));
    assert.match(text, /error in prod/u);
  });

  it("fits a narrow terminal", () => {
    const rules = [...BUILT_IN_RULES.values()].map(({ id, title }) => rule({ id, title }));
    for (const width of [40, 60]) {
      const text = printPolicyRules(rules, { format: "text", width, isAdmissionJudged: true });
      assert.deepEqual(
        text.split("\n").filter((line) => line.length > width),
        [],
      );
    }
  });

  it("mentions what it cannot list, where that is judged", () => {
    const print = (isAdmissionJudged: boolean): string =>
      printPolicyRules([rule()], { format: "text", width: 80, isAdmissionJudged });
    assert.match(print(true), /Not listed, and on: ValidatingAdmissionPolicies \(vap\/NAME\)/u);
    assert.doesNotMatch(print(false), /Not listed/u);
  });

  it("tells each test that did not pass with its reason, and counts all", () => {
    const test = (result: RegoTest["result"], message?: string): RegoTest => ({
      ...{ name: `test_${result}`, package: "main", file: "policy/a_test.rego", line: 4, result, message },
    });
    const tests = [test("passed"), test("failed", "one\n\ntwo"), test("errored", "three"), test("skipped")];
    assert.equal(
      printPolicyTests(tests, ["policy"], 80),
      `failed main.test_failed
    policy/a_test.rego:4
    one
    two
errored main.test_errored
    policy/a_test.rego:4
    three
1 passed, 1 failed, 1 errored, 1 skipped
`,
    );
  });
});
