import type { PresetLevels } from "./policy-floor.ts";
import type { RepositoryConfig } from "./repository.ts";

/** What presets make of the built-in rules, by id. */
export type PresetsOfRules = ReadonlyMap<string, PresetLevels>;

export interface Sides {
  readonly own: RepositoryConfig;
  readonly floor: RepositoryConfig;
  readonly builtIn: PresetsOfRules;
}

/** Something under the floor, and a note for each place where the repository went below it. */
export type Raised<T, K extends string = "value"> = { readonly [key in K]: T } & { readonly notes: readonly string[] };

export type RaisedSection<S extends keyof RepositoryConfig> = (sides: Sides) => Raised<RepositoryConfig[S]>;

/**
 * One key under the floor, where the floor writes it. `stricter` gives what counts. What the repository writes itself
 * and loses by it is noted; a default that is raised is no news.
 */
export function raiseKey<T>(
  { own, floor }: Pick<Sides, "own" | "floor">,
  key: string,
  pick: (config: RepositoryConfig) => T,
  stricter: (own: T, floor: T) => T,
  describe: (value: T) => string = describeValue,
): Raised<T> {
  if (!floor.written.has(key)) return { value: pick(own), notes: [] };
  const [said, least] = [pick(own), pick(floor)];
  const value = stricter(said, least);
  const isRaised = own.written.has(key) && JSON.stringify(value) !== JSON.stringify(said);
  const relation =
    stricter === floorsOwn ? "is not what the organisation's floor says" : "is below the organisation's floor";
  const note = `${key}: ${describe(said)} ${relation} (${describe(least)}); the floor counts`;
  return { value, notes: isRaised ? [note] : [] };
}

/** Where neither of two values is stricter. */
export function floorsOwn<T>(own: T | undefined, floor: T | undefined): T | undefined {
  return floor ?? own;
}

/** Each key of one section under the floor. */
export function raiseKeys<S extends "comment" | "review" | "checks" | "labels" | "merge" | "limits" | "kubernetes">(
  sides: Sides,
  section: S,
  stricter: {
    readonly [K in keyof RepositoryConfig[S]]: (
      own: RepositoryConfig[S][K],
      floor: RepositoryConfig[S][K],
    ) => RepositoryConfig[S][K];
  },
): Raised<RepositoryConfig[S]> {
  const notes: string[] = [];
  let value = sides.own[section];
  for (const key of Object.keys(stricter) as (keyof RepositoryConfig[S] & string)[]) {
    const raised = raiseKey(sides, `${section}.${key}`, (config) => config[section][key], stricter[key]);
    value = { ...value, [key]: raised.value };
    notes.push(...raised.notes);
  }
  return { value, notes };
}

function describeValue(value: unknown): string {
  return value === undefined ? "off" : typeof value === "string" ? value : JSON.stringify(value);
}
