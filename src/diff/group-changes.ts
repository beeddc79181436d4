import type { AppId, ChangeGroup, ResourceChange } from "../model/index.ts";
import { compareChanges } from "./sort-changes.ts";

/**
 * Puts changes that say the same in several apps together: one group has each app once at most, and its change is the
 * one of the first app by id. Two alike changes in one app stay two groups, the first with the other apps' first.
 * Sorted as the changes of one app are; of equal ones, those that reach more apps first.
 *
 * A digest of an app's own changes with noise folded, for approvals to hold on to, will stand beside this one, over
 * the same `likeness`.
 */
export function groupChanges(byApp: ReadonlyMap<AppId, readonly ResourceChange[]>): readonly ChangeGroup[] {
  const groups = new Map<string, { change: ResourceChange; apps: AppId[] }>();
  for (const app of [...byApp.keys()].sort()) {
    const seen = new Map<string, number>();
    for (const change of byApp.get(app) ?? []) {
      const occurrence = seen.get(change.likeness) ?? 0;
      seen.set(change.likeness, occurrence + 1);
      const key = `${change.likeness}#${occurrence}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { change, apps: [app] });
      else group.apps.push(app);
    }
  }
  return [...groups.values()].sort((a, b) => compareChanges(a.change, b.change) || b.apps.length - a.apps.length);
}
