import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Report } from "../../../src/model/index.ts";
import { countFindings } from "../../../src/model/index.ts";
import { renderJson, renderMarkdown, renderSarif, renderText } from "../../../src/report/index.ts";
import { describeRules } from "../../../src/report/describe-rule.ts";
import { renderPageBody } from "../../../src/report/index.ts";
import { makeException, makePolicyFinding, makePolicyReport, POLICY_REPORTS } from "../../fakes/policy-reports.ts";
import { makeFinding, makeReport, makeResource } from "../../fakes/reports.ts";

const FORMATS: readonly (readonly [name: string, render: (report: Report) => string])[] = [
  ["text", (report) => renderText(report, { width: 200 })],
  ["Markdown", (report) => renderMarkdown(report).replaceAll("`", "")],
  ["HTML", (report) => renderPageBody(report)],
];

function tags(amount: number): Report {
  const findings = Array.from({ length: amount }, (_, index) =>
    makePolicyFinding({ message: `Image ${index} has no tag.`, resource: makeResource("Deployment", `web-${index}`) }),
  );
  return makePolicyReport(`Fix ${amount} errors`, findings);
}

describe("findings of policies", () => {
  for (const [name, render] of FORMATS) {
    test(`stand under the title of their rule when it speaks more than three times, in ${name}`, () => {
      const four = render(tags(4));
      assert.ok(four.includes("Images without a fixed tag"));
      assert.equal(four.split("Give the image a version tag, or a digest.").length, 2, "what to do is said once");
      for (const index of [0, 1, 2, 3]) assert.ok(four.includes(`Image ${index} has no tag.`));
      assert.ok(!render(tags(3)).includes("Images without a fixed tag"));
    });

    test(`in Rego name their policy's file and line, in ${name}`, () => {
      const report = POLICY_REPORTS.get("policies") ?? makeReport();
      assert.ok(render(report).includes("policy/owner.rego:9"));
    });

    test(`tell where an exception has expired or waits, in ${name}`, () => {
      const text = render(POLICY_REPORTS.get("policies") ?? makeReport());
      assert.match(text, /The exception for it \(\.github\/drydock\.yaml:7\) expired on 2026-01-31\./u);
      assert.match(text, /An exception for it waits for an approval by team security\./u);
    });

    test(`stand apart once an exception takes them, with reason, day and place, in ${name}`, () => {
      const finding = makePolicyFinding({ exception: makeException() });
      const text = render(makePolicyReport("No violations, 1 exception", [finding]));
      for (const part of ["Exceptions", "until the registry moves", "until 2027-01-31", ".github/drydock.yaml:7"]) {
        assert.ok(text.includes(part), part);
      }
      assert.ok(!text.includes("Errors"), "it is no error");
      assert.ok(!text.includes("1 error"), "it is not counted as one");
      assert.ok(text.includes("1 exception"));
    });
  }

  test("of other rules stay one by one where they say different things", () => {
    const findings = Array.from({ length: 5 }, (_, index) => makeFinding({ message: `Field ${index} is unknown` }));
    assert.doesNotMatch(renderText(makeReport({ findings })), /5 times/u);
  });
});

describe("counts", () => {
  test("hold findings that an exception takes apart, new or known", () => {
    const used = makeException();
    assert.deepEqual(
      countFindings([
        makePolicyFinding({ exception: used }),
        makePolicyFinding({ exception: used, isNew: false }),
        makePolicyFinding({ exception: { ...used, state: "waiting" } }),
        makePolicyFinding({ exception: { ...used, state: "expired" }, isNew: false }),
      ]),
      { newErrors: 1, newWarnings: 0, newNotices: 0, known: 1, excepted: 2 },
    );
  });
});

describe("JSON", () => {
  test("has the check, the exception, and what is left for each check", () => {
    const report = JSON.parse(renderJson(POLICY_REPORTS.get("policies") ?? makeReport())) as {
      outcomes: Record<string, { status: string }>;
      totals: { excepted: number };
      policies: { id: string; file: string; line: number }[];
      findings: { check: string; exception: { state: string; expires: string | null; file: string | null } | null }[];
    };
    assert.deepEqual([report.outcomes["manifests"]?.status, report.outcomes["policy"]?.status], ["passed", "failed"]);
    assert.equal(report.totals.excepted, 2);
    assert.deepEqual(
      report.policies.map(({ id, file, line }) => `${id} ${file}:${line}`),
      ["rego/main/deny_owner policy/owner.rego:9"],
    );
    assert.deepEqual(
      report.findings.flatMap(({ exception }) => (exception === null ? [] : [[exception.state, exception.file]])),
      [
        ["expired", ".github/drydock.yaml"],
        ["waiting", ".github/drydock.yaml"],
        ["used", ".github/drydock.yaml"],
        ["used", null],
      ],
    );
  });
});

describe("SARIF", () => {
  interface Run {
    readonly tool: { readonly driver: { readonly rules: { id: string; helpUri?: string; help: { text: string } }[] } };
    readonly results: { suppressions?: { kind: string; status: string; justification: string }[] }[];
  }
  const runOf = (report: Report): Run => {
    const [run] = (JSON.parse(renderSarif(report)) as { runs: Run[] }).runs;
    assert.ok(run);
    return run;
  };

  test("has exceptions as suppressions, on every result of the run or on none", () => {
    const { results } = runOf(POLICY_REPORTS.get("policies") ?? makeReport());
    const said = results.map(({ suppressions }) => suppressions?.map(({ kind, status }) => `${kind} ${status}`));
    assert.ok(said.every((each) => each !== undefined));
    assert.deepEqual(said.flat().sort(), ["external accepted", "external accepted", "external underReview"]);
    for (const result of runOf(tags(2)).results) assert.equal(result.suppressions, undefined);
  });

  test("describes rules of policies, built-in ones with a link to more", () => {
    const { rules } = runOf(POLICY_REPORTS.get("policies") ?? makeReport()).tool.driver;
    const byId = new Map(rules.map((rule) => [rule.id, rule]));
    assert.match(byId.get("image-tag")?.helpUri ?? "", /^https:\/\/kubernetes\.io\//u);
    assert.match(byId.get("rego/main/deny_owner")?.help.text ?? "", /policy\/owner\.rego:9/u);
  });
});

describe("describeRules", () => {
  const titles: readonly (readonly [id: string, title: string])[] = [
    ["schema", "Not valid by its schema"],
    ["image-tag", "Images without a fixed tag"],
    ["rego/main/deny", "Policy main, rule deny"],
    ["rego/a.b/deny_x", "Policy a.b, rule deny_x"],
    ["vap/no-latest", "Admission policy no-latest"],
    ["kyverno/shop/no-latest", "Admission policy shop/no-latest"],
    ["policy-broken", "Policy that cannot be used"],
    ["__proto__", "Proto"],
    ["", "Finding"],
  ];
  for (const [id, title] of titles) test(id, () => assert.equal(describeRules([])(id).title, title));

  test("a policy's own title wins", () => {
    const policy = { id: "rego/main/deny", kind: "deny", file: "p.rego", line: 2, description: undefined } as const;
    const said = describeRules([{ ...policy, title: "No latest" }])("rego/main/deny");
    assert.deepEqual([said.title, said.place], ["No latest", "p.rego:2"]);
  });
});
