import type { PolicyConfig } from "../config/index.ts";
import type { AppId, Manifest } from "../model/index.ts";
import { mayShareNamespace } from "./app-pods.ts";
import { toObject } from "./judge-resources.ts";
import { isEverOn, levelOfRule, optionsOf } from "./levels.ts";
import { listOffers } from "./list-offers.ts";
import type { Offer } from "./offers.ts";
import type { AppRule, BuiltInRule, PolicyFacts, Wish } from "./rule.ts";

/** An offer as it is remembered with its app: what it is found by, and its namespace. */
export type KeptOffer = readonly [key: string, namespace: string];

/** What one app brings for others, and what it would need of them. */
export interface Partners {
  readonly offers: readonly KeptOffer[];
  /** Each would be a finding if no other app brought one of its wishes. */
  readonly needs: readonly (readonly (readonly KeptOffer[])[])[];
}

/** Who brings what a key names. */
export interface Offerer {
  readonly app: AppId;
  readonly namespace: string;
  readonly environment: string | undefined;
}

export const NO_PARTNERS: Partners = { offers: [], needs: [] };

/** An app that asks for more is not looked at again for what is beyond. */
const MOST_NEEDS = 500;

/**
 * What an app is remembered with, so that rules can look beyond an app without another one being opened. Nothing where
 * no rule that asks other apps is on in any environment.
 */
export function partnersOf(
  manifests: readonly Manifest[],
  facts: PolicyFacts,
  rules: ReadonlyMap<string, BuiltInRule>,
  config: Pick<PolicyConfig, "preset" | "rules" | "floor">,
): Partners {
  const asking = [...rules.values()].filter(isAsking).filter((rule) => isEverOn(rule, config));
  if (asking.length === 0 || manifests.length === 0) return NO_PARTNERS;
  const objects = manifests.flatMap(toObject);
  const offers = new Map<string, KeptOffer>();
  for (const offer of objects.flatMap((object) => listOffers(object, facts))) {
    const kept = keepOffer(offer);
    offers.set(JSON.stringify(kept), kept);
  }
  const needs: Partners["needs"][number][] = [];
  const isOffered = (wishes: readonly Wish[]): boolean => {
    if (needs.length < MOST_NEEDS) needs.push(wishes.map((wish) => wish.map(keepOffer)));
    return false;
  };
  for (const rule of asking) {
    if (levelOfRule(rule, config, facts.environment) === "off") continue;
    Array.from(rule.check(objects, { ...facts, isOffered }, optionsOf(config, rule)));
  }
  return { offers: [...offers.values()], needs };
}

/** Kinds have no spaces in them. */
function keepOffer({ kind, namespace, name }: Offer): KeptOffer {
  return [`${kind} ${name}`, namespace];
}

/** Answers `PolicyFacts.isOffered` for an app. `offerersOf` gives those of all apps of a tree. */
export function askOthers(
  app: { readonly id: AppId; readonly environment: string | undefined },
  offerersOf: (key: string) => readonly Offerer[],
): (wishes: readonly Wish[]) => boolean {
  return (wishes) =>
    isAnyKept(
      app,
      wishes.map((wish) => wish.map(keepOffer)),
      offerersOf,
    );
}

/** Whether one other app that may be in the same cluster brings all of one of the wishes. */
export function isAnyKept(
  app: { readonly id: AppId; readonly environment: string | undefined },
  wishes: Partners["needs"][number],
  offerersOf: (key: string) => readonly Offerer[],
): boolean {
  const bringers = ([key, namespace]: KeptOffer): Set<AppId> =>
    new Set(
      offerersOf(key)
        .filter((offerer) => offerer.app !== app.id && mayShareNamespace(offerer.namespace, namespace))
        .filter(({ environment }) => mayShareCluster(environment, app.environment))
        .map((offerer) => offerer.app),
    );
  return wishes.some(([first, ...rest]) => {
    if (first === undefined) return false;
    let all = bringers(first);
    for (const offer of rest) {
      if (all.size === 0) return false;
      const others = bringers(offer);
      all = new Set([...all].filter((id) => others.has(id)));
    }
    return all.size > 0;
  });
}

/** Of an app without an environment nobody knows where it goes: it may stand beside every other one. */
function mayShareCluster(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

function isAsking(rule: BuiltInRule): rule is AppRule {
  return rule.scope === "app" && rule.asksOtherApps === true;
}
