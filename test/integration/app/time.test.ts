import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
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

/** The time that verdicts go by: noon of the exception's last day, and as many days later as a test says. */
function createClock(): { readonly now: () => number; passDay: () => number } {
  const noon = Date.parse(`${LAST_DAY}T12:00:00Z`);
  const started = Date.now();
  let days = 0;
  return { now: () => noon + days * DAY + Date.now() - started, passDay: () => (days += 1) };
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
    clock.passDay();
    await until(app, "the red", () => place.runs(head, "drydock")[0]?.conclusion === "failure");
    await until(app, "the finding", () => /expired on `2031-05-01`/u.test(comment()));
    assert.doesNotMatch(policy()?.summary ?? "", /is checked again/u);
    // It was asked for once: what has ended changes no more.
    await app.quiet();
    const judged = app.logged.filter(
      (line) => line.includes('"kind":"judge"') && line.includes(`"number":${pull.number}`),
    );
    assert.equal(judged.length, 2, judged.join("\n"));
  });
});
