import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { printDeployment } from "../../fakes/deployment.ts";
import { createPlace, until, type Place } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const DEPLOYMENT = printDeployment();
const MORE = DEPLOYMENT.replace("replicas: 2", "replicas: 3");
const CONFIG = ".github/drydock.yaml";
const config = (prod: string): string =>
  `version: 1\nenvironments:\n  prod: { paths: [prod], ${prod} }\n  dev: { paths: [dev] }\n`;
const FILES = { "prod/web.yaml": DEPLOYMENT, "dev/web.yaml": DEPLOYMENT, [CONFIG]: config("approvals: 0") };

describe("a pull request that changes the rules", { concurrency: 2 }, () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({ files: FILES, env: { DRYDOCK_CHECKS: "4" } });
  });
  after(() => app.close());

  const at = (name: string): Promise<Place> => createPlace(app, name, { files: FILES });
  const summaryOf = (place: Place, head: string): string => place.runs(head, "drydock/environments")[0]?.summary ?? "";

  it("tells which open pull requests would wait, in its check and its comment, and is judged by the old rules", async () => {
    const place = await at("preview-stricter");
    const ofProd = await place.open("prod", { "prod/web.yaml": MORE });
    const ofDev = await place.open("dev", { "dev/web.yaml": MORE });
    for (const { head } of [ofProd, ofDev]) assert.equal((await place.judged(head)).conclusion, "success");
    const { head, pull } = await place.open("rules", { [CONFIG]: config("approvals: 1"), "dev/web.yaml": MORE });
    // Approvals were not asked for before: nobody knows who gave any.
    const words = `Not known: \`#${ofProd.pull.number}\` can be told only when judged by these rules.`;
    await until(app, words, () => summaryOf(place, head).includes(words));
    const stricter = await place.open("closed", {
      [CONFIG]: config("windows: [{ name: Always, effect: deny, from: 2020-01-01T00:00Z, until: 2090-01-01T00:00Z }]"),
      "dev/web.yaml": MORE,
    });
    const told = `would newly wait`;
    await until(app, told, () => summaryOf(place, stricter.head).includes(told));
    const summary = summaryOf(place, stricter.head);
    assert.match(summary, new RegExp(`: \`#${ofProd.pull.number}\` would newly wait`, "u"));
    assert.doesNotMatch(summary, new RegExp(`#${ofDev.pull.number}\\b`, "u"));
    assert.doesNotMatch(summary, new RegExp(`#${stricter.pull.number}\\b`, "u"), "it is not told of itself");
    assert.equal((await place.judged(stricter.head)).conclusion, "success");
    const says = (number: number): string =>
      place
        .comments(number)
        .map(({ body }) => body)
        .join("\n");
    await until(app, "the comment", () => says(stricter.pull.number).includes("would newly wait"));
    assert.doesNotMatch(says(stricter.pull.number), /(?<!`)#\d/u, "nothing is referred to from there");
    assert.ok(pull.number > 0);
  });

  it("tells which would be let through, and says nothing where the rules stay", async () => {
    const place = await at("preview-laxer");
    await place.push("main", { [CONFIG]: config("approvals: 1") });
    const waiting = await place.open("prod", { "prod/web.yaml": MORE });
    await until(app, "it waits", () => (place.runs(waiting.head, "drydock")[0]?.title ?? "").startsWith("Waiting: "));
    const laxer = await place.open("rules", { [CONFIG]: config("approvals: 0") });
    const told = `: \`#${waiting.pull.number}\` would newly be let through`;
    await until(app, told, () => summaryOf(place, laxer.head).includes(told));
    const same = await place.open("words", { [CONFIG]: `# Rules\n${config("approvals: 1")}` });
    await place.judged(same.head);
    assert.doesNotMatch(summaryOf(place, same.head), /other open pull request|would newly/u);
  });

  it("tells nothing where it does not go to the default branch: its config is not the rules", async () => {
    const place = await at("preview-elsewhere");
    await place.push("release", {});
    const open = await place.open("prod", { "prod/web.yaml": MORE });
    await place.judged(open.head);
    const elsewhere = await place.open(
      "rules",
      { [CONFIG]: config("sharedChanges: refuse, branch: main") },
      { base: "release" },
    );
    await place.judged(elsewhere.head);
    assert.doesNotMatch(summaryOf(place, elsewhere.head), /other open pull request|judged by these rules/u);
  });
});
