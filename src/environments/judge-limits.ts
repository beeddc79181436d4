import type { RuleSet } from "../config/index.ts";
import type { EnvironmentChange, EnvironmentFacts, RuleResult } from "../model/index.ts";

/** How much one pull request may change: all in all, in each environment, and which environments not together. */
export function judgeLimits({ changes }: EnvironmentFacts, rules: RuleSet): readonly RuleResult[] {
  const { environments, apps, resources, apart } = rules.changes;
  const all = countAll(changes);
  return [
    ...compare(changes.length, environments, "environment", undefined),
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

/** An app in two environments is one app. One that could not be rendered has at least one resource. */
function countAll(changes: readonly EnvironmentChange[]): { readonly apps: number; readonly resources: number } {
  const apps = new Map(changes.flatMap((change) => change.apps.map((app) => [app.id, app] as const)));
  const counts = [...apps.values()].map(({ resources, isRendered }) =>
    isRendered ? resources : Math.max(1, resources),
  );
  return { apps: apps.size, resources: counts.reduce((sum, count) => sum + count, 0) };
}

function compare(
  count: number,
  limit: number | undefined,
  noun: string,
  environment: string | undefined,
): readonly RuleResult[] {
  if (limit === undefined) return [];
  const isOver = count > limit;
  const where = environment === undefined ? "" : ` of ${environment}`;
  return [
    {
      rule: "limits",
      environment,
      state: isOver ? "refused" : "passed",
      says: `Changes ${plural(count, noun)}${where}, at most ${limit}`,
      title: `Split: ${plural(count, noun)}${where} changed, at most ${limit}`,
      steps: isOver ? ["Split this into several pull requests."] : [],
      notes: [],
      changesAt: undefined,
    },
  ];
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
