import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CHECK_NAMES } from "../../../src/model/index.ts";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createPlace, until, type Place, type PlaceOptions } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";

const LABELS = 'labels: { environment: "env/{environment}", risk: "risk/{risk}", state: "drydock/{state}" }';
const CONFIG = `version: 1\napps: [{ path: prod, kind: plain, environment: prod }]\n${LABELS}\n`;
const DEPLOYMENT = printDeployment();
const NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n";
const FILES = { "prod/web.yaml": DEPLOYMENT, "prod/namespace.yaml": NAMESPACE, ".github/drydock.yaml": CONFIG };
const CHANGED = { "prod/web.yaml": DEPLOYMENT.replace("1.0.0", "1.1.0") };
const GONE = { "prod/namespace.yaml": null };
/** Where the server says that its pages are. */
const OWN = /127\.0\.0\.1:1\//u;

/** A server that asks for a maintainer's word in public repositories. In private ones it is as any other. */
describe("pull requests of strangers, beside those of the repository itself", { concurrency: 4 }, () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({ files: FILES, env: { DRYDOCK_CHECKS: "4", DRYDOCK_PUBLIC_NEEDS_MAINTAINER: "true" } });
  });
  after(() => app.close());

  const at = (name: string, options: Partial<PlaceOptions> = {}): Promise<Place> =>
    createPlace(app, name, { files: FILES, ...options });
  const openFork = async (place: Place, files: Record<string, string | null>) => {
    const author = world.createUser(app.sandbox.world, `author-of-${place.organization.login}`);
    world.setRole(app.sandbox.world, place.repository, author, "read");
    const fork = await world.forkRepository(app.sandbox.world, author, place.repository);
    const push = (changed: Record<string, string | null>): Promise<string> =>
      world.pushCommit(app.sandbox.world, author, fork, { branch: "change", files: changed });
    const head = await push(files);
    const pull = await world.openPullRequest(app.sandbox.world, author, place.repository, {
      head: "change",
      headRepository: fork,
    });
    return { author, head, pull, push };
  };
  const labelsOf = (pull: world.PullRequest): readonly string[] =>
    world
      .labelsOf(app.sandbox.world, world.read(app.sandbox.world, "pullRequests", pull))
      .map(({ name }) => name)
      .toSorted();
  const answersTo = (place: Place, number: number): readonly string[] =>
    place.comments(number).flatMap(({ body }) => (body.includes("\nNot done: ") ? [body] : []));
  const fetchesOf = ({ path }: Place): number =>
    app.sandbox.requests.filter(
      (request) => request.operationId === "git/upload-pack" && request.path.includes(path.slice(1)),
    ).length;

  it("T54: have no label that agents act on while they wait, whoever sets it", async () => {
    const labels = 'labels: { state: "drydock/{state}", previews: [{ label: preview }] }\n';
    const files = { ...FILES, ".github/drydock.yaml": CONFIG.replace(`${LABELS}\n`, labels) };
    const place = await at("by-hand", { isPrivate: false, files });
    const { head, pull } = await openFork(place, CHANGED);
    await until(app, "the gate that waits", () => place.runs(head, "drydock")[0]?.status === "in_progress");
    const somebody = world.createUser(app.sandbox.world, "triager");
    world.setRole(app.sandbox.world, place.repository, somebody, "triage");
    for (let attempt = 0; attempt < 2; attempt++) {
      for (const name of ["mine", "preview", "drydock/ready"]) {
        if (!labelsOf(pull).includes(name)) world.addLabel(app.sandbox.world, somebody, pull, name);
      }
      await until(app, "the end of Drydock's own", () => labelsOf(pull).join() === "mine");
    }
    assert.equal(place.runs(head, "drydock")[0]?.status, "in_progress");
  });

  it("wait in a public repository: nothing is fetched or said, until a maintainer lets one commit be checked", async () => {
    const place = await at("public", { isPrivate: false });
    const { author, head, pull, push } = await openFork(place, CHANGED);
    const waits = (sha: string): Promise<world.CheckRun> =>
      until(app, "the gate that waits", () => {
        const [run] = place.runs(sha, "drydock");
        return /^Waiting: a maintainer/u.test(run?.title ?? "") && run;
      });
    assert.equal((await waits(head)).status, "in_progress");
    world.addComment(app.sandbox.world, author, pull, "/drydock check");
    const later = await push({ "prod/web.yaml": DEPLOYMENT.replace("1.0.0", "1.2.0") });
    assert.equal((await waits(later)).status, "in_progress", "neither the author's word nor a push lets it through");
    const passer = world.createUser(app.sandbox.world, "passer-by");
    world.addComment(app.sandbox.world, passer, pull, "/drydock check");
    await until(app, "the refusal", () => answersTo(place, pull.number).length > 0);
    await place.quiet(800);
    assert.equal(fetchesOf(place), 0);
    assert.deepEqual([...new Set(place.runs(later).map(({ status }) => status))], ["in_progress"]);
    assert.equal(place.comments(pull.number).length, 1, "only the refusal");

    world.addComment(app.sandbox.world, app.grace, pull, "/drydock check");
    assert.equal((await place.judged(later)).conclusion, "success");
    await until(app, "the comment", () => place.comments(pull.number).some(({ body }) => body.includes("1.2.0")));
    const next = await push({ "prod/web.yaml": DEPLOYMENT.replace("1.0.0", "1.3.0") });
    assert.equal((await waits(next)).status, "in_progress", "what was let through is that commit");
  });

  it("of the repository itself wait for nobody in a public repository", async () => {
    const place = await at("public-own", { isPrivate: false });
    const { head } = await place.open("change", CHANGED);
    assert.equal((await place.judged(head)).conclusion, "success");
  });

  it("from a fork get checks and a comment, no label, and no link to a page that their author cannot open", async () => {
    const place = await at("private");
    const { head, pull } = await openFork(place, GONE);
    const gate = await place.judged(head);
    const comment = await until(app, "the comment", () => place.comments(pull.number)[0]);
    await place.quiet(800);
    assert.deepEqual(labelsOf(pull), []);
    assert.doesNotMatch([gate.detailsUrl, gate.summary, gate.text, comment.body].join("\n"), OWN);

    const { head: ownHead, pull: own } = await place.open("own", GONE);
    const ownGate = await place.judged(ownHead);
    await until(app, "its labels", () => labelsOf(own).length === 3);
    assert.deepEqual(labelsOf(own), ["drydock/ready", "env/prod", "risk/destructive"], "the same change from inside");
    assert.match(ownGate.detailsUrl ?? "", OWN);
  });

  it("T32: from a fork are checked again when their author asks, and nothing more", async () => {
    const place = await at("author");
    const { author, head, pull } = await openFork(place, CHANGED);
    await place.judged(head);
    await until(app, "the comment", () => place.comments(pull.number).length === 1);
    const runs = place.runs(head).length;
    world.addComment(app.sandbox.world, author, pull, "/drydock check");
    await until(app, "another run", () => {
      const now = place.runs(head);
      return now.length === runs + CHECK_NAMES.length && now.every(({ status }) => status === "completed");
    });
    await place.quiet(600);
    assert.deepEqual(labelsOf(pull), []);
    assert.equal(place.comments(pull.number).length, 1);
  });

  it("of the repository itself get labels: made if they are missing, as the change has it, and others' left alone", async () => {
    const place = await at("labels");
    const github = app.sandbox.world;
    world.createLabel(github, app.ada, place.repository, { name: "env/prod", color: "123456", description: "Ours" });
    const { pull } = await place.open("change", GONE);
    world.addLabel(github, app.grace, pull, "env/dev");
    const names = (): readonly string[] => {
      const labels = world.labelsOf(github, world.read(github, "pullRequests", pull));
      return labels.map(({ name }) => name).toSorted();
    };
    await until(app, "the labels", () => names().length === 4);
    assert.deepEqual(names(), ["drydock/ready", "env/dev", "env/prod", "risk/destructive"]);
    assert.equal(world.findLabel(github, place.repository, "env/prod")?.color, "123456", "as it was made");
    const risk = world.findLabel(github, place.repository, "risk/destructive");
    assert.deepEqual([risk?.color, risk?.description], ["b60205", "Deletes or replaces something, or loses data"]);

    await place.push("change", { ...FILES, ...CHANGED });
    await until(app, "the labels of the other change", () => names().length === 3);
    assert.deepEqual(names(), ["drydock/ready", "env/dev", "env/prod"]);
  });

  it("T54: are Drydock's own where agents act on them: one that is stripped comes back, one that is set goes", async () => {
    const place = await at("own-labels");
    const github = app.sandbox.world;
    const triager = world.createUser(github, "triager");
    world.setRole(github, place.repository, triager, "triage");
    const { pull } = await place.open("change", CHANGED);
    await until(app, "the labels", () => labelsOf(pull).includes("drydock/ready"));
    await place.quiet(600);
    world.removeLabel(github, triager, pull, "drydock/ready");
    await until(app, "the label again", () => labelsOf(pull).includes("drydock/ready"));
    world.addLabel(github, triager, pull, "drydock/blocked");
    await until(app, "the other's end", () => !labelsOf(pull).includes("drydock/blocked"));
    assert.ok(labelsOf(pull).includes("drydock/ready"));

    const { pull: broken } = await place.open("broken", { "prod/web.yaml": "kind: [" });
    await until(app, "the state", () => labelsOf(broken).includes("drydock/blocked"));
    await place.quiet(600);
    world.addLabel(github, triager, broken, "drydock/ready");
    await until(app, "its end", () => !labelsOf(broken).includes("drydock/ready"));
    await place.quiet(600);
    assert.deepEqual(
      labelsOf(broken).filter((name) => name.startsWith("drydock/")),
      ["drydock/blocked"],
    );
  });
});
