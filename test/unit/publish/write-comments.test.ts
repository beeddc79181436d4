import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Report } from "../../../src/model/index.ts";
import { planPublication, judgeReport } from "../../../src/publish/index.ts";
import type { PublicationFacts } from "../../../src/publish/index.ts";
import { measureCheck, measureComment } from "../../../src/publish/bounds.ts";
import { makeApp, makeChange, makeFinding, makeLocation, makeReport, makeResource } from "../../fakes/reports.ts";
import { assertInert } from "./assert-inert.ts";
import { COMMITS, FACTS, manyApps, PAGE, readConfig, reportOf } from "./publish-fixtures.ts";

function commentsOn(report: Report, text = "", facts: Partial<PublicationFacts> = {}): readonly string[] {
  return planPublication(report, readConfig(text), { ...FACTS, ...facts }).comments;
}

function wide(amount: number, lines = 40, text = "new: "): Report {
  return manyApps(amount, lines, text, (path, name, diff) =>
    makeApp(path, { changes: [makeChange(makeResource("Deployment", name), { diff, likeness: path })] }),
  );
}

/** Apps whose own fold, an entry of a list, or a line of the totals stands somewhere in the comments. */
function countNamed(comments: readonly string[]): number {
  const text = comments.join("\n");
  return new Set(Array.from(text.matchAll(/kustomize:apps\/team-\d+(?=[`<])/gu), (match) => match[0])).size;
}

describe("the sticky comment", () => {
  it("says the outcome first, the commit and the page last", () => {
    const [comment = ""] = commentsOn(reportOf("broken"));
    const lines = comment.trimEnd().split("\n");
    assert.equal(lines[0], "### 1 app no longer renders; 1 error");
    assert.match(
      lines.at(-1) ?? "",
      /^\[Full report\]\(https:\/\/drydock\.example\/shop\/deploy\/pull\/7\)\. Commit `9e8d7c6` compared with `main` by /u,
    );
    assertInert(comment, PAGE);
  });

  it("is the same when only commits of the base moved", () => {
    const report = reportOf("risky");
    const moved = { ...report, base: { ...report.base, commit: "2".repeat(40), tree: "3".repeat(40) } };
    assert.deepEqual(commentsOn(moved), commentsOn(report));
  });

  it("is none where nothing that deploys changes, on quiet pull requests and where comments are off", () => {
    assert.deepEqual(commentsOn(reportOf("quiet")), []);
    assert.deepEqual(commentsOn(reportOf("broken"), "", { isQuiet: true }), []);
    assert.deepEqual(commentsOn(reportOf("broken"), "comment: {enabled: false}"), []);
  });

  it("is one where the check passes over an app that could not be rendered", () => {
    const [, tolerated] = reportOf("broken").apps;
    assert.equal(tolerated?.failure?.effect, "passes");
    assert.equal(commentsOn(makeReport({ apps: [tolerated] })).length, 1);
  });

  it("has no link on a pull request from a fork, unless everybody can open the page", () => {
    const [fork = ""] = commentsOn(reportOf("good"), "", { isFork: true });
    assert.doesNotMatch(fork, /https?:/u);
    const [open = ""] = commentsOn(reportOf("good"), "", { isFork: true, isPagePublic: true });
    assert.ok(open.includes(`(${PAGE})`));
  });

  it("links nothing but an http address, and nothing ends the link early", () => {
    for (const pageUrl of ["javascript:alert(1)", "not an address"])
      assert.doesNotMatch(commentsOn(reportOf("good"), "", { pageUrl }).join(), /\]\(/u);
    const [comment = ""] = commentsOn(reportOf("good"), "", { pageUrl: "https://d.example/a)b <c" });
    assert.ok(comment.includes("](https://d.example/a%29b%20%3Cc)"));
  });

  it("says in advise mode that it would have failed, and that the check passes", () => {
    const [comment = ""] = commentsOn(reportOf("broken"), "mode: advise");
    assert.match(
      comment,
      /^### Would have failed: 1 app no longer renders; 1 error\n\n.*\n\nThis repository is in advise mode/u,
    );
    assert.doesNotMatch(commentsOn(reportOf("good"), "mode: advise").join(), /advise/u);
  });
});

describe("a long report", () => {
  it("T47: goes on in linked comments, each within the limit, whole folds at a time", () => {
    const comments = commentsOn(wide(150));
    assert.equal(comments.length, 2);
    for (const comment of comments) {
      assert.ok(measureComment(comment) <= 65_000);
      assertInert(comment, PAGE);
    }
    assert.match(comments[0] ?? "", /\n\nContinued in the next comment \(2 of 2\)\.$/u);
    assert.match(comments[1] ?? "", /^### Drydock's report, continued \(2 of 2\)\n/u);
    assert.equal(countNamed(comments), 150);
    assert.doesNotMatch(comments.join(), /Shortened/u);
    assert.equal(comments.join().split("+new: 39\n").length - 1, 150, "every diff is whole");
  });

  for (const max of [1, 2, 3]) {
    it(`T47: beyond ${max} comments it says so, and totals account for every app`, () => {
      const comments = commentsOn(wide(600), `comment: {max: ${max}}`);
      assert.equal(comments.length, max);
      for (const comment of comments) {
        assert.ok(measureComment(comment) <= 65_000);
        assertInert(comment, PAGE);
      }
      assert.match(
        comments[0] ?? "",
        /^### .*\n\nShortened to fit: .* left out; .* Everything is in \[the full report\]/u,
      );
      assert.match(comments.at(-1) ?? "", /<b>All apps<\/b> \(600\)/u);
      assert.equal(countNamed(comments), 600);
    });
  }

  it("T47: names the command where there is no page", () => {
    const [comment = ""] = commentsOn(wide(600), "", { isFork: true });
    assert.match(comment, /Shortened to fit: .* `drydock check` shows everything\./u);
    assert.doesNotMatch(comment, /https?:/u);
  });

  it("T47: counts apps for which not even the totals have room", () => {
    const comments = commentsOn(wide(6_000, 1), "comment: {max: 1}");
    assert.equal(comments.length, 1);
    assert.ok(measureComment(comments[0] ?? "") <= 65_000);
    assert.match(comments[0] ?? "", /<b>All apps<\/b> \(6,000\)/u);
    const named = countNamed(comments);
    const rest = /^- 1 changed: ([\d,]+) apps not named here$/mu.exec(comments[0] ?? "")?.[1]?.replace(",", "");
    assert.ok(named > 300);
    assert.equal(named + Number(rest), 6_000);
    assertInert(comments[0] ?? "", PAGE);
  });

  it("T47: one fold longer than a comment is continued between two of its entries", () => {
    const findings = Array.from({ length: 900 }, (_, index) =>
      makeFinding({
        message: `Field number ${index} is unknown.`,
        help: "Take it out of the manifest.".repeat(2),
        location: makeLocation(`apps/${index}.yaml`, 1),
      }),
    );
    const comments = commentsOn(
      makeReport({ findings, outcome: { status: "failed", exitCode: 1, title: "Fix 900 errors" } }),
    );
    assert.ok(comments.length > 1);
    assert.match(comments[1] ?? "", /<summary><b>Errors<\/b> \(900\), continued<\/summary>/u);
    const told = new Set(
      Array.from(comments.join("\n").matchAll(/Field number (\d+) is unknown/gu), (match) => match[1]),
    );
    assert.equal(told.size, 900);
    for (const comment of comments) assertInert(comment, PAGE);
  });

  for (const [name, text] of [
    ["emoji", "😀😀😀😀"],
    ["fences", "```` ``` ~~~ "],
    ["open details", "</details><details>"],
    ["hidden characters", "\u202e\u200b\u2066"],
    ["combining marks", "é̂̃ "],
  ] as const) {
    it(`T47: of ${name} keeps every bound, every fence closed and every character whole`, () => {
      const report = wide(300, 60, text);
      const { summary = "", details = "" } = judgeReport(report, readConfig(), COMMITS).parts[0] ?? {};
      assert.ok(measureCheck(summary) <= 65_535);
      assert.ok(measureCheck(details) <= 65_535);
      assert.equal(measureCheck(summary), Buffer.byteLength(summary));
      const comments = commentsOn(report);
      for (const comment of comments) assert.ok(measureComment(comment) <= 65_000);
      for (const each of [summary, details, ...comments]) {
        assert.ok(each.isWellFormed());
        assertInert(each, PAGE);
      }
      assert.equal(countNamed(comments), 300);
    });
  }

  it("T47: an entry longer than a comment is left out with a word", () => {
    const places = Array.from({ length: 20 }, (_, index) => makeLocation(`${"😀".repeat(190)}${index}.yaml`, 1));
    const findings = places.flatMap((location) => [
      makeFinding({ location, resource: makeResource("R".repeat(300), "n".repeat(300)), path: ["p".repeat(300)] }),
    ]);
    const comments = commentsOn(
      makeReport({ findings, outcome: { status: "failed", exitCode: 1, title: "Fix 20 errors" } }),
      "comment: {max: 1}",
    );
    for (const comment of comments) assert.ok(measureComment(comment) <= 65_000);
  });
});
