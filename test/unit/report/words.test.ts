import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ManifestValue } from "../../../src/model/index.ts";
import { NumberText, SealedValue } from "../../../src/model/index.ts";
import { describePath, describeValue } from "../../../src/report/describe.ts";
import { describeImageChange } from "../../../src/report/image-reference.ts";
import { outlineReport } from "../../../src/report/outline.ts";
import { count, listPhrase } from "../../../src/report/phrase.ts";
import { renderReport } from "../../../src/report/index.ts";
import { countCodePoints, shorten, toVisible } from "../../../src/report/visible-text.ts";
import { makeApp, makeChange, makeReport, makeResource } from "../../fakes/reports.ts";

describe("describeValue", () => {
  const cases: readonly (readonly [ManifestValue, string])[] = [
    [null, "null"],
    ["nginx:1.25", "nginx:1.25"],
    ["true", '"true"'],
    ["yes", '"yes"'],
    ["1.0", '"1.0"'],
    ["", '""'],
    ["a: b", '"a: b"'],
    [new NumberText("1.0"), "1.0"],
    [new SealedValue("mac"), "(secret)"],
    ["one\ntwo\n", "(2 lines of text)"],
    [["a", new NumberText("2")], "[a, 2]"],
    [
      new Map<string, ManifestValue>([
        ["a", null],
        ["__proto__", true],
      ]),
      "{a: null, __proto__: true}",
    ],
  ];
  for (const [value, expected] of cases) test(expected, () => assert.equal(describeValue(value), expected));

  test("a long list costs no more than what is shown", () => {
    assert.equal(
      describeValue(
        Array.from({ length: 1_000_000 }, () => "word"),
        20,
      ),
      "[word, word, word, …",
    );
  });
});

describe("describePath", () => {
  test("keys, indexes, and keys that are not plain words", () => {
    assert.equal(describePath(["spec", "containers", 0, "image"]), "spec.containers[0].image");
    assert.equal(describePath(["metadata", "annotations", "a.b/c"]), 'metadata.annotations["a.b/c"]');
  });
});

describe("describeImageChange", () => {
  type Text = string | undefined;
  const cases: readonly (readonly [Text, Text, string, Text, Text])[] = [
    ["a/web:1", "a/web:2", "a/web", "1", "2"],
    ["host:5000/web:1", "host:5000/web@sha256:ab", "host:5000/web", "1", "@sha256:ab"],
    ["web", "web:1", "web", "(no tag)", "1"],
    ["a/web:1", "b/web:1", "b/web", "a/web:1", "b/web:1"],
    [undefined, "web:1", "web", undefined, "1"],
    ["web:1", undefined, "web", "1", undefined],
  ];
  for (const [before, after, repository, from, to] of cases) {
    test(`${before ?? "none"} → ${after ?? "none"}`, () =>
      assert.deepEqual(describeImageChange(before, after), { repository, from, to }));
  }
});

describe("images that come and go", () => {
  const images = [
    { container: "new", before: undefined, after: "busybox:1.36" },
    { container: "old", before: "nginx:1.27", after: undefined },
  ];
  const changes = [makeChange(makeResource("Deployment", "web"), { images })];
  const report = makeReport({ apps: [makeApp("apps/web", { changes })] });

  test("are told in words, in every format for people", () => {
    const text = renderReport(report, "text");
    assert.match(text, /^ {2}busybox 1\.36 added in 1 app$/mu);
    assert.match(text, /^ {2}nginx 1\.27 removed in 1 app$/mu);
    const markdown = renderReport(report, "markdown");
    assert.match(markdown, /`busybox` `1\.36` added in 1 app/u);
    assert.match(markdown, /\| `nginx` \| `1\.27` removed \|/u);
    const assets = { diffStyle: "", diffScript: "", pageStyle: "", pageScript: "" };
    assert.match(renderReport(report, "html", { assets }), /<code class="old">1\.27<\/code> removed/u);
  });
});

describe("outlineReport", () => {
  test("tells changes that reach the same apps together, risky ones first", () => {
    const shared = (likeness: string) => makeChange(makeResource("Deployment", likeness), { likeness });
    const risky = makeChange(makeResource("Service", "own"), {
      likeness: "own",
      risks: [{ id: "r", level: "medium", message: "m" }],
    });
    const report = makeReport({
      apps: [
        makeApp("a", { changes: [shared("x"), shared("y")] }),
        makeApp("b", { changes: [shared("x"), shared("y"), risky] }),
      ],
    });
    const clusters = outlineReport(report).clusters.map(({ apps, changes }) => [
      apps.length,
      changes.map(({ change }) => change.likeness),
    ]);
    assert.deepEqual(clusters, [
      [1, ["own"]],
      [2, ["x", "y"]],
    ]);
  });

  test("does not take a removal and an addition that look alike for one", () => {
    const added = makeChange(makeResource("Service", "web"), { action: "added", likeness: "same" });
    const removed = makeChange(makeResource("Service", "web"), { action: "removed", likeness: "same" });
    const outline = outlineReport(
      makeReport({ apps: [makeApp("a", { changes: [added] }), makeApp("b", { changes: [removed] })] }),
    );
    assert.equal(outline.clusters.length, 2);
  });
});

describe("text", () => {
  test("toVisible shows what would act or hide", () => {
    assert.equal(toVisible("a\u001b[0m\u202eb\u200bc\ud800"), "a\\u{1b}[0m\\u{202e}b\\u{200b}c\\u{d800}");
    assert.equal(toVisible("naïve 漢字 é 😀"), "naïve 漢字 é 😀");
  });

  test("code points are counted and never cut", () => {
    assert.equal(countCodePoints("a😀b"), 3);
    assert.equal(shorten("😀😀😀😀", 3), "😀😀…");
    assert.equal(shorten("😀😀😀", 3), "😀😀😀");
    assert.equal(shorten("abc", 3), "abc");
    assert.equal(shorten("abcd", 3), "ab…");
  });

  test("counts and lists read as a person would write them", () => {
    assert.equal(count(1, "app"), "1 app");
    assert.equal(count(12345, "entry", "entries"), "12,345 entries");
    assert.equal(listPhrase(["a", "b", "c"]), "a, b and c");
    assert.equal(listPhrase(["a", "b", "c", "d"], 2), "a, b and 2 more");
  });
});
