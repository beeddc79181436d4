import type { ManifestValue } from "../model/index.ts";
import { isList, isMap, readText } from "./read-field.ts";

const STEP = /\.?([A-Za-z_$][\w$-]*)|\[("(?:[^"\\]|\\.)*"|[^\]"]+)\]/uy;

/**
 * The values that a field's label leads to in a resource, as reports print labels: `spec.replicas`,
 * `spec.template.spec.containers[name=web].image`, `data["a.yaml"]`, `spec.rules[0].host`. Empty where there are none,
 * and for a text that is no label.
 */
export function readLabel(root: ManifestValue, label: string): readonly ManifestValue[] {
  let found: readonly ManifestValue[] = [root];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < label.length) {
    const [, key, item] = STEP.exec(label) ?? [];
    if (key === undefined && item === undefined) return [];
    found = found.flatMap((value) => (key === undefined ? stepInto(value, item ?? "") : readKey(value, key)));
  }
  return found;
}

function readKey(value: ManifestValue, key: string): readonly ManifestValue[] {
  const next = isMap(value) ? value.get(key) : undefined;
  return next === undefined ? [] : [next];
}

/** What stands between brackets: a quoted key, an index, or the keys that tell an item. */
function stepInto(value: ManifestValue, item: string): readonly ManifestValue[] {
  if (item.startsWith('"')) return readKey(value, unquote(item));
  if (!isList(value)) return [];
  if (/^\d+$/u.test(item)) return value.slice(Number(item), Number(item) + 1);
  const keys = item.split(",").map((pair) => pair.split("=", 2));
  return value.filter((one) =>
    keys.every(([key = "", wanted]) => wanted !== undefined && readText(one, key) === wanted),
  );
}

function unquote(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text.slice(1, -1);
  }
}
