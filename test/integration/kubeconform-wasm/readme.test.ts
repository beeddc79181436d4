import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";

it("the README's example prints what the README says", async (t) => {
  const readme = readFileSync(new URL("../../../packages/kubeconform-wasm/README.md", import.meta.url), "utf8");
  const [, code, output] = /```js\n([\s\S]*?)```\n\nprints\n\n```\n([\s\S]*?)```/u.exec(readme) ?? [];
  assert.ok(code !== undefined && output !== undefined);
  const lines: string[] = [];
  t.mock.method(console, "log", (line: string) => lines.push(line));
  const source = new URL("../../../packages/kubeconform-wasm/src/index.ts", import.meta.url).href;
  await import(`data:text/javascript,${encodeURIComponent(code.replace("kubeconform-wasm", source))}`);
  assert.equal(`${lines.join("\n")}\n`, output);
});
