import type { ManifestMap, ManifestValue } from "../model/index.ts";
import { NumberText } from "../model/index.ts";

export function isMap(value: ManifestValue | undefined): value is ManifestMap {
  return value instanceof Map;
}

export function isList(value: ManifestValue | undefined): value is readonly ManifestValue[] {
  return Array.isArray(value);
}

/** The value at `path`, or undefined where a step does not exist. Lists are stepped into by index. */
export function readField(
  value: ManifestValue | undefined,
  ...path: readonly (string | number)[]
): ManifestValue | undefined {
  let current = value;
  for (const step of path) {
    if (isMap(current)) current = current.get(String(step));
    else if (isList(current) && typeof step === "number") current = current[step];
    else return undefined;
  }
  return current;
}

/** A scalar at `path` as text; undefined for mappings, lists, null, sealed values and what does not exist. */
export function readText(value: ManifestValue | undefined, ...path: readonly (string | number)[]): string | undefined {
  const found = readField(value, ...path);
  if (typeof found === "string") return found;
  if (found instanceof NumberText) return found.text;
  return typeof found === "boolean" ? String(found) : undefined;
}

/** The items of the list at `path`; empty when there is none. */
export function readItems(
  value: ManifestValue | undefined,
  ...path: readonly (string | number)[]
): readonly ManifestValue[] {
  const found = readField(value, ...path);
  return isList(found) ? found : [];
}

/** The scalar items of the list at `path` as text. */
export function readTexts(value: ManifestValue | undefined, ...path: readonly (string | number)[]): readonly string[] {
  return readItems(value, ...path).flatMap((item) => readText(item) ?? []);
}

export function isTrue(value: ManifestValue | undefined, ...path: readonly (string | number)[]): boolean {
  return readField(value, ...path) === true;
}

/** An annotation's text. */
export function readAnnotation(value: ManifestValue | undefined, key: string): string | undefined {
  return readText(value, "metadata", "annotations", key);
}
