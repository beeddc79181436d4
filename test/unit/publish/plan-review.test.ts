import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CommentableLines, JudgedFinding, Report, ReviewThread } from "../../../src/model/index.ts";
import { planPublication } from "../../../src/publish/index.ts";
import type { PublicationFacts } from "../../../src/publish/index.ts";
import { makeApp, makeChange, makeFinding, makeLocation, makeReport, makeResource } from "../../fakes/reports.ts";
import { assertInert } from "./assert-inert.ts";
import { FACTS, readConfig } from "./publish-fixtures.ts";

const FILE = "apps/web/base/deployment.yaml";
const LINES: CommentableLines = new Map([[FILE, [[10, 20]]]]);

function failing(findings: readonly JudgedFinding[]): Report {
  return makeReport({ findings, outcome: { status: "failed", exitCode: 1, title: "Fix errors" } });
}

function reviewOf(report: Report, text = "", facts: Partial<PublicationFacts> = {}) {
  return planPublication(report, readConfig(text), { ...FACTS, commentable: LINES, ...facts }).review;
}

function keysOf(threads: readonly ReviewThread[]): readonly string[] {
  return threads.map(({ key }) => key);
}

describe("review comments on findings", () => {
  it("stand on lines of the change alone, new errors by default", () => {
    const findings = [
      makeFinding({ location: makeLocation(FILE, 12), path: ["a"] }),
      makeFinding({ location: makeLocation(FILE, 21), path: ["b"] }),
      makeFinding({ location: makeLocation(FILE), path: ["c"] }),
      makeFinding({ location: makeLocation("other.yaml", 12), path: ["d"] }),
      makeFinding({ location: undefined, path: ["e"] }),
      makeFinding({ location: makeLocation(FILE, 12), path: ["f"], isNew: false }),
      makeFinding({ location: makeLocation(FILE, 12), path: ["g"], level: "warning" }),
    ];
    const { threads, overflow } = reviewOf(failing(findings));
    assert.deepEqual(
      threads.map(({ path, line, level }) => [path, line, level]),
      [[FILE, 12, "error"]],
    );
    assert.equal(overflow, 0);
    assert.match(
      threads[0]?.body ?? "",
      /^\*\*Error\*\* `schema`: Unknown field "replica"; did you mean "replicas"\?$/mu,
    );
    assert.match(threads[0]?.body ?? "", /^About `Deployment shop\/web`, `a`\.$/mu);
  });

  const sorts: readonly (readonly [string, readonly string[]])[] = [
    ["off", []],
    ["errors", ["error"]],
    ["all", ["error", "warning", "notice"]],
  ];
  for (const [wanted, levels] of sorts) {
    it(`review.findings: ${wanted} makes threads of ${levels.join(", ") || "nothing"}`, () => {
      const findings = (["notice", "error", "warning"] as const).map((level) =>
        makeFinding({ level, location: makeLocation(FILE, 12) }),
      );
      const { threads } = reviewOf(failing(findings), `review: {findings: ${wanted}}`);
      assert.deepEqual(
        threads.map(({ level }) => level),
        levels,
      );
    });
  }

  it("have a key that stands when line and message change, and differs by rule, resource, field and file", () => {
    const finding = makeFinding({ location: makeLocation(FILE, 12) });
    const [key] = keysOf(reviewOf(failing([finding])).threads);
    const moved = { ...finding, message: "Other words.", location: makeLocation(FILE, 19), apps: ["plain:x"] };
    assert.deepEqual(keysOf(reviewOf(failing([moved])).threads), [key]);
    const others = [
      { ...finding, rule: "other" },
      { ...finding, path: ["spec"] },
      { ...finding, resource: makeResource("Deployment", "api") },
    ];
    const keys = others.flatMap((each) => keysOf(reviewOf(failing([each])).threads));
    assert.equal(new Set([key, ...keys]).size, 4);
  });

  it("tell two findings of one rule at one field apart", () => {
    const finding = makeFinding({ resource: undefined, path: [], location: makeLocation(FILE, 12) });
    const { threads } = reviewOf(failing([finding, { ...finding, location: makeLocation(FILE, 14) }]));
    assert.equal(new Set(keysOf(threads)).size, 2);
  });

  it("are at most ten, the rest is counted", () => {
    const findings = Array.from({ length: 23 }, (_, index) =>
      makeFinding({ location: makeLocation(FILE, 12), path: [`field${index}`] }),
    );
    const { threads, overflow } = reviewOf(failing(findings));
    assert.deepEqual([threads.length, overflow], [10, 13]);
  });

  it("are none on drafts and quiet pull requests", () => {
    const report = failing([makeFinding({ location: makeLocation(FILE, 12) })]);
    for (const facts of [{ isDraft: true }, { isQuiet: true }])
      assert.deepEqual(reviewOf(report, "", facts), { threads: [], overflow: 0, standing: [] });
    assert.equal(reviewOf(report, "", { isFork: true }).threads.length, 1, "forks get them");
  });

  it("where conversations have to be resolved are only what blocks", () => {
    const findings = (["error", "warning"] as const).map((level) =>
      makeFinding({ level, location: makeLocation(FILE, 12) }),
    );
    const facts = { requiresResolvedConversations: true };
    const levels = (text: string) => reviewOf(failing(findings), text, facts).threads.map(({ level }) => level);
    assert.deepEqual(levels("review: {findings: all}"), ["error"]);
    assert.deepEqual(levels("review: {findings: all}\nmode: advise"), [], "nothing blocks in advise mode");
  });

  it("name one app, and fold several away", () => {
    const body = (apps: readonly string[]): string =>
      reviewOf(failing([makeFinding({ location: makeLocation(FILE, 12), apps })])).threads[0]?.body ?? "";
    assert.match(body(["plain:a"]), /^In `plain:a`\.$/mu);
    const many = body(Array.from({ length: 40 }, (_, index) => `plain:${index}`));
    assert.match(many, /<details><summary>In 40 apps<\/summary>/u);
    assert.match(many, /^- and 20 more$/mu);
    assertInert(many);
  });
});

const DIFF = "@@ -1,1 +1,1 @@\n-replicas: 2\n+replicas: 3\n";
const RISK = { id: "scaled-to-zero", level: "high", message: "Is scaled to 0 replicas." } as const;

function overlay(environment: string, name = "web", likeness = "same", risks: readonly (typeof RISK)[] = [RISK]) {
  const change = makeChange(makeResource("Deployment", name, environment), { diff: DIFF, likeness, risks });
  return makeApp(`apps/${name}/overlays/${environment}`, { environment, changes: [change] });
}

function touched(...files: readonly string[]): Partial<PublicationFacts> {
  return { commentable: new Map(files.map((file) => [file, []])) };
}

describe("rendered diffs on changed files", () => {
  const report = makeReport({ apps: ["dev", "prod"].map((environment) => overlay(environment)) });

  it("show on a base what it changes in each environment, the same once", () => {
    const { threads } = reviewOf(report, "", touched(FILE, "README.md"));
    assert.deepEqual(
      threads.map(({ path, line, level }) => [path, line, level]),
      [[FILE, undefined, "notice"]],
    );
    const body = threads[0]?.body ?? "";
    assert.match(body, /^\*\*What this file changes once it is rendered\*\*: 1 change, 1 risk in 2 apps\.$/mu);
    assert.match(
      body,
      /<summary><b><code>dev<\/code><\/b> and <b><code>prod<\/code><\/b> \(2 apps\): 1 change, 1 risk<\/summary>/u,
    );
    assert.equal(body.split("+replicas: 3").length - 1, 1);
    assertInert(body);
  });

  it("fold environments apart that change in other ways", () => {
    const apps = [overlay("dev", "web", "one"), overlay("prod", "web", "other")];
    const body = reviewOf(makeReport({ apps }), "", touched(FILE)).threads[0]?.body ?? "";
    assert.match(body, /<code>dev<\/code><\/b> \(1 app\)[^]*<code>prod<\/code><\/b> \(1 app\)/u);
  });

  it("stand on an overlay's own file for its own changes", () => {
    const file = "apps/web/overlays/prod/kustomization.yaml";
    const { threads } = reviewOf(makeReport({ apps: [overlay("prod")] }), "", touched(file, "apps/web/base/x.yaml"));
    assert.deepEqual(
      threads.map(({ path }) => path),
      [file],
    );
  });

  it("are none on plain manifests, which are deployed as the pull request shows them", () => {
    const plain = { ...overlay("prod"), id: "plain:apps/web/", kind: "plain" as const, path: "apps/web" };
    assert.deepEqual(reviewOf(makeReport({ apps: [plain] }), "", touched("apps/web/web.yaml")).threads, []);
  });

  it("stand on the values file of the one app it belongs to", () => {
    const app = (environment: string) => ({
      ...overlay(environment, "web", environment),
      id: `helm:charts/web#values-${environment}.yaml`,
      kind: "helm" as const,
      path: "charts/web",
    });
    const facts = touched("charts/web/values-prod.yaml", "charts/web/values-dev.yaml");
    const { threads } = reviewOf(makeReport({ apps: [app("dev"), app("prod")] }), "", facts);
    assert.deepEqual(threads.map(({ path, body }) => [path, /<code>(dev|prod)</u.exec(body)?.[1]]).toSorted(), [
      ["charts/web/values-dev.yaml", "dev"],
      ["charts/web/values-prod.yaml", "prod"],
    ]);
  });

  it("stand nowhere when two files may have brought the change", () => {
    assert.deepEqual(reviewOf(report, "", touched(FILE, "apps/web/base/service.yaml")).threads, []);
  });

  it("follow the file that a change names", () => {
    const [app] = report.apps;
    assert.ok(app);
    const changes = app.changes.map((change) => ({ ...change, location: makeLocation(FILE, 3) }));
    const facts = touched(FILE, "apps/web/base/service.yaml");
    assert.equal(reviewOf(makeReport({ apps: [{ ...app, changes }] }), "", facts).threads[0]?.path, FILE);
  });

  it("are for risky files alone by default, for all or for none as configured", () => {
    const calm = makeReport({ apps: [overlay("prod", "web", "calm", [])] });
    const amount = (wanted: string): number =>
      reviewOf(calm, `review: {renderedDiffs: ${wanted}}`, touched(FILE)).threads.length;
    assert.deepEqual(["off", "risky", "all"].map(amount), [0, 0, 1]);
    assert.deepEqual(reviewOf(report, "review: {renderedDiffs: off}", touched(FILE)).threads, []);
  });

  it("do not block: none where conversations have to be resolved, none on drafts", () => {
    for (const fact of [{ requiresResolvedConversations: true }, { isDraft: true }])
      assert.deepEqual(reviewOf(report, "", { ...touched(FILE), ...fact }).threads, []);
  });

  it("have a key that stands until they say something else", () => {
    const [key] = keysOf(reviewOf(report, "", touched(FILE)).threads);
    assert.deepEqual(keysOf(reviewOf({ ...report, notes: ["x"] }, "", touched(FILE)).threads), [key]);
    const other = makeReport({ apps: [overlay("dev", "web", "other")] });
    assert.notDeepEqual(keysOf(reviewOf(other, "", touched(FILE)).threads), [key]);
  });

  it("T47: stay within their bound and say so", () => {
    const changes = Array.from({ length: 400 }, (_, index) =>
      makeChange(makeResource("Deployment", `w${index}`), {
        diff: DIFF.repeat(20),
        likeness: `l${index}`,
        risks: [RISK],
      }),
    );
    const wide = makeReport({ apps: [makeApp("apps/web/overlays/prod", { environment: "prod", changes })] });
    const body = reviewOf(wide, "", touched("apps/web/overlays/prod/kustomization.yaml")).threads[0]?.body ?? "";
    assert.ok(Array.from(body).length <= 31_000);
    assert.match(body, /^Shortened to fit;/mu);
    assertInert(body);
  });
});
