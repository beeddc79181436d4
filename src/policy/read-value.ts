import { NumberText, SealedValue, type FieldPath, type ManifestMap, type ManifestValue } from "../model/index.ts";

/** The value at a path; undefined where there is none. */
export function readValue(root: ManifestValue | undefined, ...path: FieldPath): ManifestValue | undefined {
  let node: ManifestValue | undefined = root;
  for (const step of path) {
    if (isMap(node)) node = node.get(String(step));
    else if (Array.isArray(node) && typeof step === "number") node = (node as readonly ManifestValue[])[step];
    else return undefined;
  }
  return node;
}

export function isMap(value: ManifestValue | undefined): value is ManifestMap {
  return value instanceof Map;
}

/** The text at a path; undefined for anything that is no string. */
export function readText(root: ManifestValue | undefined, ...path: FieldPath): string | undefined {
  const value = readValue(root, ...path);
  return typeof value === "string" ? value : undefined;
}

/** The mapping at a path; undefined for anything else. */
export function readMap(root: ManifestValue | undefined, ...path: FieldPath): ManifestMap | undefined {
  const value = readValue(root, ...path);
  return isMap(value) ? value : undefined;
}

/** The items of the list at a path; none for anything else. */
export function readList(root: ManifestValue | undefined, ...path: FieldPath): readonly ManifestValue[] {
  const value = readValue(root, ...path);
  return Array.isArray(value) ? (value as readonly ManifestValue[]) : [];
}

/** The whole number at a path; undefined for anything else, and beyond 2^53. */
export function readInteger(root: ManifestValue | undefined, ...path: FieldPath): number | undefined {
  const value = readValue(root, ...path);
  const number = value instanceof NumberText ? Number(value.text) : undefined;
  return Number.isSafeInteger(number) ? number : undefined;
}

/** Whether a value is there that is not known: a secret's. */
export function isSealed(value: ManifestValue | undefined): boolean {
  return value instanceof SealedValue;
}
