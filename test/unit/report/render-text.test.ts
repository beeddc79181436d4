import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { renderText } from "../../../src/report/index.ts";
import {
  HOSTILE_TEXTS,
  makeApp,
  makeChange,
  makeField,
  makeFinding,
  makeHostileReport,
  makeLocation,
  makeReport,
  makeResource,
  REPORTS,
} from "../../fakes/reports.ts";

const COLORS = /\u001b\[(?:0|1|2|31|32|33|36)m/gu;

describe("renderText", () => {
  test("begins with the outcome, then the counts", () => {
    const [first, second] = renderText(REPORTS.get("not-checked") ?? makeReport(), { width: 200 }).split("\n");
    assert.equal(first, "1 changed app could not be rendered, before and after");
    assert.equal(second, "3 of 48 apps looked at · 2 apps could not be rendered · no new findings");
  });

  test("tells failures, errors, risks, changes and the rest in this order", () => {
    const broken = REPORTS.get("broken") ?? makeReport();
    const text = renderText({ ...broken, apps: [...broken.apps, ...(REPORTS.get("risky")?.apps ?? [])] });
    const order = ["Broken by this change", "Errors", "Risks", "Images", "Changes", "Notes"].map((title) =>
      text.indexOf(`\n${title}`),
    );
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
    assert.ok(!order.includes(-1));
  });

  test("writes a place as file:line:column in one piece, however narrow the terminal", () => {
    const file = "apps/a-rather-long-directory-name/overlays/production/deployment.yaml";
    const text = renderText(makeReport({ findings: [makeFinding({ location: makeLocation(file, 12, 3) })] }), {
      width: 30,
    });
    assert.ok(text.includes(`${file}:12:3`));
  });

  test("wraps at the width", () => {
    const text = renderText(makeReport({ findings: [makeFinding({ message: "word ".repeat(60) })] }), { width: 40 });
    const lines = text.split("\n").filter((line) => line.includes("word"));
    assert.ok(lines.length >= 8);
    assert.ok(lines.every((line) => line.length <= 40));
  });

  test("tells equal changes once, with the number of apps", () => {
    const text = renderText(REPORTS.get("fan-out") ?? makeReport());
    assert.equal(text.split("spec.replicas: 2 → 3").length - 1, 1);
    assert.ok(text.includes("kustomize:clusters/eu-01/web and 39 more apps, the same in each"));
  });

  test("counts known findings, and lists them when asked", () => {
    const report = REPORTS.get("known-only") ?? makeReport();
    const brief = renderText(report);
    assert.ok(brief.includes("12 known findings, not shown; --all shows them"));
    assert.ok(!brief.includes("old3"));
    const whole = renderText(report, { showKnown: true });
    assert.ok(whole.includes('Unknown field "old3".'));
    assert.ok(!whole.includes("not shown"));
  });

  test("folds a change that is only noise into a number", () => {
    const noisy = {
      ...makeField(["metadata", "labels", "helm.sh/chart"], "web-1", "web-2"),
      noise: "chart-label" as const,
    };
    const change = makeChange(makeResource("Deployment", "web"), { fields: [noisy], noise: 1 });
    const text = renderText(makeReport({ apps: [makeApp("apps/web", { changes: [change] })] }));
    assert.ok(!text.includes("web-2"));
    assert.ok(text.includes("1 change that is only noise"));
  });

  test("uses colour only when asked", () => {
    const report = REPORTS.get("risky") ?? makeReport();
    assert.ok(!renderText(report).includes("\u001b"));
    const colored = renderText(report, { color: true });
    assert.match(colored, COLORS);
    assert.equal(colored.replaceAll(COLORS, ""), renderText(report));
  });

  for (const text of HOSTILE_TEXTS) {
    test(`lets ${JSON.stringify(text)} do nothing to a terminal`, () => {
      const output = renderText(makeHostileReport(text), { color: true, showKnown: true }).replaceAll(COLORS, "");
      assert.doesNotMatch(output.replaceAll("\n", ""), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    });
  }
});
