import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { FileFacts } from "../../../src/discover/index.ts";
import type { Trace } from "../../../src/model/index.ts";
import { NO_PARTNERS, type Partners } from "../../../src/policy/index.ts";
import {
  buildSnapshot,
  decodeSnapshot,
  emptySnapshot,
  indexReaders,
  type AppRecord,
} from "../../../src/pipeline/snapshot.ts";
import { snapshotOfLinks } from "./snapshot-of-links.ts";

const record = (id: string, changes: Partial<AppRecord> = {}): AppRecord => ({
  app: {
    ...{ kind: "plain", id, path: id, environment: undefined, isEnvironmentDeclared: false, guessed: false },
    ...{ declaredIn: id, assumptions: [], isSubstituted: false, files: [] },
  },
  ...{ askedVersion: undefined, result: `result of ${id}`, failure: undefined, resources: 1, provides: [], uses: [] },
  ...{ claims: [], destinations: [], holdsPolicies: false },
  ...changes,
});

const OTHER: FileFacts = { kind: "other" };

function build(
  facts: Iterable<[string, FileFacts]>,
  records: readonly AppRecord[],
  traces: ReadonlyMap<string, Trace>,
  partners: ReadonlyMap<string, Partners> = new Map(),
) {
  const readers = indexReaders(traces);
  const layout = { agents: [], notes: ["a note"] };
  const crds = new Map([["g/K", "d"]]);
  const links = new Map<string, never>();
  return buildSnapshot({ tree: "t", facts: new Map(facts), records, partners, readers, links, crds, layout });
}

/** Keys that look like what surrounds them in the buffer. */
const HOSTILE = [
  "",
  "a",
  "a/b",
  '"',
  '\\"\t',
  "\n",
  "\t{}",
  "__proto__",
  "a\u0000b",
  "\u2028",
  "ü/名",
  "link:a",
  "crd:g/K",
];

describe("Snapshot", () => {
  it("finds what was put in, before and after it was written", () => {
    const facts = HOSTILE.map((path): [string, FileFacts] => [
      path,
      { kind: "manifests", hasCrd: path === "a", agents: [] },
    ]);
    const records = HOSTILE.map((id) => record(id));
    const traces = new Map(HOSTILE.map((id) => [id, [{ kind: "entry", path: `in ${id}`, id: "x" }] as Trace]));
    const built = build(facts, records, traces);
    for (const snapshot of [built, decodeSnapshot(Buffer.from(built.encode()))]) {
      for (const [path, fact] of facts) assert.deepEqual(snapshot.factsOf(path), fact);
      for (const id of HOSTILE) {
        assert.equal(snapshot.record(id)?.result, `result of ${id}`);
        assert.deepEqual(snapshot.readersOf(`in ${id}`), [id]);
      }
      assert.deepEqual([...snapshot.allFacts().keys()], HOSTILE);
      assert.deepEqual(
        snapshot.allRecords().map(({ app }) => app.id),
        HOSTILE,
      );
      assert.deepEqual([snapshot.tree, snapshot.crds, snapshot.layout.notes], ["t", [["g/K", "d"]], ["a note"]]);
    }
  });

  it("finds nothing that is not there", () => {
    const snapshot = build([["a/b", OTHER]], [record("app")], new Map());
    for (const path of ["a", "b", "/b", "a/b/", 'a/b"', ""]) assert.equal(snapshot.factsOf(path), undefined);
    assert.equal(snapshot.record("ap"), undefined);
    assert.deepEqual([snapshot.readersOf("a/b"), snapshot.readersThrough("a")], [[], []]);
  });

  it("counts apps without those that only bring CRDs, and names the failed ones", () => {
    const failure = { kind: "render", message: "m", location: undefined } as const;
    const snapshot = build([], [record("a"), record("b", { failure }), record("crds:x", { failure })], new Map());
    assert.deepEqual([snapshot.apps, snapshot.failed], [2, ["b"]]);
  });

  it("leads from a folder that may become a link to those that found nothing below it", () => {
    const trace: Trace = [{ kind: "absent", path: "lib/deep/a.yaml" }];
    const snapshot = build([], [record("app")], new Map([["app", trace]]));
    assert.deepEqual(snapshot.readersOf("lib/deep/a.yaml"), ["app"]);
    assert.deepEqual(snapshot.readersThrough("lib"), ["app"]);
    assert.deepEqual(snapshot.readersThrough("lib/deep"), ["app"]);
    assert.deepEqual(snapshot.readersOf("lib"), [], "a file that comes into lib is nothing to the app");
  });

  it("hands all readers on", () => {
    const traces = new Map<string, Trace>([
      [
        "one",
        [
          { kind: "entry", path: "p", id: "x" },
          { kind: "input", path: "crd:g/K", id: undefined },
        ],
      ],
      ["two", [{ kind: "directory", path: "p", names: "n" }]],
    ]);
    const snapshot = build([], [record("one"), record("two")], traces);
    assert.deepEqual(snapshot.allReaders().get("p"), ["one", "two"]);
    assert.deepEqual(snapshot.allReaders().get("crd:g/K"), ["one"]);
  });

  it("finds links by what they lead to", () => {
    const trace: Trace = [
      { kind: "entry", path: "a/link", id: "x", entryKind: "symlink" },
      { kind: "absent", path: "b/c" },
    ];
    const links = indexReaders(new Map([["a/link", trace]]));
    const built = snapshotOfLinks(links);
    for (const snapshot of [built, decodeSnapshot(Buffer.from(built.encode()))]) {
      assert.deepEqual(
        [snapshot.linksOf("b/c"), snapshot.linksOf("b"), snapshot.linksThrough("b")],
        [["a/link"], [], ["a/link"]],
      );
      assert.deepEqual(snapshot.allLinks(), links);
      assert.deepEqual(snapshot.readersOf("b/c"), []);
    }
  });

  it("finds apps by what they bring for others and need of them", () => {
    const app = (id: string, environment: string | undefined) =>
      record(id, { app: { ...record(id).app, environment } });
    const partners = new Map<string, Partners>([
      ["a", { offers: [["Secret s", "shop"]], needs: [] }],
      ["b", { offers: [["Secret s", ""]], needs: [[[["Pod x=y", ""]], [["Maker ", ""]]]] }],
    ]);
    const built = build([], [app("a", "prod"), app("b", undefined), app("c", "prod")], new Map(), partners);
    for (const snapshot of [built, decodeSnapshot(Buffer.from(built.encode()))]) {
      assert.deepEqual(snapshot.offerersOf("Secret s"), [
        { app: "a", namespace: "shop", environment: "prod" },
        { app: "b", namespace: "", environment: undefined },
      ]);
      assert.deepEqual([snapshot.needersOf("Pod x=y"), snapshot.needersOf("Maker ")], [["b"], ["b"]]);
      assert.deepEqual([snapshot.offerersOf("Pod x=y"), snapshot.needersOf("Secret s")], [[], []]);
      assert.deepEqual([snapshot.partnersOf("a"), snapshot.partnersOf("c")], [partners.get("a"), NO_PARTNERS]);
      assert.deepEqual(snapshot.allPartners(), partners);
    }
  });

  it("finds who brings it for any keys, and nobody for others", () => {
    const key = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(fc.uniqueArray(key, { minLength: 1, maxLength: 40 }), key, (keys, other) => {
        const offers = keys.map((name) => [name, "n"] as const);
        const snapshot = build([], [record("a")], new Map(), new Map([["a", { offers, needs: [] }]]));
        for (const each of keys) assert.equal(snapshot.offerersOf(each).length, 1, JSON.stringify(each));
        assert.equal(snapshot.offerersOf(other).length, Number(keys.includes(other)));
      }),
    );
  });

  it("is empty when it is made of nothing", () => {
    const snapshot = emptySnapshot("t");
    assert.deepEqual(
      [snapshot.apps, snapshot.allRecords(), snapshot.allFacts().size, snapshot.allReaders().size],
      [0, [], 0, 0],
    );
  });

  it("answers for any names as a map does", () => {
    const name = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: "binary", maxLength: 8 }));
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 8 }), name, (names, asked) => {
        const snapshot = build(
          names.map((path) => [path, OTHER]),
          names.map((id) => record(id)),
          new Map(),
        );
        assert.equal(snapshot.factsOf(asked) !== undefined, names.includes(asked));
        assert.equal(snapshot.record(asked)?.app.id, names.includes(asked) ? asked : undefined);
      }),
      { numRuns: 200 },
    );
  });
});
