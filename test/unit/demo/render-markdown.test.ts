import assert from "node:assert/strict";
import { test } from "node:test";
import { renderMarkdown } from "../../../src/demo/render-markdown.ts";
import { readTable } from "../../../src/demo/read-table.ts";

const render = (source: string): string => renderMarkdown(source).text;

test("folds, code and bold stay HTML, without attributes", () => {
  const html = render(
    "<details open onclick=x><summary><b>Errors</b> (2) <code>a&#60;b</code></summary>\n\n- one\n\n</details>",
  );
  assert.equal(
    html,
    "<details><summary><b>Errors</b> (2) <code>a&#60;b</code></summary><ul><li><p>one</p></li></ul></details>",
  );
});

test("what is opened in one place is closed there, and what was not opened is not closed", () => {
  assert.equal(
    render("> <details><summary>a\n\nafter"),
    "<blockquote><details><summary>a</summary></details></blockquote><p>after</p>",
  );
  assert.equal(render("</details></div>\n\nafter"), "&#60;/div&#62;<p>after</p>");
});

test("scripts, images and links to anything but the web are words", () => {
  const html = render(
    "<script>alert(1)</script>\n\n![pixel](https://example.com/p.png) [x](javascript:alert(1)) <img src=x>",
  );
  assert.doesNotMatch(html, /<(?:script|img|a)\b/u);
  assert.match(html, /pixel/u);
  assert.match(
    render("[report](https://example.com/a?b=1&c=2)"),
    /^<p><a href="https:\/\/example\.com\/a\?b=1&#38;c=2"/u,
  );
});

test("a diff has its lines coloured", () => {
  const html = render("```diff\n@@ -1 +1 @@\n-a: <1>\n+a: 2\n```");
  assert.match(html, /<span class="removed">-a: &#60;1&#62;\n<\/span><span class="added">\+a: 2\n<\/span>/u);
});

test("a table is one, with bars in its cells", () => {
  assert.deepEqual(readTable("| a | b |\n|---|:-:|\n| `x\\|y` | |\n| only |"), [
    ["a", "b"],
    ["`x|y`", ""],
    ["only", ""],
  ]);
  assert.equal(readTable("a | b\nis no table"), undefined);
  assert.match(render("| a |\n|---|\n| **b** |"), /<th>a<\/th>.*<td><strong>b<\/strong><\/td>/u);
});
