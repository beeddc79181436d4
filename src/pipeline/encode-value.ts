import { NumberText, SealedValue, type ManifestMap, type ManifestValue } from "../model/index.ts";

/** JSON in which no two values look alike: a string is never a number, a sealed value or a mapping. */
export function encodeValue(value: ManifestValue | undefined): unknown {
  if (value === undefined) return ["absent"];
  if (value instanceof NumberText) return ["number", value.text];
  if (value instanceof SealedValue) return ["sealed", value.mac];
  if (Array.isArray(value)) return ["list", ...value.map((item: ManifestValue) => encodeValue(item))];
  if (value instanceof Map) {
    const entries = [...(value as ManifestMap)].map(([key, item]) => [key, encodeValue(item)] as const);
    return ["map", ...entries.sort(([left], [right]) => (left < right ? -1 : 1))];
  }
  return ["value", value];
}

/** Whether a secret value is somewhere in it. */
export function hasSealed(value: ManifestValue): boolean {
  if (value instanceof SealedValue) return true;
  if (Array.isArray(value)) return value.some((item: ManifestValue) => hasSealed(item));
  return value instanceof Map && [...(value as ManifestMap).values()].some(hasSealed);
}
