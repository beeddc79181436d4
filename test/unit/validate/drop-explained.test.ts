import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RawFinding } from "../../../src/model/index.ts";
import { dropExplained, type RuleFacts } from "../../../src/validate/index.ts";

const facts: RuleFacts = {
  kubernetesVersion: "1.36.3",
  isVersionAssumed: true,
  lifecycles: new Map([["batch/v1beta1/CronJob", { minors: [], removed: "1.25" }]]),
  scope: () => undefined,
  isSubstituted: false,
  removedCrds: new Set(["x.dev/Ship"]),
};

function found(rule: string, apiVersion: string, kind: string): RawFinding {
  const [group = "", version = ""] = apiVersion.split("/");
  const resource = { group, version, kind, namespace: "", name: "a" };
  return { rule, level: "error", message: "", resource, path: [], file: undefined, line: undefined, column: undefined };
}

describe("dropExplained", () => {
  const cases: [string, RawFinding, boolean][] = [
    ["no schema of a removed API", found("schema-missing", "batch/v1beta1", "CronJob"), false],
    ["no schema of a removed CRD", found("schema-missing", "x.dev/v1", "Ship"), false],
    ["no schema of anything else", found("schema-missing", "batch/v9", "CronJob"), true],
    ["another finding of a removed API", found("embedded-syntax", "batch/v1beta1", "CronJob"), true],
    ["no resource", { ...found("schema-missing", "x.dev/v1", "Ship"), resource: undefined }, true],
  ];
  for (const [name, finding, isKept] of cases) {
    it(`${name} is ${isKept ? "kept" : "dropped"}`, () => {
      assert.equal(dropExplained([finding], facts).length, isKept ? 1 : 0);
    });
  }
});
