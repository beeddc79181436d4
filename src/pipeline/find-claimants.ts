import type { AppId } from "../model/index.ts";
import type { Claimant, ClaimedTree } from "../policy/index.ts";
import { isCrdSource, listPlaces, type AppRecord } from "./snapshot.ts";
import type { Survey } from "./survey.ts";

/**
 * Who claims what in all apps of a tree. Cost: the apps that claim what is asked for. Those that differ from the
 * snapshot are gone through once, when first asked: a change may touch every app.
 */
export function claimedIn(survey: Survey): ClaimedTree {
  const { snapshot, changed } = survey;
  let moved: ReadonlyMap<string, readonly KeyedClaimant[]> | undefined;
  let isOnePlace: boolean | undefined;
  return {
    claimantsOf: (key) => {
      moved ??= Map.groupBy([...changed.values()].flatMap(listClaims), (claim) => claim.key);
      const kept = snapshot.claimantsOf(key).filter((app) => !changed.has(app));
      const standing = kept.flatMap((app) => listClaims(snapshot.record(app)).filter((claim) => claim.key === key));
      return [...standing, ...(moved.get(key) ?? [])].sort((a, b) => compareIds(a.app.id, b.app.id));
    },
    isOnePlace: () => (isOnePlace ??= hasOnePlace(survey)),
  };
}

type KeyedClaimant = Claimant & { readonly key: string };

/** Files of no app are deployed by nobody. */
function listClaims(record: AppRecord | undefined): readonly KeyedClaimant[] {
  return record === undefined || isCrdSource(record.app.id)
    ? []
    : record.claims.map((claim) => ({ ...claim, app: record.app }));
}

function compareIds(a: AppId, b: AppId): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether the apps of a tree name at most one environment, and agents at most one cluster. */
function hasOnePlace({ snapshot, changed }: Survey): boolean {
  const counts = new Map(snapshot.places);
  const count = (record: AppRecord | undefined, by: number): void => {
    for (const place of record === undefined ? [] : listPlaces(record))
      counts.set(place, (counts.get(place) ?? 0) + by);
  };
  for (const [id, record] of changed) {
    count(snapshot.record(id), -1);
    count(record, 1);
  }
  const present = [...counts].filter(([, apps]) => apps > 0).map(([place]) => place);
  const named = present.filter((place) => place.startsWith("environment "));
  return named.length <= 1 && present.length - named.length <= 1;
}
