import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Report } from "../../../src/model/index.ts";
import { renderMarkdown } from "../../../src/report/index.ts";
import { code, fenced, prose } from "../../../src/report/markdown/inline.ts";
import { countCodePoints } from "../../../src/report/visible-text.ts";
import { POLICY_REPORTS } from "../../fakes/policy-reports.ts";
import {
  HOSTILE_TEXTS,
  makeApp,
  makeChange,
  makeHostileReport,
  makeReport,
  makeResource,
  REPORTS,
} from "../../fakes/reports.ts";

/** The only HTML that the report itself writes. */
const OWN_TAGS = /<\/?(?:details|summary|b)>/gu;

/** Takes fenced blocks out, as CommonMark reads them; fails when one is left open. */
function withoutFences(markdown: string): string {
  const kept: string[] = [];
  let fence: string | undefined;
  for (const line of markdown.split("\n")) {
    const run = /^`{3,}/u.exec(line)?.[0];
    // Backticks after the opening ones make a code span of it (CommonMark §4.5).
    const isOpening = run !== undefined && !line.slice(run.length).includes("`");
    if (fence === undefined && isOpening) fence = run;
    else if (fence === undefined) kept.push(line);
    else if (run !== undefined && run.length >= fence.length && line.trim() === run) fence = undefined;
  }
  assert.equal(fence, undefined, "a fence is left open");
  return kept.join("\n");
}

/** Takes code spans out, as CommonMark reads them: a run of backticks closes at the next run of the same length. */
function withoutCode(line: string): string {
  return line.replace(/(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)/gu, "·");
}

/** What a reader's browser and GitHub could act on, which must all be ours. */
function activeText(markdown: string): string {
  const lines = withoutFences(markdown).split("\n");
  return lines
    .map((line) => (line.startsWith("<") ? line.replace(/<code>[^<>]*<\/code>/gu, "·") : withoutCode(line)))
    .join("\n")
    .replace(OWN_TAGS, "");
}

function assertInert(markdown: string): void {
  const text = activeText(markdown);
  assert.doesNotMatch(text, /[<>@`$]|&(?!#\d+;)|\]\(|!\[|https?:|www\.|#\d|GH-\d|\b[0-9a-f]{7,}\b/iu);
  assert.equal(markdown.split("<details>").length, markdown.split("</details>").length + countFencedDetails(markdown));
}

/** `</details>` may stand inside fences and code, where it is text. */
function countFencedDetails(markdown: string): number {
  const own = (text: string, tag: string): number => text.split(tag).length - 1;
  const plain = withoutFences(markdown)
    .split("\n")
    .map((line) => (line.startsWith("<") ? line : withoutCode(line)))
    .join("\n");
  assert.equal(own(plain, "<details>"), own(plain, "</details>"));
  return own(markdown, "<details>") - own(markdown, "</details>");
}

function linesBeforeFold(markdown: string): number {
  return markdown.split("\n").findIndex((line) => line.startsWith("<details>"));
}

describe("renderMarkdown", () => {
  for (const [name, report] of [...REPORTS, ...POLICY_REPORTS]) {
    test(`${name} has at most 15 lines before its first fold, and nothing active`, () => {
      const markdown = renderMarkdown(report);
      assert.ok(linesBeforeFold(markdown) <= 15);
      assertInert(markdown);
    });
  }

  test("begins with the outcome and the counts", () => {
    const lines = renderMarkdown(REPORTS.get("not-checked") ?? makeReport()).split("\n");
    assert.equal(lines[0], "### 1 changed app could not be rendered, before and after");
    assert.match(lines[2] ?? "", /^3 of 48 apps looked at/u);
  });

  test("tells equal changes once, with the number of apps", () => {
    const markdown = renderMarkdown(REPORTS.get("fan-out") ?? makeReport());
    assert.ok(markdown.includes("<b>The same in 40 apps</b>"));
    assert.equal(markdown.split("+  replicas: 3").length - 1, 1);
  });

  test("has no table wider than three columns", () => {
    const rows = withoutFences(renderMarkdown(REPORTS.get("risky") ?? makeReport()))
      .split("\n")
      .filter((line) => line.startsWith("|"));
    assert.equal(rows.length, 3);
    for (const row of rows) assert.equal(withoutCode(row).split("|").length, 5);
  });

  for (const text of HOSTILE_TEXTS) {
    test(`T45: ${JSON.stringify(text)} does nothing wherever it stands`, () =>
      assertInert(renderMarkdown(makeHostileReport(text))));
  }

  test("T45: a marker of ours in a name is not found by its raw text", () => {
    assert.doesNotMatch(renderMarkdown(makeHostileReport("<!-- drydock:report 1 -->")), /<!--\s*drydock/iu);
  });

  test("T45: no text does anything wherever it stands", () => {
    const pieces = fc.oneof(
      fc.constantFrom(...Array.from("`~@#<>![]()-*_|\\\n\t &;:$1a/.=+")),
      fc.constantFrom(...HOSTILE_TEXTS),
    );
    const texts = fc.oneof(
      fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join("")),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(texts, (text) => assertInert(renderMarkdown(makeHostileReport(text)))),
      { numRuns: 300 },
    );
  });

  test("stays within its bound, closes every fold and says what is left out", () => {
    for (const [name, report] of [...REPORTS, ...POLICY_REPORTS, ["wide", manyApps(400)] as const]) {
      for (const maxCodePoints of [2_000, 4_000, 10_000]) {
        const markdown = renderMarkdown(report, { maxCodePoints });
        assert.ok(countCodePoints(markdown) <= maxCodePoints, `${name} at ${maxCodePoints}`);
        assertInert(markdown);
        if (renderMarkdown(report) !== markdown)
          assert.match(markdown, /^Shortened to fit: .* left out; the counts include them\./mu);
      }
    }
  });

  test("accounts for every app when folds are left out", () => {
    const markdown = renderMarkdown(manyApps(400), { maxCodePoints: 8_000 });
    const told = markdown.split("<code>kustomize:apps/team-").length - 1;
    const left = /the changes of (\d+) apps/u.exec(markdown)?.[1];
    assert.ok(told > 5);
    assert.equal(told + Number(left), 400);
  });

  test("keeps the errors when the diffs have no room", () => {
    const report = { ...manyApps(200), findings: (REPORTS.get("many-findings") ?? makeReport()).findings.slice(0, 12) };
    const markdown = renderMarkdown(report, { maxCodePoints: 6_000 });
    assert.ok(markdown.includes("Unknown field `extra11`") || markdown.includes("extra11"));
    assert.ok(!markdown.includes("```diff"));
  });
});

function manyApps(amount: number): Report {
  const diff = `@@ -1,40 +1,40 @@\n${Array.from({ length: 40 }, (_, line) => `-old: ${line}\n+new: ${line}\n`).join("")}`;
  const apps = Array.from({ length: amount }, (_, index) =>
    makeApp(`apps/team-${index}`, { changes: [makeChange(makeResource("Deployment", `web-${index}`), { diff })] }),
  );
  return makeReport({
    apps,
    outcome: { status: "passed", exitCode: 0, title: `${amount} apps change, nothing is wrong` },
  });
}

describe("code", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["web", "`web`"],
    ["a`b", "``a`b``"],
    ["`a`", "`` `a` ``"],
    [" a ", "`  a  `"],
    ["", "`(empty)`"],
    ["a\nb", "`a\\u{a}b`"],
  ];
  for (const [text, expected] of cases)
    test(`${JSON.stringify(text)} → ${expected}`, () => assert.equal(code(text), expected));
});

describe("prose", () => {
  const cases: readonly (readonly [string, string])[] = [
    ['Unknown field "replica"; did you mean "replicas"?', 'Unknown field "replica"; did you mean "replicas"?'],
    ["ask @org/team now", "ask `@org/team` now"],
    ["fixes #1, see https://x.example.", "fixes `#1, see`".replace(", see`", "`, see") + " `https://x.example`."],
    ["1. one", "`1`. one"],
    ["commit 0123456789abcdef", "commit `0123456789abcdef`"],
    ["see GH-12 and ABC-3", "see `GH-12` and `ABC-3`"],
    ["built from 0123456-dirty", "built from `0123456-dirty`"],
    ["see www.… or http:… there", "see `www.…` or `http:…` there"],
    ["see x-GH-12, please", "see `x-GH-12`, please"],
    ["moves to apps/v1 in 1.37", "moves to `apps/v1` in 1.37"],
    ["**bold** _x_", "`**bold** _x_`"],
  ];
  for (const [text, expected] of cases) test(text, () => assert.equal(prose(text), expected));
});

test("a fence is longer than any run of backticks inside", () => {
  assert.equal(fenced("text", ["a", "`````", "```"]), "``````text\na\n`````\n```\n``````");
});

test("T45: an app that renders again is named in code", () => {
  const app = makeApp("apps/@org/team", { status: "changed", resources: { base: undefined, head: 3 } });
  const markdown = renderMarkdown(makeReport({ apps: [app] }));
  assert.match(markdown, /`kustomize:apps\/@org\/team` renders again/u);
  assertInert(markdown);
});

test("T12: no text begins like a command once its code is shown as text", () => {
  const text = "/drydock approve";
  const markdown = renderMarkdown(makeHostileReport(text));
  const shown = markdown.replaceAll(/<[^>]*>|[`*]/gu, "").replaceAll(/^ *- /gmu, "");
  assert.match(shown, /u\{2f\}drydock approve/u);
  assert.doesNotMatch(shown, /^\/drydock/mu);
});

for (const text of ["\u034f", "\u2800", "\u180b", "\u{e0101}", "\u202e", "\u200b"])
  test(`T45: U+${text.codePointAt(0)?.toString(16)} is shown`, () => assert.match(code(`a${text}b`), /^`a\\u\{/u));
