import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { injectWebhookFault } from "../../../src/sandbox/webhooks/index.ts";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createPlace, until, type Opened, type Place } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const DEPLOYMENT = printDeployment();
const MORE = DEPLOYMENT.replace("replicas: 2", "replicas: 3");
const LABELS = 'labels: { merged: "deploy/{environment}", state: "drydock/{state}" }\n';
const ENVIRONMENTS =
  "version: 1\nenvironments:\n  dev: { paths: [dev] }\n  staging: { paths: [staging] }\n" +
  "  prod: { paths: [prod], approvals: 1 }\n";
const FILES = {
  "base/web.yaml": DEPLOYMENT,
  "base/kustomization.yaml": "resources: [web.yaml]\n",
  "dev/web.yaml": DEPLOYMENT.replaceAll("web", "dev"),
  "staging/kustomization.yaml": "resources: [../base]\n",
  "prod/kustomization.yaml": "resources: [../base]\n",
  ".github/drydock.yaml": ENVIRONMENTS + LABELS,
};

/** Labels that agents act on. One server; each test has a place of its own. */
describe("labels for agents", { concurrency: 3 }, () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({ files: FILES, env: { DRYDOCK_CHECKS: "3" } });
  });
  after(() => app.close());

  const github = (): world.World => app.sandbox.world;
  const at = (name: string, config = ""): Promise<Place> =>
    createPlace(app, name, { files: { ...FILES, ...(config === "" ? {} : { ".github/drydock.yaml": config }) } });
  const namesOn = (pull: world.PullRequest): readonly string[] =>
    world
      .labelsOf(github(), world.read(github(), "pullRequests", pull))
      .map(({ name }) => name)
      .toSorted();
  const deployed = (pull: world.PullRequest): readonly string[] =>
    namesOn(pull).filter((name) => name.startsWith("deploy/"));
  const triager = (place: Place): world.Account => {
    const account = world.createUser(github(), `triager-of-${place.organization.login}`);
    world.setRole(github(), place.repository, account, "triage");
    return account;
  };
  const gets = async (pull: world.PullRequest, names: readonly string[]): Promise<void> => {
    await until(app, names.join(" "), () => deployed(pull).join() === names.join()).catch((error: unknown) => {
      throw new Error(`it has: ${namesOn(pull).join(" ")}`, { cause: error });
    });
  };

  it("name every environment that a merge really changed, through a shared base, and none before it", async () => {
    const place = await at("shared");
    const { head, pull } = await place.open("change", { "base/web.yaml": MORE });
    await until(app, "the verdict", () => place.runs(head, "drydock")[0]?.status === "in_progress");
    await place.quiet(500);
    assert.deepEqual(deployed(pull), []);
    await world.mergePullRequest(github(), app.ada, pull);
    await gets(pull, ["deploy/prod", "deploy/staging"]);
  });

  it("tell a squash, and all commits of a rebase", async () => {
    const place = await at("methods");
    const two = async (branch: string, text: string): Promise<Opened> => {
      await place.open(branch, { "dev/web.yaml": text.replaceAll("web", "dev") });
      const head = await place.push(branch, { "base/web.yaml": text });
      const [pull] = world.select(github(), "pullRequests", (one) => one.headSha === head);
      assert.ok(pull !== undefined);
      return { head, pull };
    };
    const all = ["deploy/dev", "deploy/prod", "deploy/staging"];
    const rebased = await two("rebased", MORE);
    await place.push("main", { "README.md": "words\n" });
    await world.mergePullRequest(github(), app.ada, rebased.pull, "rebase");
    await gets(rebased.pull, all);
    const squashed = await two("squashed", MORE.replace("replicas: 3", "replicas: 4"));
    await world.mergePullRequest(github(), app.ada, squashed.pull, "squash");
    await gets(squashed.pull, all);
  });

  it("T54: of a merge count for nothing by hand, before it and after", async () => {
    const place = await at("by-hand");
    const somebody = triager(place);
    const { head, pull } = await place.open("change", { "dev/web.yaml": MORE.replaceAll("web", "dev") });
    await place.judged(head);
    await place.quiet(500);
    world.addLabel(github(), somebody, pull, "deploy/prod");
    world.addLabel(github(), somebody, pull, "deploy/dev");
    await gets(pull, []);
    world.addLabel(github(), somebody, pull, "Deploy/Prod");
    await world.mergePullRequest(github(), app.ada, pull);
    await gets(pull, ["deploy/dev"]);
    await until(app, "the end of the other", () => !namesOn(pull).includes("Deploy/Prod"));
    await place.quiet(500);
    world.removeLabel(github(), somebody, pull, "deploy/dev");
    await gets(pull, ["deploy/dev"]);
    world.addLabel(github(), somebody, pull, "deploy/staging");
    await gets(pull, ["deploy/dev"]);
  });

  it("T54: come to what was merged before it was judged, and to no pull request that was only closed", async () => {
    const place = await at("at-once");
    const { pull } = await place.open("change", { "base/web.yaml": MORE });
    await world.mergePullRequest(github(), app.grace, pull);
    await gets(pull, ["deploy/prod", "deploy/staging"]);
    const { head, pull: left } = await place.open("left", { "dev/web.yaml": MORE.replaceAll("web", "dev") });
    await place.judged(head);
    world.closePullRequest(github(), app.ada, left);
    world.addLabel(github(), triager(place), left, "deploy/dev");
    await gets(left, []);
  });

  it("let agents preview while checks pass, and no longer", async () => {
    const previews = `${ENVIRONMENTS}labels:\n  previews:\n    - { label: preview, environments: [dev] }\n    - { label: deploy/flux-preview, checks: [drydock/manifests], drafts: true }\n`;
    const place = await at("previews", previews);
    const dev = (text: string) => ({ "dev/web.yaml": text.replaceAll("web", "dev") });
    const { pull } = await place.open("change", dev(MORE));
    await until(app, "both", () => namesOn(pull).join() === "deploy/flux-preview,preview");
    const { pull: prod } = await place.open("prod", { "base/web.yaml": MORE }, { isDraft: true });
    await until(app, "the one that asks for less", () => namesOn(prod).join() === "deploy/flux-preview");
    world.addLabel(github(), triager(place), prod, "preview");
    await until(app, "the end of one by hand", () => namesOn(prod).join() === "deploy/flux-preview");
    await place.push("change", dev(MORE.replace("replicas: 3", "replicas: three")));
    await until(app, "no more previews", () => namesOn(pull).join() === "");
    await place.push("change", dev(MORE));
    await until(app, "both again", () => namesOn(pull).join() === "deploy/flux-preview,preview");
    world.addComment(github(), app.grace, pull, "/drydock hold");
    await until(app, "what a hold leaves", () => namesOn(pull).join() === "deploy/flux-preview");
  });

  it("T54: count for nothing by hand on what was open before the installation, where nothing else is written", async () => {
    let opened: Opened | undefined;
    const place = await createPlace(app, "quiet", {
      files: FILES,
      before: async (repository) => {
        const files = { "dev/web.yaml": DEPLOYMENT.replace("replicas: 2", "replicas: three") };
        const head = await world.pushCommit(github(), app.ada, repository, { branch: "old", files });
        opened = { head, pull: await world.openPullRequest(github(), app.ada, repository, { head: "old" }) };
      },
    });
    assert.ok(opened);
    const { head, pull } = opened;
    assert.equal((await place.judged(head)).conclusion, "failure");
    const somebody = triager(place);
    for (const name of ["mine", "drydock/ready", "deploy/prod"]) world.addLabel(github(), somebody, pull, name);
    await until(app, "the end of those that agents read", () => namesOn(pull).join() === "mine");
    await place.quiet(500);
    assert.deepEqual(namesOn(pull), ["mine"]);
    assert.deepEqual(place.comments(pull.number), []);
  });

  it("T06: are never on pull requests from forks", async () => {
    const place = await at("forks", `${ENVIRONMENTS}labels: { previews: [{ label: preview }] }\n`);
    const author = world.createUser(github(), "author-of-fork");
    world.setRole(github(), place.repository, author, "read");
    const fork = await world.forkRepository(github(), author, place.repository);
    const files = { "dev/web.yaml": MORE.replaceAll("web", "dev") };
    const head = await world.pushCommit(github(), author, fork, { branch: "change", files });
    const pull = await world.openPullRequest(github(), author, place.repository, {
      head: "change",
      headRepository: fork,
    });
    assert.equal((await place.judged(head)).conclusion, "success");
    world.addLabel(github(), triager(place), pull, "preview");
    await until(app, "its end", () => !namesOn(pull).includes("preview"));
  });
});

/** One test alone: it drops what GitHub sends. */
describe("the label of a merge that no webhook told", () => {
  it("is set by the sweep", async () => {
    const app = await startApp({ files: FILES });
    try {
      const place = await createPlace(app, "unheard", { files: FILES });
      const { head, pull } = await place.open("change", { "dev/web.yaml": MORE.replaceAll("web", "dev") });
      await place.judged(head);
      await app.quiet();
      const { webhooks } = app.sandbox.parts;
      injectWebhookFault(webhooks, { event: "pull_request", action: "closed", failing: { kind: "drop" } });
      injectWebhookFault(webhooks, { event: "push", failing: { kind: "drop" } });
      await world.mergePullRequest(app.sandbox.world, app.ada, pull);
      await app.quiet();
      const names = (): string =>
        world
          .labelsOf(app.sandbox.world, world.read(app.sandbox.world, "pullRequests", pull))
          .map(({ name }) => name)
          .join();
      assert.doesNotMatch(names(), /deploy/u);
      world.setPermissions(app.sandbox.world, app.ada, place.installation, place.installation.permissions);
      await until(app, "the label", () => names().includes("deploy/dev"));
    } finally {
      await app.close();
    }
  });
});

/** One test alone: it drops what GitHub sends. */
describe("a label that is set by hand again before its end was heard of", () => {
  it("T54: is taken off again", async () => {
    const app = await startApp({ files: FILES });
    try {
      const place = await createPlace(app, "again", { files: FILES });
      const { head, pull } = await place.open("change", { "dev/web.yaml": MORE.replace("replicas: 3", "replicas: x") });
      const { world: github } = app.sandbox;
      const names = (): string =>
        world
          .labelsOf(github, world.read(github, "pullRequests", pull))
          .map(({ name }) => name)
          .join();
      assert.equal((await place.judged(head)).conclusion, "failure");
      await until(app, "Drydock's own", () => names() === "drydock/blocked");
      await app.quiet();
      injectWebhookFault(app.sandbox.parts.webhooks, {
        ...{ event: "pull_request", action: "unlabeled", count: 3, failing: { kind: "drop" } },
      });
      for (let attempt = 0; attempt < 3; attempt++) {
        world.addLabel(github, app.grace, pull, "drydock/ready");
        await until(app, "its end", () => names() === "drydock/blocked");
        await app.quiet();
      }
    } finally {
      await app.close();
    }
  });
});
