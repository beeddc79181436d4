import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { combineVerdicts, judgeReport, planPublication } from "../../../src/publish/index.ts";
import { POLICY_REPORTS } from "../../fakes/policy-reports.ts";
import { REPORTS } from "../../fakes/reports.ts";
import { COMMITS, FACTS, PAGE, readConfig } from "./publish-fixtures.ts";

const FOLDER = new URL("../../golden/publish/", import.meta.url);
const isUpdate = process.env["UPDATE_GOLDEN"] === "1";
const CONFIG = readConfig(
  'labels: { environment: "env/{environment}", risk: "risk/{risk}", state: "drydock/{state}" }\nreview: {findings: all}',
);
const commentable = new Map([
  ["apps/web/base/deployment.yaml", [[1, 40] as const]],
  ["apps/web/base/pdb.yaml", [[1, 9] as const]],
]);

/** All that a reader meets on the pull request, as one text. */
function writeAll(name: string): string {
  const report = REPORTS.get(name) ?? POLICY_REPORTS.get(name);
  assert.ok(report);
  const verdict = judgeReport(report, CONFIG, { ...COMMITS, pageUrl: PAGE });
  const checks = combineVerdicts(COMMITS.headSha, [{ number: 7, baseRef: "main", verdict }]);
  const states = verdict.parts.map((part) => part.state);
  const state = states.find((each) => each === "failure") ?? states.find((each) => each === "in_progress") ?? "success";
  const { comments, review, labels } = planPublication(report, CONFIG, { ...FACTS, commentable, state });
  return [
    ...checks.flatMap(({ name: check, state, title, summary, text, annotations }) => [
      `===== check ${check}: ${state}: ${title}`,
      summary,
      ...(text === "" ? [] : ["----- text", text]),
      ...annotations
        .slice(0, 5)
        .map((each) => `----- ${each.level} ${each.path}:${each.startLine}\n${each.title}\n${each.message}`),
    ]),
    ...comments.flatMap((comment) => ["===== comment", comment]),
    ...review.threads.flatMap(({ path, line, body }) => [`===== review ${path}:${line ?? "file"}`, body]),
    `===== labels: ${labels.map((label) => label.name).join(", ") || "none"}; ${review.overflow} more threads`,
    "",
  ].join("\n");
}

for (const name of ["quiet", "broken", "risky", "fan-out", "not-checked", "hostile", ...POLICY_REPORTS.keys()]) {
  test(`${name} is published as test/golden/publish/${name}.txt says`, () => {
    const actual = writeAll(name);
    const file = new URL(`${name}.txt`, FOLDER);
    if (isUpdate) {
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(file, actual);
    }
    const expected = readFileSync(file, "utf8");
    assert.ok(expected.length > 200, "a golden file must not be empty");
    assert.equal(actual, expected);
    assert.equal(writeAll(name), actual, "the same report gives the same bytes");
  });
}
