import assert from "node:assert/strict";
import { test } from "node:test";
import type { FakeFile } from "../../fakes/git-repository.ts";
import { checkChange, configMap } from "./check-change.ts";

/** Each with its own way out of a line, a code span, a table, an element or a terminal's hands. */
const HOSTILE: readonly string[] = [
  "\u001b[31mred\u001b[0m",
  "bidi\u202egpj\u2066",
  "new\nline",
  "carriage\rreturn",
  "nul-\u0001-bell-\u0007",
  "``` ticks ` ``",
  "<img src=x onerror=alert(1)>",
  "<script>alert(1)</script>",
  "a] (b) ![c](http:x) [d](javascript:alert(1))",
  "| table | --- |",
  "@everyone #1 GH-1",
  "&lt;b&gt; &amp; \" '",
  "<!-- drydock -->",
  "__proto__",
  "constructor",
  "Ünïcödé 名前",
];

const QUOTED = (name: string): string => JSON.stringify(name);

function manifest(name: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${QUOTED(name)}\n  labels: {${QUOTED(name)}: "x"}\ndata:\n  ${QUOTED(name)}: 5\n`;
}

function hostileFiles(): Map<string, FakeFile> {
  const files = new Map<string, FakeFile>([["good/a.yaml", configMap("good", 'a: "changed"')]]);
  for (const [index, name] of HOSTILE.entries()) {
    files.set(`names/${index}/a.yaml`, manifest(name));
    // In a path, and in a message about it: the second does not render.
    files.set(`paths/${name}/a.yaml`, manifest("fine"));
    files.set(`broken/${name}/kustomization.yaml`, `resources: [${QUOTED(`gone ${name}`)}]\n`);
  }
  return files;
}

test("T45 names, paths and messages of a hostile change stay text", { timeout: 120_000 }, async (t) => {
  const checked = await checkChange(t, { "good/a.yaml": configMap("good") }, hostileFiles());

  await t.test("each app is in the report", () => {
    assert.equal(checked.exitCode, 1);
    for (const name of HOSTILE) assert.notEqual(checked.failure(`kustomize:broken/${name}`).message, "");
    assert.equal(checked.app("plain:good/").status, "changed");
  });

  for (const format of ["text", "markdown", "html", "sarif", "json"] as const) {
    await t.test(`${format} has no control character`, async () => {
      assert.doesNotMatch(await checked.print(format), /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/u);
    });
  }
  for (const format of ["text", "markdown", "html"] as const) {
    await t.test(`${format} has no mark that turns the direction of writing`, async () => {
      assert.doesNotMatch(await checked.print(format), /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
    });
  }
  await t.test("html has no element or address of the change", async () => {
    const html = await checked.print("html");
    assert.doesNotMatch(html, /<img|<script>alert|onerror=alert\(1\)>|<!-- drydock/iu);
    assert.doesNotMatch(html, /href="(?!#)/u);
  });
  await t.test("Markdown has nothing active outside of code", async () => {
    const prose = withoutCode(await checked.print("markdown"));
    assert.doesNotMatch(prose, /<(?!\/?(?:details|summary|b|code|br|sub|strong|em)\b)[a-z!/]/iu);
    assert.doesNotMatch(prose, /\]\(|@everyone|#1\b|GH-1|javascript:/u);
    assert.equal(prose.match(/<details/gu)?.length, prose.match(/<\/details>/gu)?.length);
  });
});

/** What is left of Markdown without fenced blocks and code spans (CommonMark 4.5 and 6.1). */
function withoutCode(markdown: string): string {
  const withoutFences = markdown.replace(/^( {0,3})(`{3,}|~{3,})[^\n`]*\n[\s\S]*?^ {0,3}\2[`~]*[ \t]*$/gmu, "");
  return withoutFences.replace(/(?<!`)(`+)(?!`)([\s\S]*?)(?<!`)\1(?!`)/gu, "");
}
