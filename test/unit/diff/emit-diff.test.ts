import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { load } from "js-yaml";
import { diffManifests } from "../../../src/diff/index.ts";
import { emitYaml } from "../../../src/diff/emit-yaml.ts";
import { decodeManifest } from "../../../src/model/index.ts";
import { usualListKeys } from "../../fakes/list-keys.ts";
import { buildManifest, buildManifests } from "../../fakes/manifests.ts";

function diffText(base: string, head: string): string {
  return diffManifests(buildManifests(base), buildManifests(head), { listKeys: usualListKeys })
    .map((change) => change.diff)
    .join("");
}

const CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n";

describe("the diff text", () => {
  it("shows keys in a fixed order with three lines of context", () => {
    const base =
      "kind: Deployment\nspec: {b: 1, a: 2, d: 4, e: 5, f: 6, g: 7}\nmetadata: {name: web}\napiVersion: apps/v1";
    assert.equal(
      diffText(base, base.replace("a: 2", "a: 3")),
      `@@ -3,7 +3,7 @@
 metadata:
   name: web
 spec:
-  a: 2
+  a: 3
   b: 1
   d: 4
   e: 5
`,
    );
  });

  it("shows a new resource as added lines and a removed one as removed lines", () => {
    const text = `@@ -0,0 +1,6 @@
+apiVersion: v1
+kind: ConfigMap
+metadata:
+  name: c
+data:
+  a: b
`;
    const manifest = `${CONFIG}data: {a: b}`;
    assert.equal(
      diffText("", manifest),
      text
        .replace("+data:\n+  a: b\n", "")
        .replace("metadata:\n+  name: c\n", "metadata:\n+  name: c\n+data:\n+  a: b\n"),
    );
    assert.match(diffText(manifest, ""), /^@@ -1,6 \+0,0 @@\n(?:-.*\n){6}$/u);
  });

  it("shows nothing of list-map items in another order, and only what changed in them", () => {
    const base =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {containers: [{name: a, image: a}, {name: b, image: b}]}";
    const head =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {containers: [{name: b, image: b}, {name: a, image: x}]}";
    assert.deepEqual(
      diffText(base, head)
        .split("\n")
        .filter((line) => /^[+-]/u.test(line)),
      ["-    image: a", "+    image: x"],
    );
  });

  it("shows init containers in another order as moved", () => {
    const base =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {initContainers: [{name: a}, {name: b}]}";
    const head = base.replace("{name: a}, {name: b}", "{name: b}, {name: a}");
    assert.match(diffText(base, head), /^-/mu);
  });

  it("prints texts of several lines as blocks", () => {
    assert.equal(
      diffText(`${CONFIG}data: {a: "one\\ntwo\\n"}`, `${CONFIG}data: {a: "one\\nthree\\n"}`),
      "@@ -5,4 +5,4 @@\n data:\n   a: |\n     one\n-    two\n+    three\n".replace(
        "@@ -5,4 +5,4 @@",
        "@@ -5,4 +5,4 @@",
      ),
    );
  });

  it("escapes what would hide or reorder text, line by line", () => {
    const text = diffText(
      `${CONFIG}data: {a: "x\\r\\ny\\u202e\\r\\nz"}`,
      `${CONFIG}data: {a: "x\\r\\ny\\u001b[31m\\r\\nz"}`,
    );
    assert.deepEqual(
      text.split("\n").filter((line) => /^[+-]/u.test(line)),
      ["-    y\\u202e\\r\\n\\", "+    y\\u001b[31m\\r\\n\\"],
    );
  });

  it("cannot be made to print a line that begins another hunk or file", () => {
    const text = diffText(
      `${CONFIG}data: {a: "--- a\\n@@ -1 +1 @@\\n"}`,
      `${CONFIG}"-- x": "y"\ndata: {a: "+++ b\\n"}`,
    );
    for (const line of text.split("\n").slice(0, -1))
      assert.match(line, /^(?:[ +-]|@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@$)/u);
    assert.doesNotMatch(text, /^(?:---|\+\+\+) /mu);
  });

  it("cuts one long line around the place where it differs", () => {
    const long = (mark: string) => `${CONFIG}data: {a: "${"x".repeat(100_000)}${mark}${"y".repeat(100_000)}"}`;
    const lines = diffText(long("old"), long("new"))
      .split("\n")
      .filter((line) => /^[+-]/u.test(line));
    assert.equal(lines.length, 2);
    assert.match(lines[0] ?? "", /characters …x+oldy+… \d+ characters$/u);
    assert.match(lines[1] ?? "", /characters …x+newy+… \d+ characters$/u);
    for (const line of lines) assert.ok(line.length < 700);
  });

  it("bounds what one resource takes and says how much is left out", () => {
    const many = (word: string) =>
      JSON.stringify(Array.from({ length: 60_000 }, (_, index) => `${word} ${index} ${"z".repeat(30)}`).join("\n"));
    const text = diffText(`${CONFIG}data: {a: ${many("old")}}`, `${CONFIG}data: {a: ${many("new")}}`);
    const lines = text.trimEnd().split("\n");
    assert.equal(lines.length, 1_502);
    assert.equal(lines.at(-1), `\\ … ${120_000 + 3 - 1_500} more lines`);
    const [, gone, added] = /^@@ -\d+,(\d+) \+\d+(?:,(\d+))? @@/u.exec(lines[0] ?? "") ?? [];
    assert.equal(Number(gone), lines.filter((line) => /^[ -]/u.test(line)).length);
    assert.equal(Number(added), lines.filter((line) => /^[ +]/u.test(line)).length);
  });
});

describe("the YAML of a manifest", () => {
  const texts = [
    "",
    " ",
    "a",
    "a b",
    " a",
    "a ",
    "yes",
    "Off",
    "null",
    "~",
    "1",
    "1.5",
    "1e3",
    "0x1f",
    "0o7",
    "1_000",
    "12:30",
    "2026-01-01",
    "100m",
    "1.2.3",
    "10.0.0.1:80",
    "1Gi",
    "1E",
    "-",
    "- a",
    "a: b",
    "a:",
    "a #b",
    "#a",
    "!sealed",
    "&a",
    "*a",
    "|",
    ">",
    "%a",
    "@a",
    "`a",
    "{a}",
    "[a]",
    '"',
    "'",
    'a"b',
    "\\",
    "a\nb",
    "a\nb\n",
    "a\n\n\nb\n\n",
    "\n",
    "\n\n",
    "\na",
    " a\nb",
    "a\n b\n",
    "a\n\tb",
    "\ta\nb",
    "a\r\nb\r\n",
    "a\r\n  b",
    "a\u0000b",
    "\u202eabc",
    "\ud800",
    "---",
    "--- a\n...",
    "...",
    "?",
    "? a",
    "<<",
    "=",
    ".inf",
    ".NaN",
    "/a/b",
    "$(A)",
    "__proto__",
    "日本語",
    "a\u2028b\nc",
  ];

  it("reads back as the same texts, as values and as keys", () => {
    const value = {
      apiVersion: "v1",
      texts,
      keys: Object.fromEntries(texts.map((text, index) => [`${text}-${index}`, text])),
      nested: [[texts, []], [{ a: {}, b: [] }]],
    };
    const text = emitYaml(decodeManifest(buildManifest(value)), () => "!sealed").join("\n");
    assert.deepEqual(load(text), value);
  });

  it("prints numbers as their source text", () => {
    const [manifest] = buildManifests("apiVersion: v1\nspec: {a: 9007199254740993, b: 1.0, c: 1e3}");
    assert.deepEqual(
      emitYaml(manifest === undefined ? null : decodeManifest(manifest), () => "!sealed"),
      ["apiVersion: v1", "spec:", "  a: 9007199254740993", "  b: 1.0", "  c: 1e3"],
    );
  });
});
