import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { limitFindings, renderReport } from "../../../src/report/index.ts";
import { makeApp, makeFinding, makeReport } from "../../fakes/reports.ts";

const ASSETS = { diffStyle: "", diffScript: "", pageStyle: "", pageScript: "" };

describe("a report of very many findings", () => {
  const fresh = Array.from({ length: 9_000 }, (_, index) => makeFinding({ path: ["a", index] }));
  const known = Array.from({ length: 91_000 }, (_, index) => makeFinding({ isNew: false, path: ["b", index] }));
  const report = makeReport({ apps: [makeApp("apps/web")], findings: [...fresh, ...known] });
  const note =
    "90,000 findings of 100,000 findings left out of this report, all of them known: it lists the most important ones.";

  test("lists the most important ones and says how many are left out", () => {
    const limited = limitFindings(report);
    assert.equal(limited.findings.length, 10_000);
    assert.equal(limited.findings.filter(({ isNew }) => isNew).length, 9_000);
    assert.deepEqual(limited.notes[0], note);
    assert.deepEqual(limited.totals, report.totals);
    assert.equal(limitFindings(makeReport({ findings: fresh })).findings, fresh, "what has room stays as it is");
  });

  for (const [format, most] of [
    ["json", 25e6],
    ["text", 4e6],
    ["html", 8e6],
  ] as const) {
    test(`as ${format} is bounded and says so`, () => {
      const text = renderReport(report, format, { assets: ASSETS });
      assert.ok(text.length < most, String(text.length));
      assert.ok(text.replace(/\s+/gu, " ").includes("90,000 findings of 100,000 findings left out of this report"));
    });
  }

  test("counts a finding with each of its apps", () => {
    const apps = Array.from({ length: 1_000 }, (_, index) => `app-${index}`) as unknown as (typeof fresh)[0]["apps"];
    const wide = Array.from({ length: 80 }, (_, index) => makeFinding({ path: ["a", index], apps }));
    const limited = limitFindings(makeReport({ findings: wide }));
    assert.equal(limited.findings.length, 50);
    assert.match(
      limited.notes[0] ?? "",
      /^30 findings of 80 findings left out of this report, 30 new ones among them/u,
    );
  });
});
