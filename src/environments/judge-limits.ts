import { listNames, type RuleSet } from "../config/index.ts";
import type { AppId, EnvironmentChange, EnvironmentFacts, RuleResult } from "../model/index.ts";

/** How much one pull request may change: all in all, in each environment, and which environments not together. */
export function judgeLimits({ changes }: EnvironmentFacts, rules: RuleSet): readonly RuleResult[] {
  const { environments, apps, resources, apart } = rules.changes;
  const all = countAll(changes);
  return [
    ...compare(exactly(changes.length), environments, "environment", undefined),
    ...compare(all.apps, apps, "app", undefined),
    ...compare(all.resources, resources, "resource", undefined),
    ...apart.flatMap((names) => judgeApart(names, changes)),
    ...changes.flatMap((change) => {
      const limits = rules.environments.find(({ name }) => name === change.environment)?.limits;
      const own = countAll([change]);
      return [
        ...compare(own.apps, limits?.apps, "app", change.environment),
        ...compare(own.resources, limits?.resources, "resource", change.environment),
      ];
    }),
  ];
}

interface Count {
  readonly least: number;
  /** Apps that may have more: they could not be rendered. */
  readonly unclear: readonly AppId[];
}

const exactly = (least: number): Count => ({ least, unclear: [] });

/**
 * An app in two environments is one app, and so is a file. One that could not be rendered has at least one resource; a
 * file that no app reads is taken for one.
 */
function countAll(changes: readonly EnvironmentChange[]): { readonly apps: Count; readonly resources: Count } {
  const apps = new Map(changes.flatMap((change) => change.apps.map((app) => [app.id, app] as const)));
  const files = new Set(changes.flatMap((change) => change.files.map(({ path }) => path)));
  const counts = [...apps.values()].map(({ resources, isRendered }) =>
    isRendered ? resources : Math.max(1, resources),
  );
  const unclear = [...apps.values()].flatMap(({ id, isRendered }) => (isRendered ? [] : [id]));
  const resources = { least: counts.reduce((sum, count) => sum + count, files.size), unclear };
  return { apps: exactly(apps.size), resources };
}

function compare(
  { least, unclear }: Count,
  limit: number | undefined,
  noun: string,
  environment: string | undefined,
): readonly RuleResult[] {
  if (limit === undefined) return [];
  const where = environment === undefined ? "" : ` of ${environment}`;
  const result = { rule: "limits", environment, notes: [], changesAt: undefined } as const;
  const title = `Split: ${plural(least, noun)}${where} changed, at most ${limit}`;
  const says = `Changes ${plural(least, noun)}${where}, at most ${limit}`;
  if (least > limit) {
    return [{ ...result, state: "refused", says, title, steps: ["Split this into several pull requests."] }];
  }
  if (unclear.length === 0) return [{ ...result, state: "passed", says, title, steps: [] }];
  return [
    {
      ...{ ...result, state: "unknown", title: `how many ${noun}s${where} change` },
      says: `How many ${noun}s${where} change, at most ${limit}, is not known: ${tellUnrendered(unclear)}`,
      steps: ["Mend that in a pull request of its own, which takes an override of limits."],
    },
  ];
}

/** Names that are told. */
const MOST_TOLD = 3;

function tellUnrendered(apps: readonly AppId[]): string {
  const more = apps.length - MOST_TOLD;
  const names = more <= 0 ? apps : [...apps.slice(0, MOST_TOLD), `${more} more`];
  return `${listNames(names)} could not be rendered on both sides`;
}

function judgeApart(names: readonly string[], changes: readonly EnvironmentChange[]): readonly RuleResult[] {
  const changed = changes.flatMap(({ environment }) => (names.includes(environment) ? [environment] : []));
  if (changed.length === 0) return [];
  const isTogether = changed.length > 1;
  const list = changed.join(" and ");
  return [
    {
      rule: "limits",
      environment: undefined,
      state: isTogether ? "refused" : "passed",
      says: isTogether ? `Changes ${list} together` : `Changes ${list} alone`,
      title: `Split: ${list} may not change together`,
      steps: isTogether ? ["Make a pull request for each of these environments."] : [],
      notes: [],
      changesAt: undefined,
    },
  ];
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
