import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CheckPart, Report } from "../../../src/model/index.ts";
import { couldNotCheck, judgeReport, progressChecks, waitsForMaintainer } from "../../../src/publish/index.ts";
import { measureCheck } from "../../../src/publish/bounds.ts";
import { makeApp, makeFailure, makeFinding, makeLocation, makeReport, REPORTS } from "../../fakes/reports.ts";
import { POLICY_REPORTS } from "../../fakes/policy-reports.ts";
import { assertInert } from "./assert-inert.ts";
import { COMMITS, PAGE, readConfig, reportOf } from "./publish-fixtures.ts";

const config = readConfig();

function partOf(report: Report, text = "", name: CheckPart["name"] = "drydock/manifests"): CheckPart {
  const { parts } = judgeReport(report, readConfig(text), COMMITS);
  assert.deepEqual(
    parts.map((part) => part.name),
    ["drydock/manifests", "drydock/policy", "drydock/environments"],
  );
  const part = parts.find((each) => each.name === name);
  assert.ok(part);
  return part;
}

describe("judgeReport", () => {
  const states: readonly (readonly [name: string, state: string, title: string])[] = [
    ["quiet", "success", "Nothing that deploys changes"],
    ["good", "success", "1 app changes, nothing is wrong"],
    ["broken", "failure", "1 app no longer renders; 1 error"],
    ["not-checked", "failure", "1 changed app could not be rendered, before and after"],
    ["known-only", "success", "1 app changes, nothing new is wrong"],
  ];
  for (const [name, state, title] of states) {
    it(`${name} is ${state}`, () => {
      const part = partOf(reportOf(name));
      assert.deepEqual([part.name, part.state, part.title], ["drydock/manifests", state, title]);
    });
  }

  it("says what to do when it fails, and nothing of the kind when it passes", () => {
    assert.match(partOf(reportOf("broken")).summary, /^Push a fix, or comment `\/drydock check`/mu);
    assert.doesNotMatch(partOf(reportOf("good")).summary, /\/drydock/u);
  });

  it("says once, at its end, what is off for want of a permission, where something would have been written", () => {
    const silence = "Comments are off.";
    const summaryOf = (name: string): string =>
      judgeReport(reportOf(name), config, { ...COMMITS, silence }).parts[0]?.summary ?? "";
    assert.equal(summaryOf("good").split(silence).length, 2);
    assert.ok(summaryOf("good").endsWith(silence));
    assert.doesNotMatch(summaryOf("quiet"), /Comments are off/u);
  });

  it("T30: is never green for what could not be looked at, in advise mode neither before it is combined", () => {
    assert.equal(partOf(reportOf("not-checked"), "mode: advise").state, "failure");
    assert.equal(judgeReport(reportOf("not-checked"), readConfig("mode: advise"), COMMITS).isAdvice, true);
    assert.equal(judgeReport(reportOf("good"), config, COMMITS).isAdvice, false);
  });

  it("T47: keeps a title of astral characters within 60, without half a character", () => {
    const report = makeReport({ outcome: { status: "failed", exitCode: 1, title: "😀".repeat(61) } });
    assert.equal(partOf(report).title, `${"😀".repeat(59)}…`);
  });
});

describe("annotations of a report", () => {
  it("come with broken renders and errors first, on their lines, and known ones not at all", () => {
    const findings = [
      makeFinding({ level: "notice", location: makeLocation("a.yaml", 9) }),
      makeFinding({ location: { file: "b.yaml", line: 3, endLine: 5, column: 1 }, help: "Rename it." }),
      makeFinding({ isNew: false, location: makeLocation("old.yaml", 1) }),
    ];
    const app = makeApp("apps/web", {
      failure: makeFailure({ location: makeLocation("apps/web/kustomization.yaml") }),
    });
    const { annotations } = partOf(makeReport({ apps: [app], findings }));
    assert.deepEqual(
      annotations.map(({ path, startLine, endLine, level }) => `${level} ${path}:${startLine}-${endLine}`),
      ["error apps/web/kustomization.yaml:1-1", "error b.yaml:3-5", "notice a.yaml:9-9"],
    );
    assert.equal(annotations[0]?.title, "Does not render: kustomize:apps/web");
    assert.equal(annotations[1]?.title, "schema: Deployment shop/web");
    assert.match(annotations[1].message, /did you mean "replicas"\?\nRename it\.\nField: spec\.replica\nIn /u);
  });

  it("are one for forty apps that fail alike", () => {
    const apps = Array.from({ length: 40 }, (_, index) => makeApp(`clusters/${index}`, { failure: makeFailure() }));
    const { annotations } = partOf(makeReport({ apps }));
    assert.equal(annotations.length, 1);
    assert.match(annotations[0]?.title ?? "", /^Do not render: 40 apps: kustomize:clusters\/0, /u);
  });

  it("T47: stop at the configured number, and the summary counts the rest", () => {
    const part = partOf(reportOf("many-findings"));
    assert.equal(part.annotations.length, 200);
    assert.match(part.summary, /^200 findings on lines, 100 more in this report alone\.$/mu);
    assert.equal(partOf(reportOf("many-findings"), "checks: {annotations: 0}").annotations.length, 0);
    assert.equal(part.annotations.filter(({ level }) => level === "error").length, 40);
  });

  it("T47: keep GitHub's bounds whatever the text is", () => {
    const text = "😀\u202e".repeat(40_000);
    const finding = makeFinding({ rule: text, message: text, help: text, apps: [text], path: [text] });
    const [annotation] = partOf(makeReport({ findings: [finding] })).annotations;
    assert.ok(annotation);
    assert.ok(Array.from(annotation.title).length <= 255);
    assert.ok(Buffer.byteLength(annotation.message) <= 64_000);
    assert.ok(!/[\u202e]/u.test(annotation.title + annotation.message));
  });

  for (const path of ["", "/etc/passwd", "../x.yaml", "a/../b.yaml", "a//b", "a\nb", "a\0b"]) {
    it(`T47: leave out the path ${JSON.stringify(path)}, which no tree has`, () => {
      const report = makeReport({ findings: [makeFinding({ location: makeLocation(path, 1) }), makeFinding()] });
      assert.equal(partOf(report).annotations.length, 1);
    });
  }
});

describe("the hash of a verdict", () => {
  const report = reportOf("risky");
  const { hash } = judgeReport(report, config, COMMITS);

  it("is the same when only commits of the base moved", () => {
    const moved = { ...report, base: { ...report.base, commit: "2".repeat(40), tree: "3".repeat(40) } };
    const verdict = judgeReport(moved, config, { ...COMMITS, baseSha: "2".repeat(40) });
    assert.equal(verdict.hash, hash);
    assert.deepEqual(verdict.parts, judgeReport(report, config, COMMITS).parts);
  });

  it("differs when anything differs that would be published", () => {
    const [app] = report.apps;
    assert.ok(app);
    const others = [
      judgeReport({ ...report, notes: ["Another note."] }, config, COMMITS),
      judgeReport({ ...report, apps: [{ ...app, environment: "staging" }] }, config, COMMITS),
      judgeReport(report, readConfig("mode: advise"), COMMITS),
      judgeReport(report, readConfig("comment: {enabled: false}"), COMMITS),
      judgeReport(report, readConfig('labels: {risk: "risk/{risk}"}'), COMMITS),
      judgeReport(report, readConfig("checks: {annotations: 0}"), COMMITS),
    ];
    assert.equal(new Set([hash, ...others.map((each) => each.hash)]).size, others.length + 1);
  });
});

describe("checks without a report", () => {
  it("T30: could not check is a failure that says what to do, and its reason is text", () => {
    const verdict = couldNotCheck(
      "GitHub's git did not answer, says @org/team <img src=x>\nhttps://x.example",
      COMMITS,
    );
    const [part] = verdict.parts;
    assert.equal(part?.state, "failure");
    assert.match(part.title, /^Could not check: GitHub's git did not answer/u);
    assert.ok(Array.from(part.title).length <= 60);
    assert.match(part.summary, /Comment `\/drydock check`, or press Re-run/u);
    assertInert(part.summary);
    assert.equal(verdict.isAdvice, false);
  });

  it("waits for a maintainer, and fails nothing meanwhile", () => {
    const [part] = waitsForMaintainer(COMMITS).parts;
    assert.equal(part?.state, "in_progress");
    assert.equal(part.title, "Waiting: a maintainer has to comment /drydock check");
    assertInert(part.summary);
  });

  it("shows all checks in progress, the gate first", () => {
    assert.deepEqual(
      progressChecks("/shop/deploy/pull/7").map(({ name, state, page }) => [name, state, page]),
      [
        ["drydock", "in_progress", "/shop/deploy/pull/7"],
        ["drydock/manifests", "in_progress", "/shop/deploy/pull/7"],
        ["drydock/policy", "in_progress", "/shop/deploy/pull/7"],
        ["drydock/environments", "in_progress", "/shop/deploy/pull/7"],
      ],
    );
    for (const { title } of progressChecks()) assert.ok(title.length <= 60);
  });
});

describe("summary and details", () => {
  for (const [name, report] of [...REPORTS, ...POLICY_REPORTS]) {
    it(`T45, T47: of ${name} are inert and within GitHub's bytes`, () => {
      for (const part of judgeReport(report, config, { ...COMMITS, pageUrl: PAGE }).parts) {
        for (const text of [part.summary, part.details]) {
          assertInert(text, PAGE);
          assert.ok(measureCheck(text) <= 65_535);
        }
        assert.notEqual(part.summary, "");
      }
    });
  }
});
