import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decideOutcome, decidePolicyOutcome, type OutcomeFacts } from "../../../src/judge/index.ts";
import type { AppFailure, AppStatus, Level, Risk } from "../../../src/model/index.ts";

function app(id: string, status: AppStatus, failure?: Partial<AppFailure>): OutcomeFacts["apps"][number] {
  const whole: AppFailure = {
    kind: "render",
    cause: "content",
    isNew: true,
    isTouched: true,
    isAccepted: false,
    effect: "fails",
    message: "",
    location: undefined,
    help: undefined,
    ...failure,
  };
  return { id, status, failure: failure === undefined ? undefined : whole, changes: [] };
}

/** An app with one removed resource that brings these risks. */
function risky(id: string, likeness: string, ...levels: Risk["level"][]): OutcomeFacts["apps"][number] {
  const risks = levels.map((level) => ({ id: "prune-data", level, message: "" }));
  return { ...app(id, "changed"), changes: [{ action: "removed", likeness, risks }] };
}

function finding(level: Level, isNew = true, apps = ["a"]): OutcomeFacts["findings"][number] {
  return { level, isNew, apps };
}

const broken = (id: string) => app(id, "failed", {});
const outside = (id: string) => app(id, "failed", { effect: "not-checked", cause: "outside" });
const alike = (id: string, effect: "not-checked" | "passes") => app(id, "failed", { effect, isNew: false });

describe("decideOutcome", () => {
  type Case = [
    title: string,
    exitCode: number,
    apps: OutcomeFacts["apps"],
    findings?: OutcomeFacts["findings"],
    untouched?: string[],
  ];
  const cases: Case[] = [
    ["Nothing that deploys changes", 0, []],
    ["Nothing that deploys changes", 0, [app("a", "unchanged")], [finding("error", false)]],
    ["Nothing that deploys changes, 1 new warning", 0, [app("a", "unchanged")], [finding("warning")]],
    ["1 app changes, no errors", 0, [app("a", "changed")]],
    ["3 apps change, no errors", 0, [app("a", "changed"), app("b", "added"), app("c", "removed")]],
    ["1 app changes, no new errors", 0, [app("a", "changed")], [finding("error", false)]],
    [
      "1 app changes, 2 new warnings",
      0,
      [app("a", "changed")],
      [finding("warning"), finding("warning"), finding("notice")],
    ],
    ["1 app changes; 1 high risk to review", 0, [risky("a", "claim", "high", "medium")]],
    ["1 app changes, no errors", 0, [risky("a", "claim", "medium")]],
    [
      "3 apps change; 2 high risks to review",
      0,
      [risky("a", "x", "high"), risky("b", "x", "high"), risky("c", "y", "high")],
    ],
    ["1 app changes, 1 new warning; 1 high risk to review", 0, [risky("a", "x", "high")], [finding("warning")]],
    [
      "1 app changes; 1 high risk to review",
      0,
      [risky("a", "x", "high"), app("b", "failed", { effect: "passes", cause: "outside", isAccepted: true })],
    ],
    ["Fix 1 error in 1 app", 1, [risky("a", "x", "high")], [finding("error")]],
    ["Fix 2 errors in 3 apps", 1, [], [finding("error", true, ["a", "b"]), finding("error", true, ["b", "c"])]],
    ["Fix 1 app that does not render", 1, [broken("a")]],
    ["Fix 1 error in 1 app and 2 apps that do not render", 1, [broken("b"), broken("c")], [finding("error")]],
    ["Fix 1 error in 1 app; 1 app could not be checked", 1, [outside("b")], [finding("error")]],
    ["1 app could not be checked: fix or accept it", 2, [outside("a")]],
    ["2 apps could not be checked: fix or accept them", 2, [outside("a"), alike("b", "not-checked")]],
    ["1 changed app could not be rendered, before and after", 2, [alike("a", "not-checked")]],
    ["1 changed app could not be rendered, before and after", 0, [alike("a", "passes"), app("b", "changed")]],
    ["1 app changes, no errors", 0, [alike("a", "passes"), app("b", "changed")], [], ["a"]],
    ["1 new app could not be rendered, and is only guessed", 0, [app("a", "failed", { effect: "passes" })]],
    [
      "1 app changes, no errors, 1 not checked (accepted)",
      0,
      [app("a", "changed"), app("b", "failed", { effect: "passes", cause: "outside", isAccepted: true })],
    ],
  ];
  for (const [title, exitCode, apps, findings = [], untouched = []] of cases) {
    it(`${exitCode}: ${title}`, () => {
      const touched = new Set(apps.map(({ id }) => id).filter((id) => !untouched.includes(id)));
      const outcome = decideOutcome({ apps, findings, touched });
      assert.deepEqual([outcome.exitCode, outcome.title], [exitCode, title]);
      assert.equal(outcome.status, ["passed", "failed", "not-checked"][exitCode]);
    });
  }

  it("has a title of 1 to 60 characters for any counts", () => {
    const many = (make: (id: string) => OutcomeFacts["apps"][number]) =>
      fc.nat({ max: 1500 }).map((length) => Array.from({ length }, (_, index) => make(`${index}`)));
    const apps = fc
      .tuple(
        many(broken),
        many(outside),
        many((id) => alike(id, "passes")),
        many((id) => app(id, "changed")),
      )
      .map((lists) => lists.flat());
    const property = fc.property(apps, fc.nat({ max: 20000 }), fc.boolean(), (list, errors, isNew) => {
      const findings = Array.from({ length: errors }, (_, index) => finding("error", isNew, [`${index % 1234}`]));
      const { title } = decideOutcome({ apps: list, findings, touched: new Set(list.map(({ id }) => id)) });
      return title.length > 0 && title.length <= 60 && !title.endsWith("…");
    });
    fc.assert(property, { numRuns: 50 });
  });
});

describe("decidePolicyOutcome", () => {
  const decide = (...apps: OutcomeFacts["apps"]) => {
    return decidePolicyOutcome({ apps, findings: [], touched: new Set(["a", "b"]) });
  };

  it("T30: passes for no app that could not be judged", () => {
    for (const failed of [broken("a"), outside("a"), alike("a", "not-checked")]) {
      const { status, title } = decide(failed, app("b", "changed"));
      assert.deepEqual([status, title], ["not-checked", "1 app could not be judged by policies"]);
    }
  });

  it("says of those that may pass that they were not judged, and nothing of those that the change leaves alone", () => {
    assert.equal(decide(alike("a", "passes"), app("b", "changed")).title, "No violations, 1 app not judged");
    assert.equal(decide(alike("c", "passes"), app("b", "changed")).title, "No violations");
  });
});
