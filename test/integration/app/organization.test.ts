import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createPlace, until, type Place } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const DEPLOYMENT = printDeployment();
const FILES = { "shop/web.yaml": DEPLOYMENT };
const CHANGED = { "shop/web.yaml": DEPLOYMENT.replace("1.0.0", "1.1.0") };
const RULES = ".github/drydock.yaml";
const withdrawn = (said: string): string => `package main
import rego.v1
deny contains msg if {
  endswith(input.spec.template.spec.containers[0].image, ":1.1.0")
  msg := "${said}"
}
`;

interface Watch {
  readonly gate: (place: Runs, head: string) => world.CheckRun | undefined;
  readonly becomes: (place: Runs, head: string, conclusion: string) => Promise<unknown>;
  /** The gate is written first, and what it goes by a moment later. */
  readonly tells: (place: Runs, head: string, words: string) => Promise<unknown>;
  readonly makeRules: (owner: world.Account, files: Files, isPrivate?: boolean) => Promise<world.Repository>;
  readonly push: (repository: world.Repository, files: Files) => Promise<string>;
}

type Files = Readonly<Record<string, string | null>>;
type Runs = Pick<Place, "runs">;

function watch(app: () => RunningApp): Watch {
  const gate: Watch["gate"] = (place, head) => place.runs(head, "drydock")[0];
  const textOf = (place: Runs, head: string): string =>
    place
      .runs(head)
      .map(({ summary, text }) => `${summary ?? ""}\n${text ?? ""}`)
      .join("\n");
  return {
    gate,
    becomes: (place, head, conclusion) => until(app(), conclusion, () => gate(place, head)?.conclusion === conclusion),
    tells: (place, head, words) => until(app(), words, () => textOf(place, head).includes(words)),
    makeRules: (owner, files, isPrivate = true) =>
      world.createRepository(app().sandbox.world, owner, ".github", { actor: app().ada, isPrivate, files }),
    push: (repository, files) =>
      world.pushCommit(app().sandbox.world, app().ada, repository, { branch: "main", files }),
  };
}

describe("rules of an organisation whose repositories are checked", { concurrency: 2 }, () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({ files: FILES, env: { DRYDOCK_CHECKS: "4" } });
  });
  after(() => app.close());
  const { becomes, tells, makeRules, push, gate } = watch(() => app);

  it("T34, T36: block beside the repository's own, and judge every open pull request again when they move", async () => {
    const place = await createPlace(app, "ruled", { files: FILES });
    const organization = await makeRules(place.organization, { [RULES]: "version: 1\n" });
    const loosened = 'version: 1\nmode: advise\npolicy:\n  rules: { rego: "off" }\n';
    await place.push("main", { [RULES]: loosened });
    const first = await place.open("first", CHANGED);
    await becomes(place, first.head, "success");
    await push(organization, {
      "policy/main.rego": withdrawn("it is withdrawn"),
      [RULES]: "version: 1\nmode: enforce\n",
    });
    await becomes(place, first.head, "failure");
    await tells(place, first.head, "it is withdrawn");
    await tells(place, first.head, "ruled/.github:policy/main.rego:3");
    await push(organization, { "policy/main.rego": withdrawn("it must go") });
    await tells(place, first.head, "it must go");
    await push(organization, { "policy/main.rego": null });
    await becomes(place, first.head, "success");
  });

  it("are no rules for the repository that holds them, and come with the first commit that has some", async () => {
    const place = await createPlace(app, "own-rules", { files: FILES });
    const first = await place.open("first", CHANGED);
    await becomes(place, first.head, "success");
    const organization = await makeRules(place.organization, { "shop/web.yaml": DEPLOYMENT });
    await push(organization, {
      [RULES]: "version: 1\npolicy:\n  rego: { paths: [rules] }\n",
      "rules/main.rego": withdrawn("gone"),
    });
    await becomes(place, first.head, "failure");
    const head = await world.pushCommit(app.sandbox.world, app.ada, organization, {
      branch: "change",
      files: { ...CHANGED, "readme.md": "x\n" },
    });
    await world.openPullRequest(app.sandbox.world, app.ada, organization, { head: "change" });
    const gateThere = await until(app, "the gate", () => {
      const runs = world.listCheckRuns(app.sandbox.world, organization, head);
      return runs.find(({ name, status }) => name === "drydock" && status === "completed");
    });
    // Its own policies are those of any repository.
    assert.equal(gateThere.conclusion, "failure");
    const texts = world.listCheckRuns(app.sandbox.world, organization, head).map(({ summary }) => summary ?? "");
    assert.ok(
      texts.every((text) => !text.includes("org/main")),
      texts.join("\n"),
    );
  });

  it("that the App may not read count for nothing where they are optional", async () => {
    const owner = world.createOrganization(app.sandbox.world, app.ada, "apart");
    await makeRules(owner, { [RULES]: "version: 1\n", "policy/main.rego": withdrawn("unread") });
    const place = await installOn(app, owner, {});
    await becomes(place, place.head, "success");
    assert.equal(gate(place, place.head)?.conclusion, "success");
  });
});

describe("rules of an organisation that are required", { concurrency: 2 }, () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({ files: FILES, env: { DRYDOCK_CHECKS: "4", DRYDOCK_ORGANIZATION_RULES: "required" } });
  });
  after(() => app.close());
  const { becomes, tells, makeRules, gate } = watch(() => app);

  it("let nothing pass while the App is not installed on their repository, and judge again once it is", async () => {
    const owner = world.createOrganization(app.sandbox.world, app.ada, "unseen");
    // A public one is seen.
    const rules = await makeRules(owner, { [RULES]: "version: 1\n" }, false);
    const place = await installOn(app, owner, { [RULES]: "version: 1\nmode: advise\n" });
    await becomes(place, place.head, "failure");
    assert.match(gate(place, place.head)?.title ?? "", /the organisation's rules/u);
    await tells(place, place.head, "The App is not installed on");
    await tells(place, place.head, "add that repository to the App's installation");
    world.addRepositories(app.sandbox.world, app.ada, place.installation, [rules]);
    await becomes(place, place.head, "success");
  });

  it("let nothing pass where there are none, and tell that from not being let in", async () => {
    const place = await createPlace(app, "bare", { files: FILES });
    const { head } = await place.open("change", CHANGED);
    await becomes(place, head, "failure");
    await tells(place, head, "There is no repository");
    const organization = await makeRules(place.organization, { "readme.md": "hello\n" });
    await world.pushCommit(app.sandbox.world, app.ada, organization, { branch: "main", files: { a: "b\n" } });
    await tells(place, head, "is not there");
    await world.pushCommit(app.sandbox.world, app.ada, organization, {
      branch: "main",
      files: { [RULES]: "version: 1\nstrikt: true\n" },
    });
    await tells(place, head, "has never been valid");
    await tells(place, head, "bare/.github:.github/drydock.yaml:2:1");
    await world.pushCommit(app.sandbox.world, app.ada, organization, {
      branch: "main",
      files: { [RULES]: "version: 1\n" },
    });
    await becomes(place, head, "success");
  });

  it("are those of a person's account likewise", async () => {
    const owner = world.createUser(app.sandbox.world, "linus");
    await world.createRepository(app.sandbox.world, owner, ".github", {
      actor: owner,
      isPrivate: true,
      files: { [RULES]: "version: 1\n", "policy/a.rego": withdrawn("not mine") },
    });
    const place = await installOn(app, owner, {}, owner);
    await becomes(place, place.head, "failure");
    await tells(place, place.head, "not mine");
  });
});

interface Installed extends Runs {
  readonly installation: world.Installation;
  readonly head: string;
}

/** An installation on one repository alone, with an open pull request there; for a person, on all. */
async function installOn(
  app: RunningApp,
  owner: world.Account,
  more: Readonly<Record<string, string>>,
  person?: world.Account,
): Promise<Installed> {
  const { sandbox, ada } = app;
  const actor = person ?? ada;
  const files = { ...FILES, ...more };
  const repository = await world.createRepository(sandbox.world, owner, "config", { actor, isPrivate: true, files });
  const createdAt = new Date(Date.now() - 2000).toISOString().replace(/\.\d+/u, "");
  const repositories = person === undefined ? [repository] : "all";
  const installation = world.installApp(sandbox.world, actor, sandbox.app, owner, { createdAt, repositories });
  const head = await world.pushCommit(sandbox.world, actor, repository, { branch: "change", files: CHANGED });
  await world.openPullRequest(sandbox.world, actor, repository, { head: "change" });
  const runs: Place["runs"] = (sha, name) =>
    world
      .listCheckRuns(sandbox.world, repository, sha)
      .filter((run) => run.appId === sandbox.app.appId && (name === undefined || run.name === name));
  return { installation, head, runs };
}
