import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runDemo } from "../../../src/demo/run-demo.ts";

test("what opens the page can be pasted as it stands, even from a folder with spaces", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "drydock it's a demo "));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const sample = { repository: join(directory, "config"), changes: [] };
  const check = (): never => assert.fail("there is no change");
  const tell = async (opener?: string): Promise<string> => {
    let printed = "";
    await runDemo({ sample, directory, check, style: "", opener, print: (text) => (printed += text) });
    return printed.trimEnd().split("\n").at(-1) ?? "";
  };
  const address = await tell();
  assert.doesNotMatch(address, / /u);
  assert.equal(fileURLToPath(address), join(directory, "index.html"));
  assert.equal(await tell("xdg-open"), `xdg-open '${join(directory, "index.html").replace("'", "'\\''")}'`);
});
