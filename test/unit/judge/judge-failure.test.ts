import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type FailedApp, judgeFailure } from "../../../src/judge/index.ts";
import type { FailureKind } from "../../../src/model/index.ts";

function failed(kind: FailureKind, part: Partial<FailedApp> = {}): FailedApp {
  const failure = { kind, message: "no", location: undefined };
  return { app: DECLARED, failure, base: "rendered", isTouched: true, isStrict: false, isAccepted: false, ...part };
}

const DECLARED: FailedApp["app"] = { id: "helm:charts/web", kind: "helm", path: "charts/web", guessed: false };
const GUESSED = { ...DECLARED, guessed: true };

describe("judgeFailure", () => {
  const guessed = { app: GUESSED };
  const strict = { app: GUESSED, isStrict: true };
  const cases: [name: string, app: FailedApp, effect: string, isNew: boolean][] = [
    ["what rendered before is broken", failed("render"), "fails", true],
    ["a guessed app that rendered before is broken", failed("render", guessed), "fails", true],
    ["a new declared app does not render", failed("render", { base: "absent" }), "fails", true],
    ["a new guessed app does not render", failed("render", { base: "absent", ...guessed }), "passes", true],
    ["a new guessed app, strict", failed("render", { base: "absent", ...strict }), "fails", true],
    ["broken alike, declared, touched", failed("render", { base: "failed" }), "not-checked", false],
    ["broken alike, guessed, touched", failed("render", { base: "failed", ...guessed }), "passes", false],
    ["broken alike, guessed, touched, strict", failed("render", { base: "failed", ...strict }), "not-checked", false],
    ["broken alike, untouched", failed("render", { base: "failed", isTouched: false }), "passes", false],
    [
      "broken alike, untouched, strict",
      failed("render", { base: "failed", isTouched: false, ...strict }),
      "passes",
      false,
    ],
    [
      "outside reason, untouched on both sides",
      failed("remote-input", { base: "failed", isTouched: false }),
      "passes",
      false,
    ],
    ["outside reason on both sides, touched", failed("remote-input", { base: "failed" }), "not-checked", false],
    ["outside reason, guessed", failed("missing-dependency", { base: "absent", ...guessed }), "not-checked", true],
    ["outside reason that the change brings", failed("plugin"), "not-checked", true],
    ["a limit that the base kept", failed("limit", { isTouched: false }), "not-checked", true],
  ];
  for (const [name, app, effect, isNew] of cases) {
    it(`${name}: ${effect}`, () => {
      const judged = judgeFailure(app);
      assert.deepEqual([judged.effect, judged.isNew, judged.isAccepted], [effect, isNew, false]);
    });
  }

  it("tells how to mend a wrong guess, and only that", () => {
    const help = judgeFailure(failed("render", { base: "absent", ...guessed })).help ?? "";
    assert.match(help, /apps: \[\{ path: "charts\/web", values: \[FILE\] \}\]/u);
    assert.match(help, /apps: \[\{ drop: "helm:charts\/web" \}\]/u);
    assert.equal(judgeFailure(failed("render")).help, undefined);
    assert.equal(judgeFailure(failed("missing-dependency", guessed)).help, undefined);
  });

  it("accept takes what could not be checked", () => {
    for (const app of [failed("remote-input"), failed("render", { base: "failed" })]) {
      const judged = judgeFailure({ ...app, isAccepted: true });
      assert.deepEqual([judged.effect, judged.isAccepted], ["passes", true]);
    }
  });
  it("accept never excuses what the change broke", () => {
    const judged = judgeFailure(failed("render", { isAccepted: true }));
    assert.deepEqual([judged.effect, judged.isAccepted], ["fails", false]);
  });
});
