import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CheckAnnotation, CheckState, DesiredCheck, HeadVerdict, Verdict } from "../../../src/model/index.ts";
import { combineVerdicts, couldNotCheck, judgeReport } from "../../../src/publish/index.ts";
import { measureCheck } from "../../../src/publish/bounds.ts";
import { assertInert } from "./assert-inert.ts";
import { COMMITS, readConfig, reportOf } from "./publish-fixtures.ts";

const HEAD = COMMITS.headSha;

function judge(name: string, baseRef = "main", text = ""): Verdict {
  return judgeReport(reportOf(name), readConfig(text), { ...COMMITS, baseRef });
}

function of(
  number: number | undefined,
  verdict: Verdict | undefined,
  baseRef = verdict?.baseRef ?? "main",
): HeadVerdict {
  return { number, baseRef, verdict };
}

function gateOf(checks: readonly DesiredCheck[]): DesiredCheck {
  const [gate] = checks;
  assert.equal(gate?.name, "drydock");
  return gate;
}

function manifestsOf(checks: readonly DesiredCheck[]): DesiredCheck {
  const check = checks.find(({ name }) => name === "drydock/manifests");
  assert.ok(check);
  return check;
}

describe("combineVerdicts", () => {
  it("gives one pull request its own verdict, the gate first", () => {
    const verdict = judge("broken");
    const checks = combineVerdicts(HEAD, [of(7, verdict)]);
    assert.deepEqual(
      checks.map(({ name, state, title }) => [name, state, title]),
      [
        ["drydock", "failure", "1 app no longer renders; 1 error"],
        ["drydock/manifests", "failure", "1 app no longer renders; 1 error"],
        ["drydock/policy", "failure", "1 app could not be judged by policies"],
        ["drydock/environments", "success", "No environment changes"],
      ],
    );
    const [part] = verdict.parts;
    assert.equal(manifestsOf(checks).summary, part?.summary);
    assert.deepEqual(manifestsOf(checks).annotations, part?.annotations);
    assert.deepEqual(gateOf(checks).annotations, [], "annotations stand once");
    assert.match(gateOf(checks).summary, /- `drydock\/manifests`: \*\*failed\*\*: 1 app no longer renders/u);
  });

  it("gives no checks for no verdicts", () => assert.deepEqual(combineVerdicts(HEAD, []), []));

  const table: readonly (readonly [readonly (string | undefined)[], CheckState])[] = [
    [["good", "quiet"], "success"],
    [["good", "broken"], "failure"],
    [["good", undefined], "in_progress"],
    [["broken", undefined], "failure"],
    [["good", "not-checked"], "failure"],
    [[undefined], "in_progress"],
  ];
  for (const [names, state] of table) {
    it(`T22: ${names.map((name) => name ?? "not judged yet").join(" and ")} on one head are ${state}, in any order`, () => {
      const verdicts = names.map((name, index) => of(index + 1, name === undefined ? undefined : judge(name)));
      const checks = combineVerdicts(HEAD, verdicts);
      assert.equal(gateOf(checks).state, state);
      assert.equal(manifestsOf(checks).state, state);
      assert.deepEqual(combineVerdicts(HEAD, verdicts.toReversed()), checks);
    });
  }

  it("T22: the summary lists the pull requests by base, and holds the worst one's report", () => {
    const checks = combineVerdicts(HEAD, [
      of(12, judge("good", "main")),
      of(9, judge("broken", "release")),
      of(13, undefined, "dev"),
    ]);
    const { title, summary, text } = manifestsOf(checks);
    assert.equal(title, "release: 1 app no longer renders; 1 error");
    assert.deepEqual(
      summary.split("\n").filter((line) => /^- `.*\*\*(failed|waiting|passed)/u.test(line)),
      [
        "- `release` (`#9`): **failed**: 1 app no longer renders; 1 error",
        "- `dev` (`#13`): **waiting**: Being checked",
        "- `main` (`#12`): **passed**: 1 app changes, nothing is wrong",
      ],
    );
    assert.match(summary, /<b>Broken by this change<\/b>/u);
    assert.match(text, /^### Into `main` \(`#12`\)$/mu);
    assertInert(summary);
    assertInert(text);
  });

  it("T22: two pull requests into one base are told apart by number, a merge group has none", () => {
    const checks = combineVerdicts(HEAD, [of(1, judge("good")), of(2, judge("broken"))]);
    assert.equal(manifestsOf(checks).title, "#2: 1 app no longer renders; 1 error");
    const group = combineVerdicts(HEAD, [of(1, judge("good")), of(undefined, judge("broken"))]);
    assert.match(manifestsOf(group).title, /^Merge queue: /u);
  });

  it("keeps a title within 60 when the base has a long name", () => {
    const checks = combineVerdicts(HEAD, [of(1, judge("good")), of(2, judge("broken", "b".repeat(70)))]);
    assert.equal(manifestsOf(checks).title, "1 app no longer renders; 1 error");
  });

  it("passes in advise mode and says what would have failed; what waits still waits", () => {
    const advised = combineVerdicts(HEAD, [of(1, judge("broken", "main", "mode: advise"))]);
    for (const { state, title } of [gateOf(advised), manifestsOf(advised)])
      assert.deepEqual([state, title], ["success", "Would have failed: 1 app no longer renders; 1 error"]);
    assert.match(manifestsOf(advised).summary, /^This repository is in advise mode/u);
    const good = combineVerdicts(HEAD, [of(1, judge("good", "main", "mode: advise"))]);
    assert.equal(gateOf(good).title, "1 app changes, nothing is wrong");
    assert.equal(gateOf(combineVerdicts(HEAD, [of(1, undefined)])).state, "in_progress");
  });

  it("T22: one base that enforces is not outweighed by one that only advises", () => {
    const checks = combineVerdicts(HEAD, [
      of(1, judge("broken", "dev", "mode: advise")),
      of(2, judge("not-checked", "main")),
    ]);
    assert.equal(gateOf(checks).state, "failure");
  });

  it("T30: a verdict without the check it should have is not green", () => {
    const empty = { ...judge("good"), parts: [] };
    assert.equal(gateOf(combineVerdicts(HEAD, [of(1, empty)])).state, "in_progress");
  });

  it("T47: stays within GitHub's bytes when every report is as long as it may be", () => {
    const long = (title: string): Verdict => {
      const verdict = couldNotCheck("x", COMMITS);
      const [part] = verdict.parts;
      assert.ok(part);
      return { ...verdict, parts: [{ ...part, title, summary: "é".repeat(31_000), details: "ü".repeat(31_000) }] };
    };
    const verdicts = Array.from({ length: 80 }, (_, index) => of(index + 1, long("é".repeat(60))));
    for (const { summary, text } of combineVerdicts(HEAD, verdicts)) {
      assert.ok(measureCheck(summary) <= 65_535);
      assert.ok(measureCheck(text) <= 65_535);
    }
    const { summary, text } = manifestsOf(combineVerdicts(HEAD, verdicts));
    assert.match(summary, /^- and 30 more$/mu);
    assert.match(text, /Further reports have no room here/u);
  });

  it("shows a finding once that two pull requests bring, errors first", () => {
    const note = (path: string, level: CheckAnnotation["level"]): CheckAnnotation => {
      return { path, startLine: 1, endLine: 1, level, title: "t", message: "m" };
    };
    const withNotes = (annotations: readonly CheckAnnotation[]): Verdict => {
      const verdict = judge("good");
      return { ...verdict, parts: verdict.parts.map((part) => ({ ...part, annotations })) };
    };
    const checks = combineVerdicts(HEAD, [
      of(1, withNotes([note("a", "warning"), note("b", "notice")])),
      of(2, withNotes([note("a", "warning"), note("c", "error")])),
    ]);
    assert.deepEqual(
      manifestsOf(checks).annotations.map(({ path }) => path),
      ["c", "a", "b"],
    );
  });

  it("links the page of the pull request whose verdict counts", () => {
    const verdicts = [of(1, judge("good")), of(2, judge("broken"))];
    const checks = combineVerdicts(HEAD, verdicts, ({ number }) => `/shop/deploy/pull/${number}`);
    assert.deepEqual(
      [gateOf(checks), manifestsOf(checks)].map(({ page }) => page),
      ["/shop/deploy/pull/2", "/shop/deploy/pull/2"],
    );
  });

  it("T45: base branches are text", () => {
    const verdicts = [of(1, judge("good", "`@org`")), of(2, judge("broken", "<img src=x>#1"))];
    for (const { summary, text } of combineVerdicts(HEAD, verdicts)) {
      assertInert(summary);
      assertInert(text);
    }
  });
});
