import { describeMove, identityKey, sortChanges } from "../diff/index.ts";
import type { App, AppId, ListKeys, ResourceChange } from "../model/index.ts";
import type { ComparedApp } from "./compare-app.ts";

/** One compared app, as far as moves go. */
interface MovableView {
  readonly id: AppId;
  readonly record: { readonly app: Pick<App, "environment"> };
  readonly compared: ComparedApp;
}

interface Ends {
  readonly removed: Place[];
  readonly added: Place[];
}

interface Place {
  readonly view: MovableView;
  readonly change: ResourceChange;
}

/**
 * Links what leaves one app with what comes to another one under the same identity, once all apps are compared: a move is
 * no delete. Only where there is one of each, and both apps are of one environment: another one is likely another
 * cluster, where the resource does go away. An app that did not render on both sides has no changes, so it takes no part.
 * Cost: linear in what is added and removed.
 */
export function linkMoves<View extends MovableView>(views: readonly View[], listKeys: ListKeys): readonly View[] {
  const told = new Map<ResourceChange, ResourceChange>();
  for (const { removed, added } of collectEnds(views).values()) {
    const [from, to] = [toEnd(removed), toEnd(added)];
    if (from === undefined || to === undefined || from.app === to.app) continue;
    const move = describeMove(from, to, listKeys);
    told.set(from.change, move.removed);
    told.set(to.change, move.added);
  }
  if (told.size === 0) return views;
  return views.map((view) => {
    const { compared } = view;
    if (!compared.changes.some((change) => told.has(change))) return view;
    const changes = sortChanges(compared.changes.map((change) => told.get(change) ?? change));
    return { ...view, compared: { ...compared, changes } };
  });
}

function collectEnds(views: readonly MovableView[]): ReadonlyMap<string, Ends> {
  const ends = new Map<string, Ends>();
  for (const view of views) {
    for (const change of view.compared.changes) {
      if (change.action === "changed") continue;
      const key = JSON.stringify([view.record.app.environment ?? null, identityKey(change.resource)]);
      const found = ends.get(key) ?? { removed: [], added: [] };
      found[change.action].push({ view, change });
      ends.set(key, found);
    }
  }
  return ends;
}

function toEnd(places: readonly Place[]) {
  const [place, ...others] = places;
  if (place === undefined || others.length > 0) return undefined;
  const { view, change } = place;
  const manifest = view.compared.manifestOf(change);
  return manifest === undefined ? undefined : { app: view.id, change, manifest };
}
