import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FileFacts } from "../../../src/discover/index.ts";
import type { Trace, Tree } from "../../../src/model/index.ts";
import { indexReaders } from "../../../src/pipeline/snapshot.ts";
import { toSnapshot, type Survey } from "../../../src/pipeline/survey.ts";
import { snapshotOfLinks } from "./snapshot-of-links.ts";

const LAYOUT = { agents: [], notes: [] };
const none = new Map<string, never>();

/** The trace of a link that leads to `target`, which is missing when it is below `gone/`. */
function traceOf(link: string, target: string): Trace {
  const end = target.startsWith("gone/")
    ? ({ kind: "absent", path: target } as const)
    : ({ kind: "entry", path: target, id: "f" } as const);
  return [{ kind: "entry", path: link, id: "l", entryKind: "symlink" }, end];
}

function indexLinks(links: Readonly<Record<string, string>>) {
  return indexReaders(new Map(Object.entries(links).map(([link, target]) => [link, traceOf(link, target)])));
}

/** A survey of a tree that differs from the remembered one in `changed` alone: link → target, or undefined for gone. */
function surveyLinks(
  remembered: Readonly<Record<string, string>>,
  changed: Readonly<Record<string, string | undefined>>,
): Survey {
  const links = indexLinks(remembered);
  const snapshot = snapshotOfLinks(links);
  const facts = new Map<string, FileFacts | undefined>();
  const linkTraces = new Map<string, Trace>();
  for (const [link, target] of Object.entries(changed)) {
    facts.set(link, target === undefined ? undefined : { kind: "link", target, content: { kind: "other" } });
    if (target !== undefined) linkTraces.set(link, traceOf(link, target));
  }
  const tree: Tree = {
    id: "next",
    resolve: () => assert.fail("nothing is looked up"),
    walk: () => assert.fail("nothing is walked"),
    readBlobs: () => assert.fail("nothing is read"),
    holds: () => assert.fail("nothing is looked up"),
  };
  const work = { rendered: 0, reused: 0, files: 0 };
  const nothing = { changed: none, traces: none, partners: none, crds: none, layout: LAYOUT, work };
  return { ...nothing, tree, snapshot, facts, linkTraces };
}

describe("toSnapshot", () => {
  it("leads to links as the snapshot before did where nothing changes", () => {
    const kept = toSnapshot(surveyLinks({ a: "shared/x", b: "shared/x", c: "gone/y" }, {}));
    assert.deepEqual(kept.linksOf("shared/x"), ["a", "b"]);
    assert.deepEqual([kept.linksOf("gone/y"), kept.linksThrough("gone")], [["c"], ["c"]]);
  });

  it("leads to links by where they lead now", () => {
    const kept = toSnapshot(surveyLinks({ a: "shared/x", b: "shared/x" }, { a: "shared/y", c: "shared/x" }));
    assert.deepEqual(kept.linksOf("shared/x").toSorted(), ["b", "c"]);
    assert.deepEqual(kept.linksOf("shared/y"), ["a"]);
  });

  it("leads to no link that is gone, or is none any more", () => {
    const kept = toSnapshot(surveyLinks({ a: "shared/x" }, { a: undefined }));
    assert.deepEqual([kept.linksOf("shared/x"), kept.linksOf("a"), kept.allLinks().size], [[], [], 0]);
  });
});
