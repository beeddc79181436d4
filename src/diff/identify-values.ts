import type { ManifestValue } from "../model/index.ts";
import { NumberText, SealedValue } from "../model/index.ts";
import { isMap } from "./read-field.ts";

/** Gives a value a number; deeply equal values (key order aside) have the same one. Asking again costs nothing. */
export type Identify = (value: ManifestValue) => number;

/**
 * Makes an `Identify` of its own. Each distinct node is numbered once by its shape over its children's numbers, so
 * the cost is linear in the values' size however deep they nest. `alias` stands one text for another (a generated
 * name on the base for its successor on the head), so that lists can be matched across it.
 */
export function createIdentify(alias: (text: string) => string = (text) => text): Identify {
  const known = new WeakMap<object, number>();
  const numbers = new Map<string, number>();
  const numberOf = (shape: string): number => {
    const found = numbers.get(shape) ?? numbers.size;
    numbers.set(shape, found);
    return found;
  };
  const identify: Identify = (value) => {
    if (typeof value === "string") return numberOf(`s${alias(value)}`);
    if (value === null || typeof value === "boolean") return numberOf(String(value));
    const found = known.get(value) ?? numberOf(describeShape(value, identify));
    known.set(value, found);
    return found;
  };
  return identify;
}

function describeShape(
  value: NumberText | SealedValue | readonly ManifestValue[] | object,
  identify: Identify,
): string {
  if (value instanceof NumberText) return `#${value.text}`;
  if (value instanceof SealedValue) return `!${value.mac}`;
  if (isMap(value as ManifestValue)) {
    const entries = [...(value as ReadonlyMap<string, ManifestValue>)].map(
      ([key, item]) => `${identify(key)}:${identify(item)}`,
    );
    return `{${entries.sort().join()}`;
  }
  return `[${(value as readonly ManifestValue[]).map(identify).join()}`;
}
