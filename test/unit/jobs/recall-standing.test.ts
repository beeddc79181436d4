import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readRepositoryConfig } from "../../../src/config/index.ts";
import { listWatched, recallStanding } from "../../../src/jobs/facts/observe-standing.ts";
import type { JobServices } from "../../../src/jobs/services.ts";
import type { Records } from "../../../src/jobs/ports.ts";
import type { TrackedApp } from "../../../src/model/index.ts";
import { provide } from "../../fakes/fake-publishing.ts";

const MERGED = 1_000_000_000;

/** What stood in staging at the merge, with what the record has of now; a record that is written to breaks the test. */
async function recall(record: Readonly<Record<string, number>>, onTheBranch: readonly string[] = []) {
  const reading = readRepositoryConfig(
    "version: 1\nenvironments:\n  staging: { paths: [staging] }\n  prod: { paths: [prod], from: [staging] }\n",
    "drydock.yaml",
  );
  assert.equal(reading.kind, "loaded");
  const [watched] = listWatched(reading.config.rules);
  assert.ok(watched !== undefined);
  const values = Object.entries(record).map(([value, since]) => ({
    app: "plain:staging",
    what: "image web",
    value,
    since,
  }));
  const records = provide<Records>({ readSeen: () => Promise.resolve({ state: "", values, changedAt: 1 }) }, "records");
  const apps: TrackedApp[] = onTheBranch.map((value) => ({
    ...{ id: "plain:staging", environment: "staging", places: ["staging"] },
    values: [{ sort: "image", what: "image web", value, kin: "web" }],
  }));
  const services = provide<JobServices>({ records, now: () => MERGED }, "services");
  const known = await recallStanding(watched, { repositoryId: 1, branch: "main", apps }, services);
  return known.values.map(({ value, since }) => [value, since]);
}

describe("what stood before a merge that is over", () => {
  it("is what the record has since then, and nothing that came afterwards", async () => {
    assert.deepEqual(await recall({ before: MERGED - 5, after: MERGED + 60_000 }), [["before", MERGED - 5]]);
  });

  it("stood there by then at the latest where two clocks are not quite one", async () => {
    assert.deepEqual(await recall({ before: MERGED + 900 }), [["before", MERGED]]);
  });

  it("is known by the base as it was where the record has forgotten it, but not for how long", async () => {
    assert.deepEqual(await recall({}, ["gone since"]), [["gone since", MERGED]]);
    assert.deepEqual(await recall({ back: MERGED + 60_000 }, ["back"]), [["back", MERGED]]);
  });
});
