import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createBaseline, readBaseline, writeBaseline, type BaselineEntry } from "../../../src/policy/index.ts";
import type { AppId, Finding, FindingException } from "../../../src/model/index.ts";

const WEB = { group: "apps", version: "v1", kind: "Deployment", namespace: "shop", name: "web" };

const USED = { state: "used", reason: "r", expires: undefined, approvers: undefined, place: undefined } as const;

interface Asked extends Partial<Finding> {
  readonly app?: AppId;
  readonly exception?: FindingException;
}

/** The findings asked for in turn: whether each is known, and what is left. */
function ask(entries: readonly BaselineEntry[], ...asked: readonly Asked[]) {
  const baseline = createBaseline(entries, (rule) => rule !== "policy-broken" && rule !== "schema");
  const known = asked.map(({ app = "plain:a/", exception, ...parts }) => {
    const finding: Finding = {
      ...{ rule: "image-tag", level: "error", message: "hunter2", resource: WEB, path: ["spec", "a/b", 0] },
      ...{ location: undefined, isRendered: false, help: undefined, ...parts },
    };
    return baseline.isKnown(finding, app, exception);
  });
  return { known, left: baseline.listUnmatched().map(({ count }) => count), text: writeBaseline(baseline.listAsked()) };
}

function entriesOf(text: string): readonly BaselineEntry[] {
  const reading = readBaseline(text);
  assert.ok(reading.kind === "read", JSON.stringify(reading));
  return reading.entries;
}

describe("a baseline that is written", () => {
  it("has one sorted line for each finding and app, counts what is alike, and no message", () => {
    const { text } = ask(
      [],
      { app: "plain:b/" },
      {},
      { message: "another" },
      { rule: "host-access", level: "warning", resource: { ...WEB, namespace: "" }, path: [] },
    );
    assert.equal(
      text,
      `{
  "version": 1,
  "findings": [
    {"rule":"host-access","app":"plain:a/","resource":"Deployment/web","path":""},
    {"rule":"image-tag","app":"plain:a/","resource":"Deployment/shop/web","path":"/spec/a~1b/0","count":2},
    {"rule":"image-tag","app":"plain:b/","resource":"Deployment/shop/web","path":"/spec/a~1b/0"}
  ]
}
`,
    );
    assert.equal(entriesOf(text).length, 3);
  });

  it("names the file of what is in no resource, each by itself", () => {
    const at = (file: string) => {
      const location = { file, line: 3, endLine: undefined, column: undefined };
      return { resource: undefined, path: [], location };
    };
    const { text } = ask([], at("charts/web/values.yaml"), at("charts/web/values-prod.yaml"));
    const entries = entriesOf(text);
    assert.deepEqual(
      entries.map(({ resource }) => resource),
      ["file charts/web/values-prod.yaml", "file charts/web/values.yaml"],
    );
    assert.deepEqual(ask(entries, at("charts/web/values.yaml"), at("charts/web/values-dev.yaml")).known, [true, false]);
  });

  it("leaves out notices, other checks and what an exception takes", () => {
    const { text } = ask([], { level: "notice" }, { rule: "schema" }, { exception: USED });
    assert.deepEqual(entriesOf(text), []);
  });
});

describe("a baseline", () => {
  const [entry] = entriesOf(ask([], {}).text);
  assert.ok(entry !== undefined);

  it("knows what it names and nothing else", () => {
    assert.deepEqual(ask([entry], {}).known, [true]);
    for (const other of [{ rule: "x" }, { path: ["spec"] }, { app: "plain:b/" }, { resource: undefined }]) {
      assert.deepEqual(ask([entry], other).known, [false], JSON.stringify(other));
    }
  });

  it("excuses as many as it counts", () => {
    assert.deepEqual(ask([entry], {}, {}).known, [true, false]);
    assert.deepEqual(ask([{ ...entry, count: 2 }], {}, {}, {}).known, [true, true, false]);
    assert.deepEqual(ask([entry, entry], {}, {}, {}).known, [true, true, false]);
  });

  it("never knows a broken policy, and leaves manifests alone", () => {
    const entries = ["policy-broken", "schema"].map((rule) => ({ ...entry, rule }));
    assert.deepEqual(ask(entries, { rule: "policy-broken" }, { rule: "schema" }).known, [false, false]);
  });

  it("tells what it was not needed for", () => {
    assert.deepEqual(ask([{ ...entry, count: 3 }]).left, [3]);
    assert.deepEqual(ask([{ ...entry, count: 3 }], {}).left, [2]);
    assert.deepEqual(ask([entry], { exception: USED }).left, [1]);
  });
});

describe("T37: a baseline that cannot be read is broken on its line", () => {
  for (const [text, line, message] of [
    ["", 1, /not JSON/u],
    ['{\n  "version": 1,\n  "findings": [}\n', 3, /not JSON/u],
    ['{\n  "version": 1,\n  "findings": []\n', 3, /not JSON/u],
    ['{\n  "version": 1,\n  "findings": [oops]\n}\n', 3, /not JSON/u],
    ['{\n  "version": 1,\n  "findings": [\n    {},\n  ]\n}\n', 5, /not JSON/u],
    ['{\n  "version": 1,\n  findings: []\n}\n', 3, /not JSON/u],
    ['{\n  "version": 1,\n  "findings": [ "a\n" ] ]\n}\n', 4, /not JSON/u],
    ['{\n  "version": 1\n  "findings": []\n}\n', 3, /not JSON/u],
    ['{\n  "version": 2,\n  "findings": []\n}\n', 2, /version/u],
    ['{ "version": 1 }', 1, /findings/u],
    ['{ "version": 1,\n "findings": [\n {"rule":"a","app":"b","resource":"c"}]}', 3, /findings\.0\.path/u],
    ['{ "version": 1,\n "findings": [], "extra": 1}', 1, /extra/u],
    ['{ "version": 1, "findings": [{"rule":"a","app":"b","resource":"","path":"","count":0}]}', 1, /count/u],
    ["[]", 1, /expected object/u],
    ['{ "version": 1, "findings": [], "__proto__": {} }', 1, /__proto__/u],
  ] as const) {
    it(JSON.stringify(text).slice(0, 70), () => {
      const reading = readBaseline(text);
      assert.ok(reading.kind === "broken", JSON.stringify(reading));
      assert.equal(reading.line, line);
      assert.match(reading.message, message);
    });
  }
});
