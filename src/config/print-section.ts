/**
 * A part of the config as text to compare it by: equal texts say the same. Lines are left out, since moving an entry
 * changes nothing, and so is the order of keys; that of lists counts.
 */
export function printSection(value: unknown): string {
  return JSON.stringify(value, (key, item: unknown) => {
    if (key === "line") return undefined;
    if (item instanceof Set) return [...(item as ReadonlySet<string>)].sort();
    if (item instanceof Map)
      return [...(item as ReadonlyMap<string, unknown>)].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return item;
  });
}
