import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { renderHtml, renderReport } from "../../../src/report/index.ts";
import { POLICY_REPORTS } from "../../fakes/policy-reports.ts";
import { HOSTILE_TEXTS, makeHostileReport, makeReport, REPORTS } from "../../fakes/reports.ts";

const ASSETS = { diffStyle: "a{}", diffScript: "var a;", pageStyle: "b{}", pageScript: "var b;" };
const OWN_TAGS = new Set(
  "html head meta title style body script a header p span code h1 h2 h3 ul li div input button nav details summary main section footer b br pre table thead tbody tr th td".split(
    " ",
  ),
);

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function assertInert(page: string): void {
  for (const [, tag = "", attributes = ""] of page.matchAll(/<\/?([a-z][a-z0-9]*)((?:[^<>"]|"[^"]*")*)>/giu)) {
    assert.ok(OWN_TAGS.has(tag.toLowerCase()), `tag ${tag}`);
    assert.doesNotMatch(attributes.replaceAll(/"[^"]*"/gu, '""'), /\bon\w+=|style=|src=/iu);
    assert.doesNotMatch(attributes, /href="(?!#)/u, "links lead into the page alone");
  }
  assert.equal(page.split("<script>").length, 3);
  assert.doesNotMatch(page.replaceAll("\n", ""), /[\p{Cc}\p{Cf}\p{Cs}]/u);
}

describe("renderHtml", () => {
  test("allows the styles and scripts inside by their hashes, and nothing else", () => {
    const page = renderHtml(makeReport(), ASSETS);
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/u.exec(page)?.[1]?.replaceAll("&#39;", "'");
    assert.equal(
      policy,
      `default-src 'none'; style-src ${hashOf("a{}")} ${hashOf("b{}")}; script-src ${hashOf("var a;")} ${hashOf("var b;")}; base-uri 'none'; form-action 'none'`,
    );
    assert.ok(page.includes("<script>var a;</script>") && page.includes("<style>b{}</style>"));
  });

  test("refuses an asset that would end its own element", () => {
    assert.throws(() => renderHtml(makeReport(), { ...ASSETS, pageScript: 'x("</script>")' }), TypeError);
  });

  test("cannot be written without assets", () => {
    assert.throws(() => renderReport(makeReport(), "html"), TypeError);
  });

  for (const [name, report] of [...REPORTS, ...POLICY_REPORTS])
    test(`${name} asks nothing of any host`, () => assertInert(renderHtml(report, ASSETS)));
  for (const text of HOSTILE_TEXTS) {
    test(`T45: ${JSON.stringify(text)} does nothing in the page`, () =>
      assertInert(renderHtml(makeHostileReport(text), ASSETS)));
  }

  test("links the contents, the risks and the changes by ids that exist and are unique", () => {
    const page = renderHtml(REPORTS.get("fan-out") ?? makeReport(), ASSETS);
    const ids = Array.from(page.matchAll(/ id="([^"]+)"/gu), (match) => match[1]);
    assert.equal(new Set(ids).size, ids.length);
    for (const [, target] of page.matchAll(/href="#([^"]+)"/gu)) assert.ok(ids.includes(target), target);
  });

  test("folds what stands on the base as well, at the end", () => {
    const page = renderHtml(REPORTS.get("known-only") ?? makeReport(), ASSETS);
    const known = page.indexOf('<section id="known"');
    assert.ok(known > page.indexOf('<section id="changes"'));
    assert.match(page.slice(known), /<details class="folded">\s*<summary>/u);
  });
});
