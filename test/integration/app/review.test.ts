import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as world from "../../../src/sandbox/world/index.ts";
import { printDeployment } from "../../fakes/deployment.ts";
import { createPlace, until, type Place, type PlaceOptions } from "../../fakes/places.ts";
import { startApp, type RunningApp } from "../../fakes/running-app.ts";
import { assertInert } from "../../unit/publish/assert-inert.ts";

const DEPLOYMENT = printDeployment();
const FILES = { "shop/web.yaml": DEPLOYMENT };

/** What reviewers read, as GitHub has it in the end. One server; each test has a place of its own. */
describe("comments, reviews and annotations", { concurrency: 3 }, () => {
  let app: RunningApp;
  before(async () => {
    app = await startApp({ files: FILES, env: { DRYDOCK_CHECKS: "3" } });
  });
  after(() => app.close());

  const at = (name: string, options: Partial<PlaceOptions> = {}): Promise<Place> =>
    createPlace(app, name, { files: FILES, ...options });
  const threadsOn = (pull: world.PullRequest, count: number): Promise<readonly world.ReviewComment[]> =>
    until(app, `${count} review comments`, () => {
      const found = world.listReviewComments(app.sandbox.world, pull);
      return found.length === count && found;
    });
  const reviewsOf = (pull: world.PullRequest): readonly world.Review[] =>
    world.select(app.sandbox.world, "reviews", ({ pullRequestId }) => pullRequestId === pull.id);

  it("T47: shows 200 annotations in requests of 50, errors first, ten comments in one review, and counts the rest", async () => {
    const place = await at("many");
    const broken = Array.from({ length: 230 }, (_, index) =>
      DEPLOYMENT.replaceAll("web", `web-${index}`).replace("replicas: 2", "replicas: two"),
    );
    const unknown = "apiVersion: example.com/v1\nkind: Widget\nmetadata: { name: first, namespace: shop }\n";
    const { head, pull } = await place.open("change", { "shop/many.yaml": [unknown, ...broken].join("---\n") });
    assert.equal((await place.judged(head)).conclusion, "failure");
    const run = await until(app, "all annotations", () => {
      const [found] = place.runs(head, "drydock/manifests");
      return found?.annotations.length === 200 && found;
    });
    assert.deepEqual([...new Set(run.annotations.map(({ level }) => level))], ["failure"]);
    assert.equal(new Set(run.annotations.map(({ startLine }) => startLine)).size, 200, "each is there once");
    assert.match(run.summary ?? "", /^200 findings on lines, 31 more in this report alone\.$/mu);
    await threadsOn(pull, 10);
    const [review, ...more] = reviewsOf(pull);
    assert.deepEqual(more, [], "one review");
    assert.deepEqual(
      [review?.state, review?.body],
      ["COMMENTED", "10 comments on this change; 220 more in the checks."],
    );
  });

  it("makes no thread of what does not block where every conversation has to be resolved", async () => {
    const config = "version: 1\nkubernetes: { missingSchema: warning }\nreview: { findings: all }\n";
    const place = await at("conversations", { files: { ...FILES, ".github/drydock.yaml": config } });
    const widget = "apiVersion: example.com/v1\nkind: Widget\nmetadata: { name: one, namespace: shop }\n";
    const files = { "shop/web.yaml": DEPLOYMENT.replace("replicas: 2", "replicas: two"), "shop/widget.yaml": widget };
    const { pull } = await place.open("before", files);
    const free = await threadsOn(pull, 2);
    assert.deepEqual(free.map(({ path }) => path).toSorted(), ["shop/web.yaml", "shop/widget.yaml"]);

    world.protectBranch(app.sandbox.world, place.repository, "main", { needsResolvedConversations: true });
    const { pull: guarded } = await place.open("after", files);
    const [only] = await threadsOn(guarded, 1);
    await place.quiet(800);
    assert.equal(only?.path, "shop/web.yaml");
    assert.equal(world.listReviewComments(app.sandbox.world, guarded).length, 1);
  });

  it("shows on each source file what it changes in which environment, folded, in one comment a file", async () => {
    const web = DEPLOYMENT.replaceAll("namespace: shop", "namespace: web");
    const api = DEPLOYMENT.replaceAll("web", "api");
    const overlay = (patches: string): string => `resources: [../../base]\n${patches}`;
    const values = "replicas: 3\n";
    const place = await at("rendered", {
      files: {
        "apps/web/base/kustomization.yaml": "resources: [deployment.yaml]\n",
        "apps/web/base/deployment.yaml": web,
        "apps/web/overlays/dev/kustomization.yaml": overlay(""),
        "apps/web/overlays/prod/kustomization.yaml": overlay(""),
        "apps/api/base/kustomization.yaml": "resources: [deployment.yaml]\n",
        "apps/api/base/deployment.yaml": api,
        "apps/api/overlays/dev/kustomization.yaml": overlay(""),
        "apps/api/overlays/prod/kustomization.yaml": overlay("patches: [{ path: replicas.yaml }]\n"),
        "apps/api/overlays/prod/replicas.yaml": PATCH,
        "charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n",
        "charts/db/values.yaml": values,
        "charts/db/values-dev.yaml": values,
        "charts/db/values-prod.yaml": values,
        "charts/db/templates/db.yaml": api
          .replaceAll("api", "db")
          .replace("replicas: 2", "replicas: {{ .Values.replicas }}"),
      },
    });
    const { head, pull } = await place.open("change", {
      "apps/web/base/deployment.yaml": web.replace("replicas: 2", "replicas: 0"),
      "apps/api/overlays/prod/replicas.yaml": PATCH.replace("replicas: 4", "replicas: 0"),
      "charts/db/values-prod.yaml": "replicas: 0\n",
    });
    await place.judged(head);
    const threads = await threadsOn(pull, 3);
    const told = threads.map(({ path, subject, body }) => {
      const environments = [...body.matchAll(/<b><code>(\w+)<\/code><\/b>/gu)].map(([, name]) => name);
      return [path, subject, environments.join(" ")];
    });
    assert.deepEqual(told.toSorted(), [
      ["apps/api/overlays/prod/replicas.yaml", "file", "prod"],
      ["apps/web/base/deployment.yaml", "file", "dev prod"],
      ["charts/db/values-prod.yaml", "file", "prod"],
    ]);
    for (const { body } of threads) assert.match(body, /^\+ {2}replicas: 0$/mu);
  });

  it("T47: tells a long report in three comments at most, with totals, and takes away those not needed any more", async () => {
    const config = (index: number, word: string): string => {
      const lines = Array.from({ length: 110 }, (_, line) => `  key-${line}: "${`${word} 𝔘𝔫𝔦 `.repeat(9)}${line}"`);
      return `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: big-${index}, namespace: shop }\ndata:\n${lines.join("\n")}\n`;
    };
    const all = (word: string): string =>
      Array.from({ length: 30 }, (_, index) => config(index, `${word}${index}`)).join("---\n");
    const place = await at("long", { files: { ...FILES, "shop/big.yaml": all("old") } });
    const { head, pull } = await place.open("change", { "shop/big.yaml": all("new") });
    await place.judged(head);
    await until(app, "three comments", () => place.comments(pull.number).length === 3);
    await place.quiet(800);
    const [first, second, third, ...more] = place.comments(pull.number);
    assert.ok(first !== undefined && second !== undefined && third !== undefined && more.length === 0);
    for (const { body } of [first, second, third]) assert.ok(Array.from(body).length <= 65_536);
    assert.match(
      first.body,
      /^Shortened to fit: .* Everything is in \[the full report\]\(http:\/\/127\.0\.0\.1:1\/long\//mu,
    );
    assert.match(first.body, /^Continued in the next comment \(2 of 3\)\.$/mu);
    assert.match(second.body, /^### Drydock's report, continued \(2 of 3\)$/mu);
    assert.match(third.body, /<b>All apps<\/b> \(1\)/u);

    const small = await place.push("change", { "shop/big.yaml": all("old").replace("old29 𝔘", "last 𝔘") });
    await place.judged(small);
    await until(app, "one comment", () => place.comments(pull.number).length === 1);
    assert.equal(place.comments(pull.number)[0]?.id, first.id);
  });

  it("T45: lets no text from the pull request do anything in check, comment or review", async () => {
    const place = await at("hostile");
    const name = "](https://evil.example) @grace #1 <img src=x> ![a](https://evil.example/a.png) ``` </details>";
    const hostile = DEPLOYMENT.replace("name: web, namespace", `name: ${JSON.stringify(name)}, namespace`);
    const file = "shop/@grace ![a](b) <b>.yaml";
    const { head, pull } = await place.open("@grace/x", { [file]: hostile.replace("replicas: 2", "replicas: two") });
    const gate = await place.judged(head);
    const [thread] = await until(app, "review comments", () => {
      const found = world.listReviewComments(app.sandbox.world, pull);
      return found.length > 0 && found;
    });
    const comment = await until(app, "the comment", () => place.comments(pull.number)[0]);
    const page = gate.detailsUrl;
    const [manifests] = place.runs(head, "drydock/manifests");
    const texts = [comment.body, thread?.body, gate.summary, gate.text, manifests?.summary, manifests?.text];
    assert.ok(texts.join("").includes("evil"), "it is told");
    for (const text of texts) assertInert((text ?? "").replace(/\n\n<!-- drydock [\w.-]+ -->\s*$/u, ""), page);
  });
});

const PATCH = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: api, namespace: shop }\nspec:\n  replicas: 4\n";
