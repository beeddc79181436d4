import type { RuleSet } from "../config/index.ts";
import type { EnvironmentChange } from "../model/index.ts";

/**
 * How urgently it has to be told that a change is kept out now: the more environments come before one that it alters, and
 * then whether it destroys something there. 0 for a change of no environment.
 */
export function rankRisk(changes: readonly EnvironmentChange[], { environments }: RuleSet): number {
  const from = new Map(environments.map((one) => [one.name, one.from]));
  const depths = new Map<string, number>();
  const depthOf = (name: string): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    depths.set(name, 0);
    const depth = Math.max(0, ...(from.get(name) ?? []).map((before) => depthOf(before) + 1));
    depths.set(name, depth);
    return depth;
  };
  const ranks = changes.map(
    ({ environment, apps }) => 1 + 2 * depthOf(environment) + Number(apps.some(({ isDestructive }) => isDestructive)),
  );
  return Math.max(0, ...ranks);
}
