import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type * as world from "../../../src/sandbox/world/index.ts";
import { mergePullRequest } from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createMovedClock } from "../../fakes/moved-clock.ts";
import { createPlace, until, type Opened, type Place } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const HOUR = 3_600_000;

const overlay = (tag: string): string =>
  `resources: [../../base]\nimages: [{ name: registry.example/web, newTag: "${tag}" }]\n`;

const CONFIG = `version: 1
environments:
  dev: { paths: [overlays/dev] }
  staging: { paths: [overlays/staging], from: [dev] }
  prod: { paths: [overlays/prod], from: [staging], promotion: { soak: 24h } }
`;

const file = (environment: string): string => `overlays/${environment}/kustomization.yaml`;

const FILES = {
  ".github/drydock.yaml": CONFIG,
  "base/kustomization.yaml": "resources: [web.yaml]\n",
  "base/web.yaml": printDeployment(),
  [file("dev")]: overlay("1.0.0"),
  [file("staging")]: overlay("1.0.0"),
  [file("prod")]: overlay("1.0.0"),
};

/** The check of environments as it stands on a commit now. */
function ruled(place: Place, head: string): world.CheckRun | undefined {
  return place.runs(head, "drydock/environments")[0];
}

describe("promotion", () => {
  const clock = createMovedClock();
  let app: RunningApp;
  before(async () => {
    app = await startApp({ files: FILES, now: clock.now });
  });
  after(() => app.close());

  async function untilTitled(place: Place, head: string, title: RegExp): Promise<world.CheckRun> {
    return await until(app, `${String(title)} on ${head}`, () => {
      const run = ruled(place, head);
      return run !== undefined && title.test(run.title ?? "") ? run : undefined;
    });
  }

  async function merge({ pull }: Opened): Promise<void> {
    await mergePullRequest(app.sandbox.world, app.ada, pull, "merge");
    await app.quiet();
  }

  it("takes an image through dev and staging to prod, where it has to soak first", async () => {
    const place = await createPlace(app, "promotion", { files: FILES });
    await app.quiet();
    const prod = await place.open("prod-2", { [file("prod")]: overlay("2.0.0") });
    const direct = await untilTitled(place, prod.head, /^Waiting: web:2\.0\.0 in staging first$/u);
    assert.equal(direct.status, "in_progress");
    assert.match(direct.summary ?? "", /which has `registry\.example\/web:1\.0\.0`/u);

    const dev = await place.open("dev-2", { [file("dev")]: overlay("2.0.0") });
    assert.equal((await place.judged(dev.head)).conclusion, "success");
    await merge(dev);
    const staging = await place.open("staging-2", { [file("staging")]: overlay("2.0.0") });
    assert.equal((await place.judged(staging.head)).conclusion, "success");
    await merge(staging);

    const soaking = await untilTitled(place, prod.head, /^Waiting: soaks in staging until /u);
    assert.equal(soaking.status, "in_progress");
    clock.pass(23 * HOUR);
    await app.quiet();
    assert.equal(ruled(place, prod.head)?.status, "in_progress");
    clock.pass(2 * HOUR);
    assert.equal((await place.judged(prod.head)).conclusion, "success");
  });

  it("T25: begins anew when staging was rolled back meanwhile", async () => {
    const place = await createPlace(app, "rolled-back", { files: { ...FILES, [file("staging")]: overlay("2.0.0") } });
    await app.quiet();
    const prod = await place.open("prod-2", { [file("prod")]: overlay("2.0.0") });
    await untilTitled(place, prod.head, /soaks in staging/u);
    await place.push("main", { [file("staging")]: overlay("1.0.0") });
    await untilTitled(place, prod.head, /web:2\.0\.0 in staging first/u);
    await app.quiet();
    clock.pass(20 * HOUR);
    await place.push("main", { [file("staging")]: overlay("2.0.0") });
    await untilTitled(place, prod.head, /soaks in staging/u);
    await app.quiet();
    clock.pass(20 * HOUR);
    await app.quiet();
    assert.equal(ruled(place, prod.head)?.status, "in_progress");
    clock.pass(5 * HOUR);
    assert.equal((await place.judged(prod.head)).conclusion, "success");
  });

  it("begins to count with the push to staging, not with the pull request to prod", async () => {
    const place = await createPlace(app, "early", { files: FILES });
    await app.quiet();
    await place.push("main", { [file("dev")]: overlay("2.0.0"), [file("staging")]: overlay("2.0.0") });
    await app.quiet();
    clock.pass(25 * HOUR);
    const prod = await place.open("prod-2", { [file("prod")]: overlay("2.0.0") });
    assert.equal((await place.judged(prod.head)).conclusion, "success");
  });

  it("lets a change of the shared base through as one, and lists what is not tracked", async () => {
    const place = await createPlace(app, "shared", { files: FILES });
    await app.quiet();
    const { head } = await place.open("replicas", {
      "base/web.yaml": printDeployment().replace("replicas: 2", "replicas: 3"),
    });
    const { summary, conclusion } = await untilTitled(place, head, /^Every rule of 3 environments holds$/u);
    assert.equal(conclusion, "success");
    assert.match(summary ?? "", /Nothing that is tracked enters/u);
  });

  it("asks whole files of the branch before, where environments are branches", async () => {
    const rules = `version: 1
environments:
  staging: { branch: env/staging }
  prod: { branch: env/prod, from: [staging], promotion: { soak: 24h }  }
`;
    const files = { ".github/drydock.yaml": rules, "web.yaml": printDeployment() };
    const place = await createPlace(app, "branches", { files });
    await place.push("env/staging", {});
    await place.push("env/prod", {});
    await app.quiet();
    const next = { "web.yaml": printDeployment("2.0.0") };
    const prod = await place.open("promote", next, { base: "env/prod" });
    await untilTitled(place, prod.head, /^Waiting: web\.yaml in staging first$/u);
    await place.push("env/staging", next);
    await untilTitled(place, prod.head, /soaks in staging until/u);
    clock.pass(25 * HOUR);
    assert.equal((await place.judged(prod.head)).conclusion, "success");
  });

  const toldOfMerge = (place: Place, number: number): Promise<string> =>
    until(app, "what is said of the merge", () =>
      place
        .comments(number)
        .map(({ body }) => body)
        .find((body) => /on record/u.test(body)),
    );

  it("T27: says of a merge past the rules what did not stand before, though all of it is on the base by then", async () => {
    const place = await createPlace(app, "past-paths", { files: FILES });
    await app.quiet();
    const prod = await place.open("prod-2", { [file("prod")]: overlay("2.0.0") });
    await untilTitled(place, prod.head, /in staging first/u);
    await mergePullRequest(app.sandbox.world, app.ada, prod.pull, "squash");
    const said = await toldOfMerge(place, prod.pull.number);
    assert.match(said, /past the rules.*as it was merged: Waiting: `web:2\.0\.0` in staging first/su);
    // What reaches staging afterwards soaks from then on: looking back notes nothing.
    clock.pass(20 * HOUR);
    await place.push("main", { [file("staging")]: overlay("2.0.0") });
    await app.quiet();
    clock.pass(5 * HOUR);
    await place.push("main", { [file("prod")]: overlay("1.0.0") });
    const again = await place.open("prod-again", { [file("prod")]: overlay("2.0.0") });
    await untilTitled(place, again.head, /soaks in staging/u);
  });

  it("T27: says of a merge into a branch past the rules which files are not on the one before", async () => {
    const rules = `version: 1
environments:
  staging: { branch: env/staging }
  prod: { branch: env/prod, from: [staging] }
`;
    const files = { ".github/drydock.yaml": rules, "web.yaml": printDeployment() };
    const place = await createPlace(app, "past-branches", { files });
    await place.push("env/staging", {});
    await place.push("env/prod", {});
    await app.quiet();
    const next = { "web.yaml": printDeployment("2.0.0") };
    const prod = await place.open("promote", next, { base: "env/prod" });
    await untilTitled(place, prod.head, /^Waiting: web\.yaml in staging first$/u);
    await mergePullRequest(app.sandbox.world, app.ada, prod.pull, "squash");
    const said = await toldOfMerge(place, prod.pull.number);
    assert.match(said, /past the rules.*as it was merged: Waiting: `web\.yaml` in staging first/su);
  });

  it("says nothing of a merge that was let in", async () => {
    // Nothing soaks: the stand-in's clock, which tells when it was merged, is the machine's.
    const place = await createPlace(app, "past-in-order", {
      files: { ...FILES, ".github/drydock.yaml": CONFIG.replace(", promotion: { soak: 24h }", "") },
    });
    await app.quiet();
    await place.push("main", { [file("dev")]: overlay("2.0.0"), [file("staging")]: overlay("2.0.0") });
    await app.quiet();
    const prod = await place.open("prod-2", { [file("prod")]: overlay("2.0.0") });
    assert.equal((await place.judged(prod.head)).conclusion, "success");
    await merge(prod);
    await app.quiet();
    assert.deepEqual(
      place.comments(prod.pull.number).filter(({ body }) => /on record/u.test(body)),
      [],
    );
  });

  it("lets nothing in that does not merge: what it changes is not known", async () => {
    const place = await createPlace(app, "conflict", { files: FILES });
    await app.quiet();
    const { head } = await place.open("prod-2", { [file("prod")]: overlay("2.0.0") });
    await untilTitled(place, head, /in staging first/u);
    await place.push("main", { [file("prod")]: overlay("3.0.0") });
    const { conclusion } = await untilTitled(place, head, /^Could not check: it does not merge$/u);
    assert.equal(conclusion, "failure");
  });
});
