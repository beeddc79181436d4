import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { LEAD } from "../../../src/environments/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createPlace, until, type Place } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const DEPLOYMENT = printDeployment();
const UNTAGGED = DEPLOYMENT.replace(":1.0.0", "");
const DAY = 24 * 3600 * 1000;
const LAST_DAY = "2031-05-01";
const CONFIG = `version: 1
policy:
  rules: { image-tag: error }
  exceptions: [{ rule: image-tag, resource: Deployment/*/web, reason: the registry moves, expires: ${LAST_DAY} }]
`;
const FILES = { "shop/web.yaml": DEPLOYMENT, ".github/drydock.yaml": CONFIG };

const FREEZE = "2031-05-01T13:00:00Z";
const WINDOWS = `version: 1
environments:
  prod:
    paths: [shop]
    windows: [{ name: Thursday, effect: deny, from: ${FREEZE}, until: 2031-05-01T14:00:00Z }]
`;

/** The time that verdicts go by: noon of the exception's last day, and later when a test says so. */
function createClock(): { readonly now: () => number; readonly goTo: (moment: number) => void } {
  let [from, at] = [Date.parse(`${LAST_DAY}T12:00:00Z`), Date.now()];
  return {
    now: () => from + Date.now() - at,
    goTo: (moment) => {
      [from, at] = [moment, Date.now()];
    },
  };
}

describe("time alone", () => {
  const clock = createClock();
  let app: RunningApp;
  let place: Place;
  before(async () => {
    app = await startApp({ files: FILES, now: clock.now });
    place = await createPlace(app, "time", { files: FILES });
    await app.quiet();
  });
  after(() => app.close());

  it("closes a check before a freeze begins, and opens it when the freeze is over", async () => {
    const frozen = await createPlace(app, "windows", { files: { ...FILES, ".github/drydock.yaml": WINDOWS } });
    const { head } = await frozen.open("change", { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.1.0") });
    assert.equal((await frozen.judged(head)).conclusion, "success");
    await app.quiet();
    clock.goTo(Date.parse(FREEZE) - LEAD);
    await until(app, "the wait", () => frozen.runs(head, "drydock")[0]?.status === "in_progress");
    const rules = await until(app, "its reason", () => {
      const run = frozen.runs(head, "drydock/environments")[0];
      return run?.status === "in_progress" && run.title?.startsWith("Waiting: prod") === true && run;
    });
    assert.match(rules.summary ?? "", /From `2031-05-01 13:00` UTC on; told ahead/u);
    await app.quiet();
    clock.goTo(Date.parse("2031-05-01T14:00:00Z"));
    await until(app, "the end", () => frozen.runs(head, "drydock")[0]?.conclusion === "success");
  });

  it("turns a check red once its exception has ended, although nothing moves", async () => {
    const { head, pull } = await place.open("change", { "shop/web.yaml": UNTAGGED });
    assert.equal((await place.judged(head)).conclusion, "success");
    const policy = () => place.runs(head, "drydock/policy")[0];
    await until(app, "the other check", () => policy()?.conclusion === "success");
    assert.match(
      policy()?.summary ?? "",
      /counts until 2031-05-01 \(UTC\)\. Once that day is over, this is checked again/u,
    );
    const comment = () => place.comments(pull.number)[0]?.body ?? "";
    await until(app, "the comment", () => /\(until `2031-05-01`\)/u.test(comment()));
    await app.quiet();
    clock.goTo(Date.parse(`${LAST_DAY}T12:00:00Z`) + DAY);
    await until(app, "the red", () => place.runs(head, "drydock")[0]?.conclusion === "failure");
    await until(app, "the finding", () => /expired on `2031-05-01`/u.test(comment()));
    assert.doesNotMatch(policy()?.summary ?? "", /is checked again/u);
    // It was asked for once: what has ended changes no more.
    await app.quiet();
    const judged = app.logged.filter(
      (line) => line.includes('"kind":"judge"') && line.includes(`"repositoryId":${place.repository.id},`),
    );
    assert.equal(judged.length, 2, judged.join("\n"));
  });
});
