import type { FieldPath, ListKeys, ManifestMap, ManifestValue, ResourceId } from "../model/index.ts";
import { NumberText } from "../model/index.ts";

/**
 * Names a field so that the name stays the same when other list items come or go: an item is named by the keys that
 * Kubernetes tells items apart by, else by its `name` where the list is one of named things, else by its index.
 * Steps that the manifest does not have (a missing field) are kept as they are. The result is for comparing, not for
 * reading.
 */
export function identifyField(
  manifest: ManifestValue,
  resource: ResourceId,
  path: FieldPath,
  listKeys: ListKeys,
): string {
  const steps: unknown[] = [];
  let node: ManifestValue | undefined = manifest;
  for (const [depth, step] of path.entries()) {
    const parent: ManifestValue | undefined = node;
    node = descend(parent, step);
    const keys = typeof step === "number" ? (listKeys(resource, path.slice(0, depth)) ?? ["name"]) : [];
    steps.push(readKeys(node, keys) ?? step);
  }
  return JSON.stringify(steps);
}

function descend(node: ManifestValue | undefined, step: string | number): ManifestValue | undefined {
  if (typeof step === "number") return Array.isArray(node) ? (node as readonly ManifestValue[])[step] : undefined;
  return node instanceof Map ? (node as ManifestMap).get(step) : undefined;
}

/** The item's key values; undefined when it has none, so that it can only be named by its index. */
function readKeys(item: ManifestValue | undefined, keys: readonly string[]): readonly (string | null)[] | undefined {
  if (!(item instanceof Map)) return undefined;
  const values = keys.map((key) => readScalar((item as ManifestMap).get(key)));
  return values.some((value) => value !== null) ? values : undefined;
}

function readScalar(value: ManifestValue | undefined): string | null {
  if (value instanceof NumberText) return value.text;
  return typeof value === "string" ? value : null;
}
