import { buildSnapshot, type Snapshot } from "../../../src/pipeline/snapshot.ts";

/** A snapshot of a tree `t` that knows links, by what following them has met, and nothing else. */
export function snapshotOfLinks(links: ReadonlyMap<string, readonly string[]>): Snapshot {
  const none = new Map<string, never>();
  return buildSnapshot({
    ...{ tree: "t", facts: none, records: [], partners: none, readers: none, links, crds: none },
    layout: { agents: [], notes: [] },
  });
}
