import assert from "node:assert/strict";
import { it } from "node:test";
import type { StandingPlace } from "../../../src/model/index.ts";
import { newRepository } from "./build-events.ts";
import { onBothBackends } from "./on-both-backends.ts";

const FIRST = Date.parse("2026-11-20T12:00:00Z");
const LATER = FIRST + 3_600_000;
const LAST = LATER + 3_600_000;

const image = (value: string, app = "kustomize:staging") => ({ app, what: "image web of Deployment/web", value });

function newPlace(parts: Partial<StandingPlace> = {}): StandingPlace {
  return { repositoryId: newRepository().repositoryId, branch: "main", environment: "staging", ...parts };
}

onBothBackends("what stands in an environment", (world) => {
  it("is unknown before the first look, and has stood there since that look", async () => {
    const { records } = world.database();
    const place = newPlace();
    assert.equal(await records.readSeen(place), undefined);
    assert.equal(await records.isWatched(place.repositoryId, "main"), false);
    await records.noteSeen(place, "one", [image("web:1")], FIRST);
    assert.equal(await records.isWatched(place.repositoryId, "main"), true);
    const values = [{ ...image("web:1"), since: FIRST }];
    assert.deepEqual(await records.readSeen(place), { state: "one", values, changedAt: FIRST });
  });

  it("keeps its moment while it stands, whatever comes and goes beside it", async () => {
    const { records } = world.database();
    const place = newPlace();
    await records.noteSeen(place, "one", [image("web:1"), image("api:1")], FIRST);
    await records.noteSeen(place, "two", [image("web:1"), image("api:2")], LATER);
    const known = await records.readSeen(place);
    assert.deepEqual(
      known?.values.map(({ value, since }) => [value, since]),
      [
        ["api:2", LATER],
        ["web:1", FIRST],
      ],
    );
    assert.equal(known.changedAt, LATER);
    await records.noteSeen(place, "three", [image("web:1"), image("api:2")], LAST);
    assert.equal((await records.readSeen(place))?.changedAt, LATER);
  });

  it("T25: starts anew once it was away", async () => {
    const { records } = world.database();
    const place = newPlace();
    await records.noteSeen(place, "one", [image("web:2")], FIRST);
    await records.noteSeen(place, "two", [image("web:1")], LATER);
    await records.noteSeen(place, "three", [image("web:2")], LAST);
    assert.deepEqual((await records.readSeen(place))?.values, [{ ...image("web:2"), since: LAST }]);
  });

  it("is of one branch and one environment, and forgotten with an environment that is not watched any more", async () => {
    const { records } = world.database();
    const place = newPlace();
    const { repositoryId } = place;
    await records.noteSeen(place, "one", [image("web:1")], FIRST);
    await records.noteSeen({ ...place, branch: "stable" }, "one", [image("web:1")], LATER);
    await records.noteSeen({ ...place, environment: "dev" }, "one", [image("web:1")], LATER);
    assert.equal((await records.readSeen(place))?.values[0]?.since, FIRST);
    await records.keepSeen(repositoryId, ["dev"]);
    assert.equal(await records.readSeen(place), undefined);
    assert.ok(await records.readSeen({ ...place, environment: "dev" }));
    await records.noteSeen(place, "one", [image("web:1")], LAST);
    assert.equal((await records.readSeen(place))?.values[0]?.since, LAST);
  });

  it("may be long, repeated, or hold what no text column takes", async () => {
    const { records } = world.database();
    const place = newPlace({ branch: "x\0y" });
    const long = { app: "", what: `file ${"deep/".repeat(800)}a.yaml`, value: "v\0" };
    await records.noteSeen(place, "one", [long, long, image("web:1"), image("web:2")], FIRST);
    assert.equal((await records.readSeen(place))?.values.length, 3);
  });

  it("is told by many at once without one in the other's way", async () => {
    const { records } = world.database();
    const place = newPlace();
    const values = Array.from({ length: 50 }, (_, index) => image(`web:${index}`));
    await Promise.all(
      Array.from({ length: 6 }, (_, index) => records.noteSeen(place, `${index}`, values, FIRST + index)),
    );
    const known = await records.readSeen(place);
    assert.equal(known?.values.length, 50);
    assert.equal(new Set(known.values.map(({ since }) => since)).size, 1);
  });
});

onBothBackends("what the first one says", (world) => {
  it("counts for all that ask", async () => {
    const { records } = world.database();
    const said = await Promise.all(["a", "b", "c"].map((value) => records.settleMark("common key", value)));
    assert.equal(new Set(said).size, 1);
    assert.equal(await records.settleMark("common key", "d"), said[0]);
  });
});
