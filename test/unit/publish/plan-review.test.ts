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

function overlay(environment: string, likeness = "same", file = FILE, risks = [RISK]) {
  const location = makeLocation(file);
  const change = makeChange(makeResource("Deployment", "web", environment), { diff: DIFF, likeness, risks, location });
  return makeApp(`apps/web/overlays/${environment}`, { environment, changes: [change] });
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
    const apps = [overlay("dev", "one"), overlay("prod", "other")];
    const body = reviewOf(makeReport({ apps }), "", touched(FILE)).threads[0]?.body ?? "";
    assert.match(body, /<code>dev<\/code><\/b> \(1 app\)[^]*<code>prod<\/code><\/b> \(1 app\)/u);
  });

  it("stand on the file that causes them in each environment, also where they say the same", () => {
    const own = "apps/web/overlays/prod/kustomization.yaml";
    const apps = [overlay("dev"), overlay("stage"), overlay("prod", "same", own)];
    const { threads } = reviewOf(makeReport({ apps }), "", touched(own, FILE));
    const told = threads.map(({ path, body }) => [
      path,
      [...body.matchAll(/<b><code>(\w+)</gu)].map(([, name]) => name),
    ]);
    assert.deepEqual(told.toSorted(), [
      [FILE, ["dev", "stage"]],
      [own, ["prod"]],
    ]);
  });

  it("are none on plain manifests, which are deployed as the pull request shows them", () => {
    const plain = { ...overlay("prod"), id: "plain:apps/web/", kind: "plain" as const, path: "apps/web" };
    assert.deepEqual(reviewOf(makeReport({ apps: [plain] }), "", touched(FILE)).threads, []);
  });

  it("stand nowhere when their cause is not known, or is no file of the pull request", () => {
    const unknown = makeReport({
      apps: [{ ...overlay("prod"), changes: [makeChange(makeResource("Deployment", "web"), { risks: [RISK] })] }],
    });
    assert.deepEqual(reviewOf(unknown, "", touched(FILE)).threads, []);
    assert.deepEqual(reviewOf(report, "", touched("apps/web/base/service.yaml")).threads, []);
  });

  it("are for risky files alone by default, for all or for none as configured", () => {
    const calm = makeReport({ apps: [overlay("prod", "calm", FILE, [])] });
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
    const other = makeReport({ apps: [overlay("dev", "other")] });
    assert.notDeepEqual(keysOf(reviewOf(other, "", touched(FILE)).threads), [key]);
  });

  it("T47: stay within their bound and say so", () => {
    const changes = Array.from({ length: 400 }, (_, index) =>
      makeChange(makeResource("Deployment", `w${index}`), {
        diff: DIFF.repeat(20),
        likeness: `l${index}`,
        risks: [RISK],
        location: makeLocation(FILE),
      }),
    );
    const wide = makeReport({ apps: [makeApp("apps/web/overlays/prod", { environment: "prod", changes })] });
    const body = reviewOf(wide, "", touched(FILE)).threads[0]?.body ?? "";
    assert.ok(Array.from(body).length <= 31_000);
    assert.match(body, /^Shortened to fit;/mu);
    assertInert(body);
  });
});
