import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findOverrideProblem } from "../../../src/publish/index.ts";
import { renderReport } from "../../../src/report/index.ts";
import { reportOf } from "./publish-fixtures.ts";

describe("what can be overridden", () => {
  const report = reportOf("broken");
  const json = renderReport(report, "json", {});

  it("is every rule of environments, each check, and what the report found", () => {
    const kinds = report.apps.flatMap(({ failure }) => failure?.kind ?? []);
    const rules = report.findings.map(({ rule }) => rule);
    assert.ok(kinds.length > 0 && rules.length > 0);
    for (const name of ["freeze", "approvals", "drydock/policy", ...kinds, ...rules]) {
      assert.equal(findOverrideProblem(name, json), undefined, name);
    }
  });

  it("is nothing else: a misspelt rule is told with the names that exist", () => {
    assert.match(findOverrideProblem("aprovals", json) ?? "", /did you mean `approvals`\? What can be .*`window`/u);
    const [{ rule } = { rule: "" }] = report.findings;
    assert.match(findOverrideProblem(rule, undefined) ?? "", /^nothing of this name/u);
    for (const odd of ["constructor", "__proto__", "drydock"]) assert.ok(findOverrideProblem(odd, json), odd);
  });
});
