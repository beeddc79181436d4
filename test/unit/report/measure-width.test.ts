import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { measureWidth, renderText } from "../../../src/report/index.ts";
import { makeFinding, makeReport, REPORTS } from "../../fakes/reports.ts";

describe("measureWidth", () => {
  const cases: readonly (readonly [text: string, columns: number])[] = [
    ["", 0],
    ["apps/web", 8],
    ["für", 3],
    ["fu\u0308r", 3],
    ["漢字", 4],
    ["한국", 4],
    ["カナ", 4],
    ["ｶﾅ", 2],
    ["ＡＢ", 4],
    ["👩‍👩‍👧", 2],
    ["🇩🇪", 2],
    ["❤️", 2],
    ["… → ✗ ·", 7],
  ];
  for (const [text, columns] of cases) it(`${text}: ${columns}`, () => assert.equal(measureWidth(text), columns));
});

describe("a terminal of 60 columns", () => {
  for (const [name, report] of REPORTS) {
    // Its words are longer than any terminal.
    if (name === "hostile") continue;
    it(`holds every line of the report "${name}"`, () => {
      const lines = renderText(report, { width: 60 }).split("\n");
      assert.deepEqual(
        lines.filter((line) => measureWidth(line) > 60),
        [],
      );
    });
  }

  it("holds text of wide characters", () => {
    const report = makeReport({ findings: [makeFinding({ message: "設定 ".repeat(60) })] });
    const lines = renderText(report, { width: 60 }).split("\n");
    assert.ok(lines.some((line) => line.includes("設定 設定")));
    assert.ok(lines.every((line) => measureWidth(line) <= 60));
  });
});
