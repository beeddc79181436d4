import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createPlace, until, type Place } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const DEPLOYMENT = printDeployment();
const FILES = { "shop/web.yaml": DEPLOYMENT };
const CHANGED = { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.1.0") };
const rego = (condition: string, said: string): string => `package main
import rego.v1
deny contains msg if {
  input.kind == "Deployment"
  ${condition}
  msg := ${said}
}
`;

describe("policies of a repository where the App is installed", { concurrency: 2 }, () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({ files: FILES, env: { DRYDOCK_CHECKS: "4" } });
  });
  after(() => app.close());

  const github = (): world.World => app.sandbox.world;
  const gateOf = (place: Place, head: string) => place.runs(head, "drydock")[0];
  const becomes = (place: Place, head: string, conclusion: string) =>
    until(app, conclusion, () => gateOf(place, head)?.conclusion === conclusion);
  const textOf = (place: Place, head: string): string =>
    place
      .runs(head)
      .map(({ summary, text }) => `${summary ?? ""}\n${text ?? ""}`)
      .join("\n");
  /** The gate is written first, and what it goes by a moment later. */
  const tells = (place: Place, head: string, words: string) =>
    until(app, words, () => textOf(place, head).includes(words));
  const writesOf = ({ path }: Place): number =>
    app.sandbox.requests.filter((request) => request.method !== "GET" && request.path.includes(path)).length;

  it("T36: judge every open pull request again when they change on the base, and no other", async () => {
    const place = await createPlace(app, "moved", {
      files: { ...FILES, "other/api.yaml": DEPLOYMENT.replaceAll("web", "api") },
    });
    await place.push("stable", { "readme.md": "here\n" });
    const first = await place.open("first", CHANGED);
    const second = await place.open("second", {
      "other/api.yaml": DEPLOYMENT.replaceAll("web", "api").replace("1.0.0", "2.0.0"),
    });
    const elsewhere = await place.open(
      "third",
      { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.2.0") },
      { base: "stable" },
    );
    for (const { head } of [first, second, elsewhere]) await becomes(place, head, "success");
    const policy = rego(
      'endswith(input.spec.template.spec.containers[0].image, ":1.1.0")',
      '"this version is withdrawn"',
    );
    await place.push("main", { "policy/main.rego": policy });
    await becomes(place, first.head, "failure");
    await tells(place, first.head, "this version is withdrawn");
    await place.quiet(700);
    for (const { head } of [second, elsewhere]) assert.equal(gateOf(place, head)?.conclusion, "success");
    await place.push("main", { "policy/main.rego": null });
    await becomes(place, first.head, "success");
  });

  it("see who asks, for which branch and with which labels; a label is judged, and one that changes nothing is silent", async () => {
    const said = 'sprintf("%s asks for %s in #%d", [asked.author, asked.baseRef, asked.number])';
    const condition = 'asked := data.drydock.pullRequest\n  not "reviewed" in asked.labels';
    const files = { ...FILES, "policy/main.rego": rego(condition, said) };
    const place = await createPlace(app, "labels", { files });
    // What the policy says of the base, where nothing is labelled, is known: a new object is what it blocks.
    const { head, pull } = await place.open("change", { "shop/api.yaml": DEPLOYMENT.replaceAll("web", "api") });
    await becomes(place, head, "failure");
    await tells(place, head, "ada asks for main in");
    world.addLabel(github(), app.grace, pull, "reviewed");
    await becomes(place, head, "success");
    await place.quiet(700);
    const writes = writesOf(place);
    world.addLabel(github(), app.grace, pull, "nice");
    await place.quiet(1200);
    assert.equal(writesOf(place), writes);
  });
});
