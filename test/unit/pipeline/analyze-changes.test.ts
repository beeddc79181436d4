import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readRepositoryConfig, type RepositoryConfig } from "../../../src/config/index.ts";
import type { Resolution, Trace, TraceFact, Tree, TreeChange } from "../../../src/model/index.ts";
import { analyzeChanges } from "../../../src/pipeline/analyze-changes.ts";
import { indexReaders, type Snapshot } from "../../../src/pipeline/snapshot.ts";
import { snapshotOfLinks } from "./snapshot-of-links.ts";

const CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n";

function readConfig(): RepositoryConfig {
  const reading = readRepositoryConfig(undefined, ".github/drydock.yaml");
  assert.notEqual(reading.kind, "invalid");
  return reading.kind === "invalid" ? assert.fail() : reading.config;
}

/** A snapshot that knows these links by what following them has met. */
function remember(traces: Readonly<Record<string, Trace>>): Snapshot {
  const links = indexReaders(new Map(Object.entries(traces)));
  return snapshotOfLinks(links);
}

const linkAt = (path: string): TraceFact => ({ kind: "entry", path, id: "l", entryKind: "symlink" });
const fileAt = (path: string): TraceFact => ({ kind: "entry", path, id: "f" });

/** A tree in which each link leads to `shared/cm.yaml`. Walking it fails the test. */
function fakeTree(links: readonly string[]): { readonly tree: Tree; readonly asked: string[] } {
  const asked: string[] = [];
  const resolve = (path: string, onFact?: (fact: TraceFact) => void): Promise<Resolution> => {
    asked.push(path);
    const end = links.includes(path) ? "shared/cm.yaml" : path;
    if (end !== path) onFact?.(linkAt(path));
    onFact?.(fileAt(end));
    return Promise.resolve({ kind: "file", path: end, id: "f" });
  };
  const tree: Tree = {
    id: "t",
    resolve,
    walk: () => assert.fail("nothing is walked"),
    readBlobs: (ids) => Promise.resolve(ids.map(() => new TextEncoder().encode(CONFIG_MAP))),
    holds: () => Promise.resolve(true),
  };
  return { tree, asked };
}

const modified = (path: string): TreeChange => ({ path, action: "modified" });

describe("analyzeChanges", () => {
  const snapshot = remember({
    "a/link.yaml": [linkAt("a/link.yaml"), linkAt("hop"), fileAt("shared/cm.yaml")],
    "b/link.yaml": [linkAt("b/link.yaml"), { kind: "absent", path: "gone/far/x.yaml" }],
    "c/link": [linkAt("c/link"), { kind: "directory", path: "folder", names: "n" }],
  });
  const links = ["a/link.yaml", "b/link.yaml", "c/link"];

  it("looks at no link that the change does not touch", async () => {
    const { tree, asked } = fakeTree(links);
    await analyzeChanges(tree, [modified("plain/a.yaml"), modified("folder/x.yaml")], snapshot, readConfig());
    assert.deepEqual(asked, ["plain/a.yaml", "folder/x.yaml"]);
  });

  const table: readonly (readonly [string, TreeChange, string])[] = [
    ["the file behind it changes", modified("shared/cm.yaml"), "a/link.yaml"],
    ["a link on the way changes", modified("hop"), "a/link.yaml"],
    ["what was missing comes", { path: "gone/far/x.yaml", action: "added" }, "b/link.yaml"],
    ["a folder of what was missing becomes a link", { path: "gone", action: "added" }, "b/link.yaml"],
    ["the folder behind it may be gone", { path: "folder/x.yaml", action: "removed" }, "c/link"],
  ];
  for (const [title, change, link] of table) {
    it(`looks at a link again when ${title}`, async () => {
      const { tree } = fakeTree(links);
      const { facts, linkTraces } = await analyzeChanges(tree, [change], snapshot, readConfig());
      const content = link === "c/link" ? { kind: "other" } : { kind: "manifests", hasCrd: false, agents: [] };
      assert.deepEqual(facts.get(link), { kind: "link", target: "shared/cm.yaml", content });
      assert.deepEqual(linkTraces.get(link), [linkAt(link), fileAt("shared/cm.yaml")]);
    });
  }

  it("takes a link that is removed together with its target as gone", async () => {
    const { tree } = fakeTree(links);
    const changes = [modified("shared/cm.yaml"), { path: "a/link.yaml", action: "removed" } as const];
    const { facts, linkTraces } = await analyzeChanges(tree, changes, snapshot, readConfig());
    assert.deepEqual([facts.has("a/link.yaml"), facts.get("a/link.yaml"), linkTraces.size], [true, undefined, 0]);
  });
});
