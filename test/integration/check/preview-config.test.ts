import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { checkChange } from "./check-change.ts";

const CONFIG = ".github/drydock.yaml";
const FILES = { "apps/web.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\n" };

/** What the report says of the change of the config alone. */
async function preview(t: TestContext, before: string, after: string): Promise<string> {
  const base = { ...FILES, [CONFIG]: `version: 1\n${before}` };
  const { report } = await checkChange(t, base, { ...FILES, [CONFIG]: `version: 1\n${after}` });
  const start = `This change edits ${CONFIG}, which counts once it is on the base: `;
  const [note, ...more] = report.notes.filter((one) => one.startsWith(start));
  assert.ok(note !== undefined && more.length === 0, JSON.stringify(report.notes));
  return note.slice(start.length);
}

describe("a change of the config", () => {
  it("tells of rules, whose levels are maps", async (t) => {
    assert.equal(
      await preview(t, "policy: { rules: { image-tag: error } }\n", "policy: { rules: { image-tag: off } }\n"),
      "image-tag would be off instead of error.",
    );
  });

  it("tells of every section that differs, and of those that mean apps where no app differs", async (t) => {
    assert.equal(
      await preview(t, "exclude: [a]\n", "exclude: [b]\nmode: advise\npolicy: { baseline: known.json }\n"),
      '"exclude" would differ, and no app with it; the baseline would be known.json instead of none; "mode" would differ.',
    );
  });

  it("tells of a stop of everything, which an organisation's own config says", async (t) => {
    const freeze = "freeze: { reason: the auditors are here, until: 2026-12-24T18:00:00Z }\n";
    assert.equal(
      await preview(t, "", freeze),
      "the stop of everything would be the auditors are here until 2026-12-24T18:00Z instead of none.",
    );
  });

  it("names environments that nothing is in, at their lines", async (t) => {
    const environments = [
      "environments:",
      "  prdo: {}",
      "  staging: { paths: [overlays/staging] }",
      "  apps: { paths: [app*] }",
      "  file: { paths: ['**/web.yaml'] }",
      "  live: { branch: live }",
    ];
    const after = `version: 1\n${environments.join("\n")}\n`;
    const { report } = await checkChange(t, FILES, { ...FILES, [CONFIG]: after });
    const notes = report.notes.filter((note) => note.includes("nothing is in the environment"));
    assert.deepEqual(
      notes.map((note) => note.slice(0, note.indexOf(": it has"))),
      [`${CONFIG}:3: nothing is in the environment prdo`, `${CONFIG}:4: nothing is in the environment staging`],
    );
  });

  it("says that nothing would differ where it only moves lines", async (t) => {
    assert.equal(
      await preview(t, "mode: advise\nstrict: true\n", "# First things first.\nstrict: true\nmode: advise\n"),
      "no app and no rule would differ.",
    );
  });
});
