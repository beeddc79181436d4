import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readCommands } from "../../../src/commands/read-commands.ts";
import type { Report } from "../../../src/model/index.ts";
import { combineVerdicts, couldNotCheck, judgeReport, planPublication } from "../../../src/publish/index.ts";
import { makeHostilePolicies } from "../../fakes/policy-reports.ts";
import { HOSTILE_TEXTS, makeHostileReport, REPORTS } from "../../fakes/reports.ts";
import { assertInert, readShown } from "./assert-inert.ts";
import { COMMITS, FACTS, PAGE, readConfig } from "./publish-fixtures.ts";

const CONFIG = readConfig("review: {findings: all, renderedDiffs: all}");

/** A report of which the text is everywhere, with an app that renders again and a risk that is seen on a file. */
function report(text: string): Report {
  const hostile = makeHostileReport(text);
  const [app] = hostile.apps;
  assert.ok(app);
  const mended = {
    ...app,
    id: `plain:${text}!`,
    status: "changed" as const,
    changes: [],
    resources: { base: undefined, head: 1 },
  };
  return { ...hostile, apps: [...hostile.apps, mended] };
}

/** Every Markdown that is published for a text wherever a report can have it. */
function publish(text: string): readonly string[] {
  return [report(text), makeHostilePolicies(text)].flatMap((each) => publishReport(each, text));
}

function publishReport(hostile: Report, text: string): readonly string[] {
  const commits = { ...COMMITS, baseRef: text };
  const verdict = judgeReport(hostile, CONFIG, commits);
  const lines = [[1, 9] as const];
  const facts = { ...FACTS, commentable: new Map([text, "apps/web/deployment.yaml"].map((path) => [path, lines])) };
  const { comments, review } = planPublication(hostile, CONFIG, facts);
  const checks = combineVerdicts(COMMITS.headSha, [
    { number: 1, baseRef: text, verdict },
    { number: 2, baseRef: "main", verdict: couldNotCheck(text, commits) },
  ]);
  return [
    ...comments,
    ...review.threads.map(({ body }) => body),
    ...checks.flatMap((check) => [check.summary, check.text]),
  ];
}

const COMMAND = /^\s*\/drydock/mu;

describe("T45: text of a pull request does nothing", () => {
  for (const text of [
    ...HOSTILE_TEXTS,
    "/drydock check",
    "a\n/drydock approve prod",
    ":tada: ~x~ ^a^",
    "[^1]: x",
    "w[ww.evil.example](x)",
  ]) {
    it(JSON.stringify(text), () => {
      for (const markdown of publish(text)) assertInert(markdown, PAGE);
    });
  }

  it("whatever it is", () => {
    const pieces = fc.oneof(
      fc.constantFrom(...Array.from("`~@#<>![]()-*_|\\\n\t &;:$1a/.=+^{}\"'")),
      fc.constantFrom(...HOSTILE_TEXTS, "deadbeef", "GH-1", "www.", "http", "&amp;", "<b>", "/drydock "),
    );
    const texts = fc.oneof(
      fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join("")),
      fc.string({ unit: "binary" }),
      fc.string({ unit: "grapheme" }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        for (const markdown of publish(text)) {
          assertInert(markdown, PAGE);
          assert.ok(markdown.isWellFormed());
        }
      }),
      { numRuns: 100 },
    );
  });

  it("and the assertion sees what does something", () => {
    const active = [
      "@org/team",
      "see #1",
      "https://x.example",
      "<img src=x>",
      "[a](b)",
      "![a](b)",
      "<details>",
      "deadbeef",
      "*a*",
    ];
    for (const text of active) assert.throws(() => assertInert(text), assert.AssertionError, text);
  });
});

describe("T12: what Drydock writes is no command when it is sent back", () => {
  it("as it is written, and as it is shown", () => {
    const texts = [...REPORTS.keys()].flatMap((name) => {
      const each = REPORTS.get(name);
      return each === undefined ? [] : planPublication(each, CONFIG, FACTS).comments;
    });
    for (const markdown of [...texts, ...publish("/drydock check"), ...publish("x\n /drydock check")]) {
      assert.equal(readCommands(markdown).kind, "none");
      assert.doesNotMatch(markdown, COMMAND);
      assert.doesNotMatch(readShown(markdown), COMMAND);
    }
  });
});
