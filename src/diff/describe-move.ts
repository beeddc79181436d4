import { createHash } from "node:crypto";
import type { AppId, ListKeys, Manifest, Move, ResourceChange, Risk } from "../model/index.ts";
import { describeChange } from "./diff-manifests.ts";
import { describeLikeness } from "./describe-likeness.ts";
import { createOpenManifest } from "./open-manifest.ts";
import { findKeeper } from "./risks/deletion.ts";

/** One end of a move: the app, and what it no longer has or has now. */
export interface MoveEnd {
  readonly app: AppId;
  readonly change: ResourceChange;
  readonly manifest: Manifest;
}

/**
 * Tells a resource that is removed from one app and added to another one as moved, on both ends. The added one says what
 * differs from the removed one; the risk of the removed one is that the old app's agent prunes it before the new app's
 * adopts it, unless it is told to keep it.
 */
export function describeMove(
  from: MoveEnd,
  to: MoveEnd,
  listKeys: ListKeys,
): { readonly removed: ResourceChange; readonly added: ResourceChange } {
  const open = createOpenManifest();
  const pair = { how: "identity", base: from.manifest, head: to.manifest } as const;
  const difference = describeChange(pair, open, listKeys, new Map());
  const isKept = from.change.risks.length === 0 || findKeeper(open(from.manifest)) !== undefined;
  return {
    removed: mark(from.change, { direction: "to", app: to.app }, isKept ? [] : [warnOfPruning(to)]),
    added: mark(difference ?? to.change, { direction: "from", app: from.app }, difference?.risks ?? [], difference),
  };
}

function warnOfPruning({ app }: MoveEnd): Risk {
  const message = `Moves to ${app}: the agent of the old app may prune it before the new one adopts it, or for good if the new app is on another cluster.`;
  return { id: "moved-between-apps", level: "medium", message };
}

function mark(
  { resource, hooks, location }: ResourceChange,
  moved: Move,
  risks: readonly Risk[],
  difference?: ResourceChange,
): ResourceChange {
  const action = moved.direction === "to" ? "removed" : "added";
  const { fields, noise, images, diff } = difference ?? { fields: [], noise: 0, images: [], diff: "" };
  const statement = { action, resource, previous: undefined, fields, whole: undefined, risks, hooks };
  const likeness = createHash("sha256")
    .update(JSON.stringify([moved.direction, moved.app, describeLikeness(statement)]))
    .digest("hex");
  return {
    action,
    resource,
    previous: undefined,
    hooks,
    moved,
    fields,
    noise,
    risks,
    images,
    diff,
    likeness,
    location,
  };
}
