import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { knowByBaseline, readBaseline, writeBaseline, type BaselineEntry } from "../../../src/policy/index.ts";
import type { JudgedFinding } from "../../../src/model/index.ts";

const WEB = { group: "apps", version: "v1", kind: "Deployment", namespace: "shop", name: "web" };

function found(parts: Partial<JudgedFinding> = {}): JudgedFinding {
  return {
    ...{ rule: "image-tag", check: "policy", level: "error", message: "m", resource: WEB },
    ...{ path: ["spec", "a/b", 0], location: undefined, isRendered: false, help: undefined },
    ...{ isNew: true, apps: ["plain:a/"] },
    ...parts,
  };
}

function entriesOf(text: string): readonly BaselineEntry[] {
  const reading = readBaseline(text);
  assert.ok(reading.kind === "read", JSON.stringify(reading));
  return reading.entries;
}

function know(findings: readonly JudgedFinding[], entries: readonly BaselineEntry[]) {
  const { findings: known, unmatched } = knowByBaseline(findings, entries, (rule) => rule === "policy-broken");
  return { told: known.map(({ isNew, apps }) => [isNew, ...apps]), unmatched: unmatched.map(({ count }) => count) };
}

describe("a baseline that is written", () => {
  it("has one sorted line for each finding and app, and counts what is alike", () => {
    const text = writeBaseline([
      found({ apps: ["plain:b/", "plain:a/"] }),
      found({ message: "another" }),
      found({ rule: "host-access", level: "warning", resource: { ...WEB, namespace: "" }, path: [] }),
    ]);
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

  it("leaves out notices, other checks and what an exception takes; no message is in it", () => {
    const used = { state: "used", reason: "r", expires: undefined, approvers: undefined, place: undefined } as const;
    const text = writeBaseline([found({ level: "notice" }), found({ check: "manifests" }), found({ exception: used })]);
    assert.deepEqual(entriesOf(text), []);
    assert.ok(!writeBaseline([found({ message: "hunter2" })]).includes("hunter2"));
  });
});

describe("a baseline", () => {
  const [entry] = entriesOf(writeBaseline([found()]));
  assert.ok(entry !== undefined);

  it("makes what it names known, at any level, and nothing else", () => {
    assert.deepEqual(know([found()], [entry]), { told: [[false, "plain:a/"]], unmatched: [] });
    for (const other of [{ rule: "x" }, { path: ["spec"] }, { apps: ["plain:b/"] }, { resource: undefined }]) {
      assert.deepEqual(know([found(other)], [entry]).told[0]?.[0], true, JSON.stringify(other));
    }
  });

  it("excuses as many as it counts, those that the base shows first", () => {
    assert.deepEqual(know([found(), found({ isNew: false })], [entry]).told, [
      [true, "plain:a/"],
      [false, "plain:a/"],
    ]);
    assert.deepEqual(
      know([found(), found(), found()], [{ ...entry, count: 2 }]).told.map(([isNew]) => isNew),
      [false, false, true],
    );
  });

  it("divides a finding of several apps of which it knows some", () => {
    assert.deepEqual(know([found({ apps: ["plain:a/", "plain:b/"] })], [entry]).told, [
      [true, "plain:b/"],
      [false, "plain:a/"],
    ]);
  });

  it("never knows a broken policy, and leaves manifests alone", () => {
    const broken = found({ rule: "policy-broken" });
    assert.equal(know([broken], [{ ...entry, rule: "policy-broken" }]).told[0]?.[0], true);
    assert.equal(know([found({ check: "manifests" })], [entry]).told[0]?.[0], true);
  });

  it("tells what it was not needed for", () => {
    assert.deepEqual(know([], [{ ...entry, count: 3 }]).unmatched, [3]);
    assert.deepEqual(know([found()], [{ ...entry, count: 3 }]).unmatched, [2]);
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
