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
  const gates = [...stdout.matchAll(/^ {2}#(\d+) +(\w+) +(.*)\n {16}(.*)$/gmu)].map((match) => match.slice(1));
  const titles = gates.map(([number, state, title, verdict = ""]) => [number, state, title, withoutTime(verdict)]);
  assert.deepEqual(titles, [
    ["1", "passed", "Release web 1.9.0 and api 2.4.0 to staging", "2 apps change, no errors"],
    ["2", "failed", "Remove the web ingress", "Fix 3 apps that do not render"],
    ["3", "waiting", "Save money on storage and stop the api in prod", "Waiting: …"],
    ["4", "passed", "Give every tenant twelve CPUs", "12 apps change, no errors"],
    ["5", "failed", "Tune web and its backups", "Fix 2 errors in 4 apps"],
    ["6", "passed", "Say where tenants come from", "Nothing that deploys changes"],
    ["7", "failed", "Wait for the database before web starts", "Fix 1 error in 2 apps"],
    ["8", "waiting", "Promote web 1.8.2 to prod", "Waiting: …"],
    ["9", "waiting", "Release api 2.4.0 to prod", "Waiting: …"],
    ["10", "failed", "Try the new database on dev", "No direct edits of prod"],
    ["11", "waiting", "Merge ledger/staging into ledger/prod", "Waiting: …"],
    ["12", "failed", "Give ledger more memory in prod", "Only ledger/staging into ledger/prod"],
  ]);
  assert.ok(!stdout.includes("Ctrl-C"), "it ends by itself");
  assert.match(stdout, /Run it in a terminal, without --once, to see their pages in a browser\.\n$/u);
  // The temporary directory of the command is its home.
  const left = readdirSync(home).filter((name) => name.startsWith("drydock-"));
  assert.deepEqual(left, []);
  assert.deepEqual(readdirSync(join(home, "kept")), ["harbor-config"]);
});

/** What is still missing depends on how long the demo took to get there. */
function withoutTime(verdict: string): string {
  return verdict.replace(/^Waiting: .*$/u, "Waiting: …");
}

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
