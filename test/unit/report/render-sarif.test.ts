import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { Ajv } from "ajv";
import type { Report } from "../../../src/model/index.ts";
import { renderSarif } from "../../../src/report/index.ts";
import { POLICY_REPORTS } from "../../fakes/policy-reports.ts";
import {
  HOSTILE_TEXTS,
  makeFinding,
  makeHostileReport,
  makeLocation,
  makeReport,
  makeResource,
  REPORTS,
} from "../../fakes/reports.ts";

// Of draft 4 it uses nothing that draft 7 reads otherwise but the names `$schema` and `id`.
const schema = JSON.parse(
  readFileSync(new URL("../../fixtures/sarif/sarif-2.1.0-rtm.5.json", import.meta.url), "utf8"),
) as object;
const validate = new Ajv({
  allErrors: true,
  strict: false,
  unicodeRegExp: false,
  formats: { uri: (text: string) => URL.canParse(text), "uri-reference": true, "date-time": true },
}).compile(Object.fromEntries(Object.entries(schema).filter(([key]) => key !== "$schema" && key !== "id")));

interface SarifLog {
  readonly version: string;
  readonly runs: readonly {
    readonly tool: {
      readonly driver: {
        readonly name: string;
        readonly rules: readonly {
          readonly id: string;
          readonly shortDescription: { text: string };
          readonly help: { text: string };
        }[];
      };
    };
    readonly invocations: readonly {
      readonly executionSuccessful: boolean;
      readonly toolExecutionNotifications?: readonly { message: { text: string } }[];
    }[];
    readonly results: readonly SarifResult[];
  }[];
}

interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly baselineState: string;
  readonly message: { readonly text: string };
  readonly locations: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { uri: string; uriBaseId: string };
      readonly region: { startLine: number; startColumn?: number; endLine?: number };
    };
  }[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
}

/** What SARIF 2.1.0 requires (§3.13, §3.14, §3.18–19, §3.27–30) and what GitHub asks for on top. */
function readLog(report: Report): { log: SarifLog; run: SarifLog["runs"][number] } {
  const log = JSON.parse(renderSarif(report)) as SarifLog;
  assert.ok(validate(log), JSON.stringify(validate.errors, null, 2));
  assert.equal(log.runs.length, 1);
  const [run] = log.runs;
  assert.ok(run !== undefined);
  assert.equal(run.tool.driver.name, "Drydock");
  assert.equal(typeof run.invocations[0]?.executionSuccessful, "boolean");
  const ids = run.tool.driver.rules.map((rule) => rule.id);
  assert.equal(new Set(ids).size, ids.length);
  for (const rule of run.tool.driver.rules) assert.ok(rule.shortDescription.text !== "" && rule.help.text !== "");
  for (const result of run.results) assertResult(result, ids);
  const prints = run.results.map((result) => result.partialFingerprints["primaryLocationLineHash"]);
  assert.equal(new Set(prints).size, prints.length, "no two results share a fingerprint");
  return { log, run };
}

function assertResult(result: SarifResult, ids: readonly string[]): void {
  assert.equal(ids[result.ruleIndex], result.ruleId);
  assert.ok(["error", "warning", "note"].includes(result.level));
  assert.ok(["new", "unchanged"].includes(result.baselineState));
  assert.equal(result.locations.length, 1);
  for (const { physicalLocation } of result.locations) {
    const { uri, uriBaseId } = physicalLocation.artifactLocation;
    assert.match(uri, /^(?:[A-Za-z0-9\-._~!*'()/]|%[0-9A-F]{2})+$/u, "a relative reference, percent-encoded");
    assert.equal(uriBaseId, "%SRCROOT%");
    const { startLine, endLine = startLine } = physicalLocation.region;
    assert.ok(startLine >= 1 && endLine >= startLine);
  }
}

describe("renderSarif", () => {
  for (const [name, report] of [...REPORTS, ...POLICY_REPORTS])
    test(`${name} is a log as GitHub takes it`, () => void readLog(report));
  for (const text of HOSTILE_TEXTS) {
    test(`${JSON.stringify(text)} keeps the log whole and makes no link`, () => {
      const { run } = readLog(makeHostileReport(text));
      for (const result of run.results) assert.doesNotMatch(result.message.text, /\]\(/u);
    });
  }

  test("tells failures by what they do to the check", () => {
    const { run } = readLog(REPORTS.get("not-checked") ?? makeReport());
    assert.deepEqual(
      run.results.map(({ ruleId, level }) => [ruleId, level]),
      [
        ["failure/remote-input", "warning"],
        ["failure/missing-dependency", "note"],
      ],
    );
    assert.equal(run.invocations[0]?.executionSuccessful, false);
  });

  test("marks what stands on the base as unchanged", () => {
    const { run } = readLog(REPORTS.get("known-only") ?? makeReport());
    assert.deepEqual(new Set(run.results.map((result) => result.baselineState)), new Set(["unchanged"]));
  });

  test("keeps the fingerprint when file, line and message move, and changes it with the resource", () => {
    const print = (finding: Parameters<typeof makeFinding>[0]): string | undefined =>
      readLog(makeReport({ findings: [makeFinding(finding)] })).run.results[0]?.partialFingerprints[
        "primaryLocationLineHash"
      ];
    const before = print({});
    assert.equal(print({ location: makeLocation("moved.yaml", 99), message: "Other words." }), before);
    assert.notEqual(print({ resource: makeResource("Deployment", "api") }), before);
    assert.notEqual(print({ path: ["spec", "other"] }), before);
  });

  test("percent-encodes paths", () => {
    const { run } = readLog(makeReport({ findings: [makeFinding({ location: makeLocation("a:b/c d/ü#1.yaml", 1) })] }));
    assert.equal(run.results[0]?.locations[0]?.physicalLocation.artifactLocation.uri, "a%3Ab/c%20d/%C3%BC%231.yaml");
  });

  test("leaves out what GitHub would not show, known findings first, and says so", () => {
    const known = Array.from({ length: 4_000 }, (_, index) => makeFinding({ isNew: false, path: ["a", index] }));
    const fresh = Array.from({ length: 2_000 }, (_, index) => makeFinding({ path: ["b", index] }));
    const { run } = readLog(makeReport({ findings: [...known, ...fresh] }));
    assert.equal(run.results.length, 5_000);
    assert.equal(run.results.filter((result) => result.baselineState === "new").length, 2_000);
    assert.match(run.invocations[0]?.toolExecutionNotifications?.[0]?.message.text ?? "", /^1,000 results left out/u);
  });

  test("the schema refuses what is not in it", () => {
    const log = JSON.parse(renderSarif(REPORTS.get("known-only") ?? makeReport())) as SarifLog;
    assert.equal(validate({ ...log, version: "2.0.0" }), false);
    assert.equal(validate({ ...log, runs: [{ ...log.runs[0], results: [{}] }] }), false);
  });

  test("tells results of one resource apart by what names them, so that one that goes leaves the others theirs", () => {
    const [a, b] = ["a", "b"].map((field) => makeFinding({ rule: "rego/main/deny", path: [], field, message: field }));
    assert.ok(a !== undefined && b !== undefined);
    const print = (...findings: readonly (typeof a)[]) =>
      readLog(makeReport({ findings })).run.results.at(-1)?.partialFingerprints["primaryLocationLineHash"];
    assert.equal(print(a, b), print(b));
    assert.notEqual(print(a), print(b));
  });

  test("is never larger than GitHub takes, whatever messages hold, and says what is left out", () => {
    const noise = makeNoise(3_000);
    const findings = Array.from({ length: 5_000 }, (_, index) =>
      makeFinding({ path: ["a", index], message: `${index} ${noise.slice(index % 97)}${index}` }),
    );
    const text = renderSarif(makeReport({ findings }));
    assert.ok(Buffer.byteLength(text) < 10_000_000 && gzipSync(text).length < 10_000_000);
    const { run } = readLog(makeReport({ findings }));
    const left = run.invocations[0]?.toolExecutionNotifications?.[0]?.message.text ?? "";
    assert.match(left, /^\d,\d{3} results left out/u);
    assert.equal(Number(left.slice(0, 5).replace(",", "")) + run.results.length, 5_000);
  });

  test("cuts a message that nobody would read to its end", () => {
    const { run } = readLog(makeReport({ findings: [makeFinding({ message: "x".repeat(100_000) })] }));
    assert.ok((run.results[0]?.message.text.length ?? 0) < 5_000);
  });
});

function makeNoise(length: number): string {
  return Array.from({ length }, (_, index) => String.fromCharCode(33 + ((index * index * 31 + index * 17) % 90))).join(
    "",
  );
}
