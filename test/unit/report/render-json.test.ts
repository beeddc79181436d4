import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ManifestValue } from "../../../src/model/index.ts";
import { NumberText, SealedValue } from "../../../src/model/index.ts";
import { renderJson } from "../../../src/report/index.ts";
import { POLICY_REPORTS } from "../../fakes/policy-reports.ts";
import {
  HOSTILE_TEXTS,
  makeApp,
  makeChange,
  makeField,
  makeFinding,
  makeHostileReport,
  makeReport,
  makeResource,
  REPORTS,
} from "../../fakes/reports.ts";

const schema = JSON.parse(
  readFileSync(new URL("../../../schemas/report.schema.json", import.meta.url), "utf8"),
) as object;
const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);

function fieldOf(before: ManifestValue | undefined, after: ManifestValue | undefined): string {
  const change = makeChange(makeResource("ConfigMap", "web"), { fields: [makeField(["data", "a/b"], before, after)] });
  return renderJson(makeReport({ apps: [makeApp("apps/web", { changes: [change] })] }));
}

function assertValid(json: string): void {
  assert.ok(validate(JSON.parse(json)), JSON.stringify(validate.errors, null, 2));
}

describe("renderJson", () => {
  for (const [name, report] of [...REPORTS, ...POLICY_REPORTS])
    test(`${name} follows the published schema`, () => assertValid(renderJson(report)));
  for (const text of HOSTILE_TEXTS) {
    test(`${JSON.stringify(text)} follows the published schema`, () =>
      assertValid(renderJson(makeHostileReport(text))));
  }

  test("the schema refuses what is not in it", () => {
    const report = JSON.parse(renderJson(makeReport())) as Record<string, unknown>;
    assert.equal(validate({ ...report, version: 2 }), false);
    assert.equal(validate({ ...report, secret: "x" }), false);
    assert.equal(validate({ ...report, apps: [{}] }), false);
  });

  test("writes numbers as their source has them", () => {
    const json = fieldOf(new NumberText("1.10"), new NumberText("12345678901234567890"));
    assert.ok(json.includes('"before": 1.10,'));
    assert.ok(json.includes('"after": 12345678901234567890'));
  });

  test("writes a number that JSON does not know as text", () => {
    assert.ok(fieldOf(undefined, new NumberText(".inf")).includes('"after": ".inf"'));
  });

  test("tells a missing value from null", () => {
    const json = fieldOf(undefined, null);
    assert.ok(!json.includes('"before"'));
    assert.ok(json.includes('"after": null'));
  });

  test("tells a secret value as null and says that it is sealed", () => {
    const json = fieldOf(new SealedValue("mac-of-old"), new Map([["password", new SealedValue("mac-of-new")]]));
    assert.ok(json.includes('"sealed": true'));
    assert.ok(!json.includes("mac-of"));
  });

  test("keeps a key named __proto__ as a key", () => {
    const value = new Map<string, ManifestValue>([["__proto__", "kept"]]);
    assert.ok(fieldOf(undefined, value).includes('"__proto__": "kept"'));
  });

  test("gives each app its own findings, and each finding once with all of its apps", () => {
    const report = makeReport({
      apps: [makeApp("apps/a"), makeApp("apps/b")],
      findings: [
        makeFinding({ apps: ["kustomize:apps/a", "kustomize:apps/b"] }),
        makeFinding({ rule: "own", apps: ["kustomize:apps/b"] }),
      ],
    });
    const json = JSON.parse(renderJson(report)) as {
      apps: { findings: { rule: string; app: string }[] }[];
      findings: { apps: string[] }[];
    };
    assert.deepEqual(
      json.apps.map((app) => app.findings.map(({ rule, app: id }) => [rule, id])),
      [
        [["schema", "kustomize:apps/a"]],
        [
          ["schema", "kustomize:apps/b"],
          ["own", "kustomize:apps/b"],
        ],
      ],
    );
    assert.deepEqual(
      json.findings.map((finding) => finding.apps.length),
      [2, 1],
    );
  });

  test("holds no character that acts on a terminal", () => {
    for (const text of HOSTILE_TEXTS)
      assert.doesNotMatch(renderJson(makeHostileReport(text)).replaceAll("\n", ""), /[\p{Cc}\p{Cf}]/u);
  });
});
