import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { renderReport, type ReportFormat } from "../../../src/report/index.ts";
import { makeApp, makeChange, makeReport, makeResource } from "../../fakes/reports.ts";

const ASSETS = { diffStyle: "", diffScript: "", pageStyle: "", pageScript: "" };
const hooks = ["pre-install", "pre-upgrade"];
const report = makeReport({
  apps: [
    makeApp("charts/web", {
      changes: [
        makeChange(makeResource("Job", "changed"), { hooks, diff: "@@ -1 +1 @@\n-a\n+b\n" }),
        makeChange(makeResource("Job", "added"), { hooks, action: "added" }),
        makeChange(makeResource("Job", "removed"), { hooks, action: "removed" }),
        makeChange(makeResource("Job", "usual"), { action: "added" }),
      ],
    }),
  ],
});
const render = (format: ReportFormat): string => renderReport(report, format, { assets: ASSETS });

describe("a Helm hook", () => {
  for (const format of ["text", "markdown", "html"] as const) {
    it(`is named as such at each change as ${format}`, () => {
      const text = render(format);
      for (const name of ["changed", "added", "removed"]) {
        assert.match(text, new RegExp(`Job shop/${name}\\b[^]{0,150}hook: pre-install, pre-upgrade`, "u"), name);
      }
      assert.equal(text.split("hook: ").length - 1, 3, "what is applied as usual is no hook");
    });
  }

  it("has its events in JSON, as the schema has it", () => {
    const json = JSON.parse(render("json")) as { apps: { changes: { name: string; hooks?: unknown }[] }[] };
    assert.deepEqual(
      json.apps.flatMap(({ changes }) => changes.map((change) => change.hooks)),
      [hooks, hooks, hooks, undefined],
    );
    const schema = readFileSync(new URL("../../../schemas/report.schema.json", import.meta.url), "utf8");
    const validate = new Ajv2020({ strict: false }).compile(JSON.parse(schema) as object);
    assert.ok(validate(json), JSON.stringify(validate.errors));
  });
});
