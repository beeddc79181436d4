import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseHunks } from "../../../src/git/diff-hunks.ts";

const parse = (text: string, files = 100): unknown =>
  Object.fromEntries(parseHunks(Buffer.from(text, "latin1"), files));

const change = (path: string, hunk = "@@ -1 +1 @@\n-a\n+b\n"): string =>
  `diff --git a/${path} b/${path}\nindex 1..2 100644\n--- a/${path}\n+++ b/${path}\n${hunk}`;

describe("the lines that a diff shows", () => {
  it("are those of the later file, each hunk for itself", () => {
    const hunks = "@@ -1,4 +1,5 @@ head\n a\n+b\n c\n d\n e\n@@ -20,3 +21,2 @@\n x\n-y\n z\n";
    assert.deepEqual(parse(change("a.yaml", hunks)), {
      "a.yaml": [
        [1, 5],
        [21, 22],
      ],
    });
  });

  it("are none of a file that was removed, emptied or only renamed", () => {
    const removed = "diff --git a/r b/r\ndeleted file mode 100644\n--- a/r\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n";
    const renamed = "diff --git a/o b/n\nsimilarity index 100%\nrename from o\nrename to n\n";
    const emptied = change("e", "@@ -1 +0,0 @@\n-a\n");
    assert.deepEqual(parse(removed + renamed + emptied), { n: [], e: [] });
  });

  it("T45: are not told by contents that look like headers", () => {
    const hunk =
      "@@ -1,2 +1,3 @@\n-++ b/x\n+++ b/evil\n+@@ -1 +1,99 @@\n+diff --git a/q b/q\n-x\n\\ No newline at end of file\n";
    assert.deepEqual(parse(change("a", hunk) + change("b")), { a: [[1, 3]], b: [[1, 1]] });
  });

  it("have paths as the repository has them", () => {
    const odd = '"b/t\\ta\\"b\\\\c\\n\\303\\244"';
    const diff =
      `diff --git x y\n--- "a/x"\n+++ ${odd}\n@@ -1 +1 @@\n-a\n+b\n` +
      change("with space", "").replace("+++ b/with space", "+++ b/with space\t");
    assert.deepEqual(parse(diff), { 't\ta"b\\c\nä': [[1, 1]], "with space": [] });
    assert.deepEqual(parse(change("__proto__")), { ["__proto__"]: [[1, 1]] });
  });

  it("T24: are those of so many files, and no more", () => {
    const diff = Array.from({ length: 5000 }, (_, index) => change(`f${index}`)).join("");
    assert.equal(Object.keys(parse(diff, 3000) as object).length, 3000);
  });
});
