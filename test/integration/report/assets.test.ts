import assert from "node:assert/strict";
import { Script } from "node:vm";
import { describe, test } from "node:test";
import { loadReportAssets } from "../../../src/report/assets.ts";
import { renderHtml } from "../../../src/report/index.ts";
import { REPORTS } from "../../fakes/reports.ts";

describe("loadReportAssets", () => {
  test("gives styles and scripts that need no host, and scripts that parse", async () => {
    const assets = await loadReportAssets();
    for (const style of [assets.diffStyle, assets.pageStyle]) assert.doesNotMatch(style, /url\(|@import/u);
    for (const script of [assets.diffScript, assets.pageScript]) assert.ok(new Script(script));
    assert.doesNotMatch(assets.pageScript, /\bfetch\(|XMLHttpRequest|import\(/u);
  });

  test("makes a page of a size that mail and artifact stores take", async () => {
    const assets = await loadReportAssets();
    for (const [name, report] of REPORTS) {
      const page = renderHtml(report, assets);
      assert.ok(page.startsWith("<!doctype html>\n"), name);
      assert.ok(page.length < 400_000, `${name} has ${page.length} characters`);
    }
  });

  test("draws a diff without inline styles or scripts, whatever the diff holds", async () => {
    const { diffScript } = await loadReportAssets();
    const holder: { Diff2Html?: { html: (diff: string, options: object) => string } } = {};
    new Script(`(function () { ${diffScript} }).call(holder)`).runInNewContext({ holder, self: holder });
    const diff =
      "--- resource\n+++ resource\n@@ -1,2 +1,2 @@\n-<img src=x onerror=alert(1)>\n+<script>alert(1)</script>\n same\n";
    const drawn = holder.Diff2Html?.html(diff, { outputFormat: "side-by-side", drawFileList: false }) ?? "";
    assert.ok(drawn.includes("&lt;"));
    assert.doesNotMatch(drawn, /<script|<img|<[^>]*\s(?:style|on\w+)=/iu);
  });
});
