import type { EnvironmentRules } from "../config/index.ts";
import type { TrackedApp, TrackedValue } from "../model/index.ts";

/** Two environments by their names and the globs of their paths. */
export type PairedEnvironment = Pick<EnvironmentRules, "name" | "paths">;

/**
 * The app of the environment before that is the same one there: by the config's pattern over paths
 * (`apps/{app}/overlays/{env}`), else by an id that is the same, or is once the environment's name, or the folder of its
 * paths, is the other's, else the only one in the same place of such a folder. Undefined when there is none.
 */
export function findCounterpart(
  app: Pick<TrackedApp, "id" | "places">,
  to: PairedEnvironment,
  from: PairedEnvironment,
  pairing: string | undefined,
  apps: readonly TrackedApp[],
): TrackedApp | undefined {
  if (pairing !== undefined) return findByPattern(app, to.name, from.name, pairing, apps);
  const ids = [...new Set([...renameAll(app.id, to.name, from.name), ...moveFolders(app.id, to, from), app.id])];
  for (const id of ids) {
    const found = apps.find((other) => other.id === id);
    if (found !== undefined) return found;
  }
  return findAlone(app.id, to, from, apps);
}

function findByPattern(
  { places }: Pick<TrackedApp, "places">,
  to: string,
  from: string,
  pairing: string,
  apps: readonly TrackedApp[],
): TrackedApp | undefined {
  const names = new Set(places.flatMap((place) => readPlace(place, to, pairing) ?? []));
  return apps.find((app) => app.places.some((place) => names.has(readPlace(place, from, pairing) ?? "")));
}

/** The app's name in a place of an environment; undefined for a place that is none by the pattern. */
function readPlace(place: string, environment: string, pairing: string): string | undefined {
  const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&");
  let isNamed = false;
  const source = pairing
    .split(/(\{app\}|\{env\})/u)
    .map((part) => {
      if (part === "{env}") return literal(environment);
      if (part !== "{app}") return literal(part);
      const group = isNamed ? "\\k<app>" : "(?<app>[^/]+)";
      isNamed = true;
      return group;
    })
    .join("");
  return new RegExp(`^${source}$`, "u").exec(place)?.groups?.["app"];
}

/** The text with a name as a word of its own replaced: everywhere, then in one place alone, the last one first. */
function renameAll(text: string, name: string, other: string): readonly string[] {
  const parts = text.split(wordOf(name));
  if (parts.length < 2) return [];
  const single = parts
    .slice(1)
    .map((_part, index) => [parts.slice(0, index + 1).join(name), parts.slice(index + 1).join(name)].join(other));
  return [parts.join(other), ...single.reverse()];
}

function wordOf(name: string): RegExp {
  return new RegExp(`(?<![A-Za-z0-9])${name.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&")}(?![A-Za-z0-9])`, "gu");
}

/**
 * `clusters/production/**` and `clusters/stage/**` lie side by side, whatever their environments are called, and so do
 * `clusters/prod-eu` and `clusters/stage-eu` of `clusters/prod-*` and `clusters/stage-*`.
 */
function moveFolders(id: string, to: PairedEnvironment, from: PairedEnvironment): readonly string[] {
  const [kind = "", ...rest] = id.split(":");
  const path = rest.join(":");
  return listFolders(to).flatMap((folder) => {
    const within = findWithin(path, folder);
    if (within === undefined) return [];
    const { stars, left } = within;
    return listFolders(from)
      .filter((other) => countStars(other) === stars.length)
      .map((other) => `${kind}:${fillStars(other, stars)}${left}`);
  });
}

/**
 * The only app of the environment before that lies at the same place below its clusters: `clusters/stage-1/web` for
 * `clusters/prod-eu/web`. A star that stands for a whole name, or above the last one, may name apps, and those differ.
 */
function findAlone(
  id: string,
  to: PairedEnvironment,
  from: PairedEnvironment,
  apps: readonly TrackedApp[],
): TrackedApp | undefined {
  const placesOf = (one: string, environment: PairedEnvironment): readonly string[] => {
    const [kind = "", ...rest] = one.split(":");
    return listFolders(environment)
      .filter(holdsClusters)
      .flatMap((folder) => {
        const left = findWithin(rest.join(":"), folder)?.left ?? "";
        return left === "" ? [] : [`${kind}:${left}`];
      });
  };
  const places = new Set(placesOf(id, to));
  const found = apps.filter((app) => app.id !== id && placesOf(app.id, from).some((place) => places.has(place)));
  return found.length === 1 ? found[0] : undefined;
}

function holdsClusters(folder: string): boolean {
  const last = folder.slice(folder.lastIndexOf("/") + 1);
  return last.includes("*") && last !== "*" && countStars(folder) === 1;
}

/** What stands for each star of a folder that holds the path, and what follows the folder. */
function findWithin(
  path: string,
  folder: string,
): { readonly stars: readonly string[]; readonly left: string } | undefined {
  const stars: string[] = [];
  let left = path;
  for (const [index, pattern] of folder.split("/").entries()) {
    if (index > 0 && !left.startsWith("/")) return undefined;
    const rest = index > 0 ? left.slice(1) : left;
    const end = rest.search(/[/#]|$/u);
    const name = rest.slice(0, end);
    const [before = "", after] = pattern.split("*");
    if (after === undefined ? name !== pattern : !isAround(name, before, after)) return undefined;
    if (after !== undefined) stars.push(name.slice(before.length, name.length - after.length));
    left = rest.slice(end);
  }
  return { stars, left };
}

function isAround(name: string, before: string, after: string): boolean {
  return name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after);
}

function countStars(folder: string): number {
  return folder.split("*").length - 1;
}

function fillStars(folder: string, stars: readonly string[]): string {
  let next = 0;
  return folder.replaceAll("*", () => stars[next++] ?? "");
}

/**
 * What stands before the first part of each glob that is more than a name with one star in it, and what stands before
 * its first star.
 */
function listFolders({ paths }: PairedEnvironment): readonly string[] {
  return paths.flatMap(({ pattern }) => {
    const names = pattern
      .replace(/^\.?\//u, "")
      .split("/")
      .filter((name) => name !== "");
    const before = (isEnd: (name: string) => boolean): string => {
      const end = names.findIndex(isEnd);
      return names.slice(0, end < 0 ? names.length : end).join("/");
    };
    const whole = before((name) => countStars(name) > 1 || /[?[\]{}!]/u.test(name));
    return [...new Set([whole, before((name) => /[*?[\]{}!]/u.test(name))])].filter((folder) => folder !== "");
  });
}

/**
 * What a counterpart has in the place of a value: under the same name, under one that differs by the environment's name
 * alone, or else what is kin to it, so that a new name for a container hides no image. Empty when there is no such thing.
 */
export function findStanding(
  { what, kin }: TrackedValue,
  to: string,
  from: string,
  values: readonly TrackedValue[],
): readonly TrackedValue[] {
  const neutral = (text: string, name: string): string => text.replace(wordOf(name), "{env}");
  const rungs: readonly ((value: TrackedValue) => boolean)[] = [
    (value) => value.what === what,
    (value) => neutral(value.what, from) === neutral(what, to),
    (value) => kin !== "" && value.kin === kin,
  ];
  for (const isSame of rungs) {
    const found = values.filter(isSame);
    if (found.length > 0) return found;
  }
  return [];
}
