import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runDrydock } from "../cli/run-drydock.ts";

test("the demo tells how each gate ends, in whose words, and leaves nothing but the sample behind", async (t) => {
  const home = mkdtempSync(join(tmpdir(), "drydock-demo-test-"));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const { status, stdout, stderr } = await runDrydock({ home }, ["demo", "--once", "--directory", join(home, "kept")]);
  assert.equal(status, 0, stdout + stderr);
  assert.equal(stderr, "");
  const gates = [...stdout.matchAll(/^ {2}#(\d) {2}(\w+) +(.*)\n {16}(.*)$/gmu)].map((match) => match.slice(1));
  assert.deepEqual(gates, [
    ["1", "passed", "Release web 1.9.0 and api 2.4.0 to staging", "2 apps change, no errors"],
    ["2", "failed", "Remove the web ingress", "Fix 3 apps that do not render"],
    ["3", "passed", "Save money on storage and stop the api in prod", "3 apps change; 4 high risks to review"],
    ["4", "passed", "Give every tenant twelve CPUs", "12 apps change, no errors"],
    ["5", "failed", "Tune web and its backups", "Fix 2 errors in 4 apps"],
    ["6", "passed", "Say where tenants come from", "Nothing that deploys changes"],
    ["7", "failed", "Wait for the database before web starts", "Fix 1 error in 2 apps"],
  ]);
  assert.ok(!stdout.includes("Ctrl-C"), "it ends by itself");
  assert.match(stdout, /Run it in a terminal, without --once, to see their pages in a browser\.\n$/u);
  // The temporary directory of the command is its home.
  const left = readdirSync(home).filter((name) => name.startsWith("drydock-"));
  assert.deepEqual(left, []);
  assert.deepEqual(readdirSync(join(home, "kept")), ["harbor-config"]);
});

test("its help fits sixty columns", async (t) => {
  const home = mkdtempSync(join(tmpdir(), "drydock-demo-test-"));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const { stdout } = await runDrydock({ home }, ["demo", "--help"]);
  assert.match(stdout, /--once/u);
  assert.deepEqual(
    stdout.split("\n").filter((line) => line.length > 60),
    [],
  );
});
