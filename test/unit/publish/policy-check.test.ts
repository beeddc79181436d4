import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CheckPart, DesiredCheck, JudgedFinding, Report } from "../../../src/model/index.ts";
import {
  combineVerdicts,
  couldNotCheck,
  judgeReport,
  planPublication,
  waitsForMaintainer,
} from "../../../src/publish/index.ts";
import { measureCheck } from "../../../src/publish/bounds.ts";
import { makeException, makePolicyFinding, makePolicyReport, POLICY_REPORTS } from "../../fakes/policy-reports.ts";
import { makeApp, makeFailure, makeFinding, makeLocation, makeReport } from "../../fakes/reports.ts";
import { assertInert } from "./assert-inert.ts";
import { COMMITS, FACTS, readConfig } from "./publish-fixtures.ts";

const WAITING = "Waiting: approval of 1 exception (team security)";

function partOf(report: Report, name: CheckPart["name"] = "drydock/policy", text = ""): CheckPart {
  const part = judgeReport(report, readConfig(text), COMMITS).parts.find((each) => each.name === name);
  assert.ok(part);
  return part;
}

function named(name: string): Report {
  const report = POLICY_REPORTS.get(name);
  assert.ok(report);
  return report;
}

function stateOf(findings: readonly JudgedFinding[]): string {
  return partOf(makePolicyReport("Fix it", findings)).state;
}

describe("the check of policies", () => {
  it("fails for what policies say, while the manifests' check passes and does not tell of it", () => {
    const report = named("policies");
    const [manifests, policy] = [partOf(report, "drydock/manifests"), partOf(report)];
    assert.deepEqual([manifests.state, policy.state], ["success", "failure"]);
    assert.doesNotMatch(manifests.summary, /image-tag/u);
    assert.deepEqual(manifests.annotations, []);
  });

  it("passes for a fault of manifests, and does not tell of it", () => {
    const failed = { status: "failed", exitCode: 1, title: "Fix 1 error in 1 app" } as const;
    const passed = { status: "passed", exitCode: 0, title: "No violations" } as const;
    const report = makeReport({
      findings: [makeFinding()],
      outcome: failed,
      outcomes: { manifests: failed, policy: passed },
    });
    const policy = partOf(report);
    assert.deepEqual([policy.state, policy.title, policy.annotations.length], ["success", "No violations", 0]);
    assert.doesNotMatch(policy.summary, /replica/u);
  });

  it("is in progress only when exceptions that wait are all that blocks", () => {
    const waiting = makePolicyFinding({ exception: makeException({ state: "waiting" }) });
    assert.equal(stateOf([waiting]), "in_progress");
    assert.equal(stateOf([waiting, makePolicyFinding({ level: "warning" })]), "in_progress");
    assert.equal(stateOf([waiting, makePolicyFinding()]), "failure");
    assert.equal(stateOf([makePolicyFinding({ exception: makeException({ state: "expired" }) })]), "failure");
    assert.equal(stateOf([makePolicyFinding({ exception: makeException() })]), "success");
  });

  it("says until when it holds, and the verdict knows the moment", () => {
    const report = named("policies-excepted");
    assert.match(partOf(report).summary, /counts until 2027-01-31 \(UTC\)/u);
    assert.equal(judgeReport(report, readConfig(), COMMITS).changesAt, Date.parse("2027-02-01T00:00:00Z"));
    const endless = makePolicyReport("No violations, 1 exception", [makePolicyFinding({ exception: makeException() })]);
    assert.doesNotMatch(partOf(endless).summary, /by itself/u);
    assert.equal(judgeReport(endless, readConfig(), COMMITS).changesAt, undefined);
  });

  it("T30: of an app that does not render is not green, and names the app", () => {
    const title = "1 app could not be judged by policies";
    const policy = { status: "not-checked", exitCode: 2, title } as const;
    const outcome = { status: "failed", exitCode: 1, title: "Fix 1 app that does not render" } as const;
    const apps = [makeApp("apps/web", { failure: makeFailure() })];
    const part = partOf(makeReport({ apps, outcome, outcomes: { manifests: outcome, policy } }));
    assert.deepEqual([part.state, part.title], ["failure", title]);
    assert.match(part.summary, /^1 app not judged$/mu);
    assert.match(part.summary, /`drydock\/manifests` says of it: `kustomize:apps\/web`/u);
    assert.deepEqual(part.annotations, []);
  });

  it("has its own share of annotations", () => {
    const many = (amount: number, check: JudgedFinding["check"]): JudgedFinding[] =>
      Array.from({ length: amount }, (_, line) => makeFinding({ check, location: makeLocation("a.yaml", line + 1) }));
    const report = makeReport({ findings: [...many(30, "manifests"), ...many(30, "policy")] });
    for (const name of ["drydock/manifests", "drydock/policy"] as const) {
      const { annotations, summary } = partOf(report, name, "checks: { annotations: 20 }");
      assert.equal(annotations.length, 20);
      assert.match(summary, /20 findings on lines, 10 more in this report alone/u);
    }
  });

  it("says rule by rule why, what to do and where, the rules that block first", () => {
    const { summary } = partOf(named("policies"));
    assert.match(summary, /^- \*\*4 errors\*\*: Images without a fixed tag \(`image-tag`\)$/mu);
    assert.equal(summary.match(/\*\*What to do:\*\* Give the image a version tag/gu)?.length, 1);
    assert.match(summary, /The policy: `policy\/owner\.rego:9`/u);
    assert.match(summary, /`host-access` waits for team `security`: a node agent/u);
    assert.match(summary, /`image-tag`: until the registry moves \(until `2027-01-31`/u);
    assert.match(summary, /^- Images without a fixed tag \(`image-tag`\): 2$/mu);
    assert.match(summary, /expired on `2026-01-31`/u);
  });

  it("T47: of 100,000 violations stays within GitHub's bytes and counts them", () => {
    const findings = Array.from({ length: 100_000 }, (_, index) =>
      makePolicyFinding({ rule: `rego/main/deny_${index % 300}`, message: `${index} is wrong ${"é".repeat(40)}` }),
    );
    const part = partOf(makePolicyReport("Fix 100000 errors", findings));
    assert.ok(measureCheck(part.summary) <= 65_535);
    assert.ok(measureCheck(part.details) <= 65_535);
    assert.equal(part.annotations.length, 200);
    assert.match(part.summary, /^100,000 errors$/mu);
    assert.match(part.summary, /^Shortened to fit: /mu);
    assertInert(part.summary);
  });
});

describe("checks that wait for an approval", () => {
  const verdict = judgeReport(named("policies-waiting"), readConfig(), COMMITS);
  const checksOf = (number: number | undefined, text = ""): readonly DesiredCheck[] => {
    const said = text === "" ? verdict : judgeReport(named("policies-waiting"), readConfig(text), COMMITS);
    return combineVerdicts(COMMITS.headSha, [{ number, baseRef: "main", verdict: said }]);
  };
  const tell = (checks: readonly DesiredCheck[]): readonly unknown[] =>
    checks.map(({ state, title }) => [state, title]);

  it("keep the gate in progress, with the team in the title", () => {
    assert.deepEqual(tell(checksOf(7)), [
      ["in_progress", WAITING],
      ["success", "1 app changes, no errors"],
      ["in_progress", WAITING],
      ["success", "No environment changes"],
    ]);
    assert.match(checksOf(7)[2]?.summary ?? "", /`\/drydock approve`/u);
  });

  it("fail in a merge queue, which cannot wait", () => {
    const [gate, , policy] = checksOf(undefined);
    assert.deepEqual(tell([gate, policy].flatMap((each) => each ?? [])), [
      ["failure", "Missing: approval of 1 exception (team security)"],
      ["failure", "Missing: approval of 1 exception (team security)"],
    ]);
  });

  it("pass in advise mode", () => {
    const [gate] = checksOf(7, "mode: advise");
    assert.deepEqual(tell(gate === undefined ? [] : [gate]), [
      ["success", "Would have waited: approval of 1 exception (team security)"],
    ]);
  });
});

describe("checks without a report", () => {
  for (const verdict of [couldNotCheck("GitHub did not answer", COMMITS), waitsForMaintainer(COMMITS)]) {
    it(`T30: ${verdict.parts[0]?.title ?? ""} is said by every check`, () => {
      const names = verdict.parts.map(({ name }) => name);
      assert.deepEqual(names, ["drydock/manifests", "drydock/policy", "drydock/environments"]);
      const [manifests] = verdict.parts;
      for (const part of verdict.parts) assert.deepEqual({ ...part, name: "" }, { ...manifests, name: "" });
    });
  }
});

describe("findings that an exception takes", () => {
  const commentable = new Map([["apps/web/base/deployment.yaml", [[1, 40] as const]]]);
  const publish = (exception: JudgedFinding["exception"]) => {
    const report = makePolicyReport("Fix 1 error in 1 app", [makePolicyFinding({ exception })]);
    const config = readConfig('labels: { state: "drydock/{state}" }');
    return { part: partOf(report), plan: planPublication(report, config, { ...FACTS, commentable }) };
  };

  it("have no annotation, no review comment, and leave the pull request ready", () => {
    const { part, plan } = publish(makeException());
    assert.deepEqual([part.annotations, plan.review.threads], [[], []]);
    assert.deepEqual(
      plan.labels.map(({ name }) => name),
      ["drydock/ready"],
    );
    assert.match(plan.comments[0] ?? "", /<b>Exceptions<\/b> \(1\)/u);
    assert.doesNotMatch(plan.comments[0] ?? "", /<b>Errors<\/b>/u);
  });

  it("have both when it has expired, with the day", () => {
    const { part, plan } = publish(makeException({ state: "expired", expires: "2026-01-31" }));
    assert.match(part.annotations[0]?.message ?? "", /expired on 2026-01-31\.$/mu);
    assert.match(plan.review.threads[0]?.body ?? "", /expired on `2026-01-31`/u);
  });

  it("are no reason to write where nothing that deploys changes", () => {
    const report = makePolicyReport("No violations, 1 exception", [makePolicyFinding({ exception: makeException() })], {
      apps: [makeApp("apps/web")],
    });
    assert.deepEqual(planPublication(report, readConfig(), FACTS).comments, []);
  });
});
