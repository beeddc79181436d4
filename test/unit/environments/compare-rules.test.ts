import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compareRules, type RuleComparison } from "../../../src/environments/index.ts";
import type { EnvironmentFacts, Stop } from "../../../src/model/index.ts";
import { approve, change, contentOf, GRACE, makeFacts, NOW, readRules, writer } from "../../fakes/environment-facts.ts";

const WINDOW = "{ name: Weekend, effect: deny, cron: '0 0 * * 6', duration: 2d }";
const SATURDAY = Date.parse("2026-11-21T12:00:00Z");

function factsOf(number: number, parts: Partial<EnvironmentFacts> = {}): EnvironmentFacts {
  const facts = makeFacts(parts);
  return { ...facts, pullRequest: { ...facts.pullRequest, number } };
}

const prod = (rules: string): string => `environments: { dev: { paths: [dev] }, prod: { paths: [prod], ${rules} } }`;
const NOTHING: RuleComparison = { refused: [], waiting: [], letIn: [], unknown: [] };

function compare(
  all: readonly EnvironmentFacts[],
  before: string,
  after: string,
  now: number = NOW,
): Partial<RuleComparison> {
  const found = compareRules(all, readRules(before), readRules(after), now);
  return Object.fromEntries(Object.entries(found).filter(([, numbers]) => (numbers as readonly number[]).length > 0));
}

describe("other rules over what is known of open pull requests", () => {
  const content = contentOf(makeFacts());
  const approved = factsOf(1, { approvals: [approve(GRACE, content)] });

  it("let in, keep waiting and refuse", () => {
    const bare = factsOf(2);
    assert.deepEqual(compare([approved, bare], prod("approvals: 1"), prod("approvals: 2")), { waiting: [1] });
    assert.deepEqual(compare([approved, bare], prod("approvals: 1"), prod("approvals: 0")), { letIn: [2] });
    const strict = `${prod("approvals: 1")}\nbranches: [{ base: [main], heads: [release] }]`;
    assert.deepEqual(compare([approved, bare], prod("approvals: 1"), strict), { refused: [1, 2] });
    assert.deepEqual(compare([approved, bare], strict, prod("approvals: 1")), { letIn: [1], waiting: [2] });
    assert.deepEqual(
      compareRules([approved, bare], readRules(prod("approvals: 1")), readRules(prod("approvals: 1")), NOW),
      NOTHING,
    );
  });

  it("are asked at one moment, whenever those were judged", () => {
    const closed = prod(`windows: [${WINDOW}]`);
    assert.deepEqual(compare([factsOf(1)], prod(""), closed, SATURDAY), { waiting: [1] });
    assert.deepEqual(compare([factsOf(1, { now: SATURDAY })], prod(""), closed), {});
    // Closed by both: nothing changes.
    assert.deepEqual(compare([factsOf(1)], closed, prod(`windows: [${WINDOW}], approvals: 1`), SATURDAY), {});
  });

  it("do not take for a pass what the rules before did not ask for", () => {
    const changed = [change("staging"), change("prod")];
    const cases: readonly (readonly [before: string, after: string, facts?: Partial<EnvironmentFacts>])[] = [
      [prod("approvals: 0"), prod("approvals: { teams: [sre] }")],
      [prod("approvals: 1"), prod("approvals: { count: 1, codeOwners: true }"), { approvals: approved.approvals }],
      [prod("from: []"), prod("from: [dev]")],
      [prod("locks: false"), prod("locks: true")],
      [prod(""), prod("").replace("[prod]", "[prod, live]")],
      [prod(""), prod("branch: main")],
      [prod(""), `environments: { dev: { paths: [dev] }, prod: { paths: [prod] }, live: { paths: [live] } }`],
      [
        prod("from: [dev]"),
        prod("from: [dev], promotion: { fields: [spec.replicas] }"),
        { promotions: [{ environment: "prod", from: "dev", items: [], problem: undefined }] },
      ],
      [
        prod("from: [dev]"),
        `${prod("from: [dev]")}\nchanges: { pairing: "{env}/{app}" }`,
        { promotions: [{ environment: "prod", from: "dev", items: [], problem: undefined }], changes: changed },
      ],
    ];
    for (const [before, after, facts] of cases) {
      assert.deepEqual(compare([factsOf(1, facts)], before, after), { unknown: [1] }, after);
    }
  });

  it("say nothing new of what was not known before either, and of what leaves its environment", () => {
    const stranger = factsOf(1, { people: [{ id: GRACE.id, role: "unknown", teams: {} }] });
    const incomplete = { ...stranger, contributors: { people: [], unknown: [], isComplete: false } };
    const given = { ...incomplete, approvals: [approve(GRACE, content)], people: [writer(GRACE)] };
    assert.deepEqual(compare([given], prod("approvals: 1"), prod("approvals: 1, limits: { apps: 9 }")), {});
    assert.deepEqual(compare([factsOf(1)], prod("approvals: 1"), "environments: { dev: { paths: [dev] } }"), {
      letIn: [1],
    });
  });

  it("ask no longer for an admin's word where locks are not used any more, and keep other stops", () => {
    const lock: Stop = {
      ...{ kind: "lock", from: "unconfirmed", environment: "prod", by: undefined, reason: "", since: 0 },
      until: undefined,
    };
    assert.deepEqual(compare([factsOf(1, { stops: [lock] })], prod("locks: true"), prod("")), { letIn: [1] });
    const real: Stop = { ...lock, from: "command" };
    assert.deepEqual(compare([factsOf(1, { stops: [lock, real] })], prod("locks: true"), prod("")), {});
  });
});
