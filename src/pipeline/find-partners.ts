import type { AppId } from "../model/index.ts";
import { isAnyKept, type KeptOffer, type Offerer } from "../policy/index.ts";
import { isCrdSource } from "./snapshot.ts";
import { partnersIn, recordOf, type Survey } from "./survey.ts";

/** Apps that are looked at again because of what a change takes away elsewhere. */
const MOST_BEREFT = 200;

/**
 * Who brings what a key names, in all apps of a tree. Cost: the lookup, once for each key; apps that differ from the
 * snapshot are gone through once, when first asked. `before` is the survey of the base where this is the head's: what an
 * app brings that does not render any more is not known, so it is taken to bring what it did.
 */
export function offerersIn(survey: Survey, before?: Survey): (key: string) => readonly Offerer[] {
  const { snapshot, changed } = survey;
  const ids = new Set([...changed.keys(), ...(before?.changed.keys() ?? [])]);
  const known = new Map<string, readonly Offerer[]>();
  let moved: ReadonlyMap<string, readonly (Offerer & { readonly key: string })[]> | undefined;
  return (key) => {
    const remembered = known.get(key);
    if (remembered !== undefined) return remembered;
    moved ??= Map.groupBy(
      [...ids].flatMap((id) => listOffers(id, survey, before)),
      (offer) => offer.key,
    );
    const standing = snapshot.offerersOf(key).filter(({ app }) => !ids.has(app));
    const all = [...standing, ...(moved.get(key) ?? [])];
    known.set(key, all);
    return all;
  };
}

function listOffers(id: AppId, survey: Survey, before?: Survey): readonly (Offerer & { readonly key: string })[] {
  const record = recordOf(survey, id);
  if (record === undefined || isCrdSource(id)) return [];
  const isUnknown = record.failure !== undefined && before !== undefined;
  const { environment } = record.app;
  const { offers } = partnersIn(isUnknown ? before : survey, id);
  return offers.map(([key, namespace]) => ({ key, app: id, namespace, environment }));
}

export interface BereftApps {
  /** Apps of both sides that no longer find in other apps what they need, sorted. */
  readonly apps: readonly AppId[];
  readonly notes: readonly string[];
}

/**
 * Apps from which the change takes something that they need and that another app brought. Cost: what the apps that the
 * change touches bring, and a lookup for each offer of theirs that is gone; nothing is opened.
 */
export function findBereft(base: Survey, head: Survey): BereftApps {
  const needers = findNeeders(listGone(base, head), head);
  const [before, after] = [offerersIn(base), offerersIn(head, base)];
  const bereft = [...needers].sort().filter((id) => {
    const record = recordOf(head, id);
    if (record === undefined || recordOf(base, id) === undefined) return false;
    return partnersIn(head, id).needs.some(
      (wishes) => isAnyKept(record.app, wishes, before) && !isAnyKept(record.app, wishes, after),
    );
  });
  const left = bereft.length - MOST_BEREFT;
  if (left <= 0) return { apps: bereft, notes: [] };
  const note = `The change takes from ${bereft.length} apps what they refer to in others: ${left} of them were not looked at for it.`;
  return { apps: bereft.slice(0, MOST_BEREFT), notes: [note] };
}

/** Keys of offers that an app of the base has and that one of the head, if it is there, does not have any more. */
function listGone(base: Survey, head: Survey): ReadonlySet<string> {
  const gone = new Set<string>();
  const print = (environment: string | undefined, offer: KeptOffer): string =>
    JSON.stringify([environment ?? null, ...offer]);
  for (const id of new Set([...base.changed.keys(), ...head.changed.keys()])) {
    const [before, after] = [recordOf(base, id), recordOf(head, id)];
    if (before === undefined || after?.failure !== undefined || isCrdSource(id)) continue;
    const left = after === undefined ? [] : partnersIn(head, id).offers;
    const kept = new Set(left.map((offer) => print(after?.app.environment, offer)));
    for (const offer of partnersIn(base, id).offers) {
      if (!kept.has(print(before.app.environment, offer))) gone.add(offer[0]);
    }
  }
  return gone;
}

function findNeeders(keys: ReadonlySet<string>, { snapshot, changed, partners }: Survey): ReadonlySet<AppId> {
  const needers = new Set<AppId>();
  if (keys.size === 0) return needers;
  for (const key of keys) for (const id of snapshot.needersOf(key)) if (!changed.has(id)) needers.add(id);
  for (const [id, { needs }] of partners) {
    if (needs.some((wishes) => wishes.some((wish) => wish.some(([key]) => keys.has(key))))) needers.add(id);
  }
  return needers;
}
