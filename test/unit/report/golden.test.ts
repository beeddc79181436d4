import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { REPORT_FORMATS, renderReport } from "../../../src/report/index.ts";
import { POLICY_REPORTS } from "../../fakes/policy-reports.ts";
import { REPORTS } from "../../fakes/reports.ts";

// The page's own assets are tested with the real ones in test/integration/report; here they would only be weight.
const ASSETS = {
  diffStyle: "/* diff2html */",
  diffScript: "/* diff2html */",
  pageStyle: "/* page */",
  pageScript: "/* page */",
};
const FOLDER = new URL("../../golden/report/", import.meta.url);
const isUpdate = process.env["UPDATE_GOLDEN"] === "1";

for (const [name, report] of [...REPORTS, ...POLICY_REPORTS]) {
  for (const format of REPORT_FORMATS) {
    // Hundreds of equal entries say nothing more; the tests of these two formats look at them.
    if (name === "many-findings" && (format === "json" || format === "sarif")) continue;
    test(`${name} as ${format} is what test/golden/report/${name}.${format} says`, () => {
      const actual = renderReport(report, format, { assets: ASSETS });
      const file = new URL(`${name}.${format}`, FOLDER);
      if (isUpdate) {
        mkdirSync(FOLDER, { recursive: true });
        writeFileSync(file, actual);
      }
      const expected = readFileSync(file, "utf8");
      assert.ok(expected.trim().length > 80, "a golden file must not be empty");
      assert.equal(actual, expected);
      assert.equal(renderReport(report, format, { assets: ASSETS }), actual, "the same report gives the same bytes");
    });
  }
}
