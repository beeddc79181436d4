import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RuleSet } from "../../../src/config/index.ts";
import type { RuledPlace } from "../../../src/jobs/decide-environments.ts";
import { gatherStops } from "../../../src/jobs/facts/gather-stops.ts";
import type { KeptStop, Records } from "../../../src/jobs/ports.ts";
import type { JobServices } from "../../../src/jobs/services.ts";
import type { PullRequest } from "../../../src/model/index.ts";
import { provide } from "../../fakes/fake-publishing.ts";

const NOON = Date.parse("2031-05-01T12:00:00Z");
const REPOSITORY = {
  ...{ installationId: 1, repositoryId: 2, owner: "acme", name: "config" },
  ...{ defaultBranch: "main", isPrivate: true, isArchived: false },
};

/** Freezes of prod that began so many milliseconds after noon, gathered at noon. */
async function gather(begins: readonly number[], isPast: boolean): Promise<readonly number[]> {
  const place = { installationId: undefined, repositoryId: 2, number: undefined, environment: "prod" };
  const stops = begins.map((begin, id): KeptStop => {
    const said = { by: undefined, reason: "", since: NOON + begin, until: undefined };
    return { id, kind: "freeze", from: "command", place, environment: "prod", ...said };
  });
  const records = provide<Records>({ listStops: () => Promise.resolve(stops) }, "records");
  const rules = provide<RuleSet>({ environments: [], freeze: undefined }, "rules");
  const asked = { repository: REPOSITORY, pullRequest: provide<PullRequest>({ number: 1 }, "pullRequest"), isPast };
  const services = provide<JobServices>({ records, now: () => NOON }, "services");
  const found = await gatherStops([], rules, provide<RuledPlace>(asked, "place"), services);
  return found.map(({ since }) => since - NOON);
}

describe("stops", () => {
  it("that were set after a merge say nothing of it; GitHub tells its moment in whole seconds", async () => {
    assert.deepEqual(await gather([-60_000, 900, 60_000], true), [-60_000, 900]);
  });

  it("count now, whatever clock they were set by", async () => {
    assert.deepEqual(await gather([-60_000, 60_000], false), [-60_000, 60_000]);
  });
});
