import type {
  FieldChange,
  FieldPath,
  ListKeys,
  ManifestMap,
  ManifestValue,
  NoiseKind,
  ResourceId,
} from "../model/index.ts";
import { NumberText, SealedValue } from "../model/index.ts";
import { labelKey } from "./field-label.ts";
import type { Identify } from "./identify-values.ts";
import { matchItems } from "./match-items.ts";
import { compareQuantities, parseQuantity } from "./quantity.ts";
import { isList, isMap, readText } from "./read-field.ts";

/** What a comparison knows beside the two values. */
export interface ComparisonRules {
  readonly resource: ResourceId;
  readonly listKeys: ListKeys;
  readonly identify: Identify;
  readonly classifyNoise: (
    path: FieldPath,
    before: ManifestValue | undefined,
    after: ManifestValue | undefined,
  ) => NoiseKind | undefined;
}

export interface Comparison {
  readonly fields: readonly FieldChange[];
  /**
   * The base as it should be shown next to the head: items in the head's order where order means nothing, and the
   * head's own values (the same objects) wherever the two are equal or differ by noise alone.
   */
  readonly aligned: ManifestValue | undefined;
}

/**
 * Compares two values field by field. What counts as equal:
 * - key order, and the order of list-map and set items, mean nothing (but see `isOrderSignificant`);
 * - numbers are equal when their source texts are, or when both are written as fractions or with exponents and are the
 *   same decimal (`1.50`, `1.5`). `1`, `1.0` and `"1"` differ: the API server takes one and refuses another;
 * - `cpu: 1`, `"1"` and `1000m` are equal in `resources` of built-in kinds, as the API server stores one form;
 * - in built-in kinds a field that is null is a field that is absent, as the API server reads it. Not so in custom
 *   resources (`nullable`), in CustomResourceDefinitions (`default: null`) and in maps of free keys (`data: {a: }` is
 *   an empty text). An empty `labels` or `annotations` is the same as none.
 * Paths of list items carry the head's index, the base's for an item that is gone.
 */
export function compareManifests(before: ManifestValue, after: ManifestValue, rules: ComparisonRules): Comparison {
  const fields: FieldChange[] = [];
  const aligned = compareNode({ path: [], label: "" }, before, after, rules, fields);
  return { fields, aligned };
}

interface Place {
  readonly path: (string | number)[];
  readonly label: string;
}

type Maybe = ManifestValue | undefined;

function compareNode(place: Place, before: Maybe, after: Maybe, rules: ComparisonRules, fields: FieldChange[]): Maybe {
  if (isMap(before) && isMap(after)) return compareMaps(place, before, after, rules, fields);
  if (isList(before) && isList(after)) return compareLists(place, before, after, rules, fields);
  if (isKeyValueField(place.path)) {
    if (isMap(before) && after === undefined) {
      const aligned = compareMaps(place, before, new Map(), rules, fields);
      return aligned.size > 0 ? aligned : undefined;
    }
    if (before === undefined && isMap(after)) {
      const aligned = compareMaps(place, new Map(), after, rules, fields);
      return aligned.size > 0 || after.size === 0 ? aligned : undefined;
    }
  }
  if (isEqual(place.path, before, after, rules.resource)) return after;
  const noise = rules.classifyNoise(place.path, before, after);
  fields.push({ path: [...place.path], label: place.label, before, after, noise });
  return noise === undefined ? before : after;
}

/** `labels` and `annotations` that come or go as a whole are told key by key, so that noise among them is seen. */
function isKeyValueField(path: FieldPath): boolean {
  return path.at(-2) === "metadata" && (path.at(-1) === "labels" || path.at(-1) === "annotations");
}

function compareMaps(
  place: Place,
  before: ManifestMap,
  after: ManifestMap,
  rules: ComparisonRules,
  fields: FieldChange[],
): ManifestMap {
  const aligned = new Map<string, ManifestValue>();
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    place.path.push(key);
    const inner = { path: place.path, label: labelKey(place.label, key) };
    const value = compareNode(inner, before.get(key), after.get(key), rules, fields);
    place.path.pop();
    if (value !== undefined) aligned.set(key, value);
  }
  return aligned;
}

function compareLists(
  place: Place,
  before: readonly ManifestValue[],
  after: readonly ManifestValue[],
  rules: ComparisonRules,
  fields: FieldChange[],
): Maybe {
  const keys = rules.listKeys(rules.resource, [...place.path]);
  const isOrderSignificant = isOrderMeant(place.path, before, after);
  const { pairs, reordered } = matchItems(before, after, { keys, identify: rules.identify, isOrderSignificant });
  if (reordered !== undefined) {
    const order = { path: [...place.path], label: `${place.label} (order)` };
    fields.push({ ...order, before: reordered.before, after: reordered.after, noise: undefined });
  }
  const aligned: { base: number; value: ManifestValue }[] = [];
  for (const pair of pairs) {
    place.path.push(pair.after ?? pair.before ?? 0);
    const inner = { path: place.path, label: `${place.label}[${pair.label}]` };
    const value = compareNode(inner, pick(before, pair.before), pick(after, pair.after), rules, fields);
    place.path.pop();
    if (value !== undefined && pair.before !== undefined) aligned.push({ base: pair.before, value });
  }
  if (reordered !== undefined) aligned.sort((a, b) => a.base - b.base);
  return aligned.map((item) => item.value);
}

function pick(list: readonly ManifestValue[], index: number | undefined): Maybe {
  return index === undefined ? undefined : list[index];
}

/**
 * Lists that merge by name and yet are read in order: init containers run one after another, and a variable can only
 * use `$(OTHER)` of those above it.
 */
function isOrderMeant(path: FieldPath, before: readonly ManifestValue[], after: readonly ManifestValue[]): boolean {
  if (path.at(-1) === "initContainers") return true;
  return (
    path.at(-1) === "env" && [...before, ...after].some((item) => readText(item, "value")?.includes("$(") === true)
  );
}

function isEqual(path: FieldPath, before: Maybe, after: Maybe, resource: ResourceId): boolean {
  if (before === after) return true;
  if (before instanceof SealedValue || after instanceof SealedValue) {
    return before instanceof SealedValue && after instanceof SealedValue && before.mac === after.mac;
  }
  if ((before ?? null) === (after ?? null)) return isNullAbsent(path, resource);
  if (before === undefined || after === undefined) return isEmptyKeyValues(path, before ?? after);
  if (before instanceof NumberText && after instanceof NumberText && isSameNumber(before.text, after.text)) return true;
  return isResourceQuantity(path, resource) && isSameQuantity(before, after);
}

function isEmptyKeyValues(path: FieldPath, value: Maybe): boolean {
  return isKeyValueField(path) && ((isMap(value) && value.size === 0) || value === null);
}

const FREE_KEYS = new Set<string | number | undefined>(["data", "stringData", "binaryData", "labels", "annotations"]);

function isNullAbsent(path: FieldPath, resource: ResourceId): boolean {
  if (typeof path.at(-1) !== "string" || FREE_KEYS.has(path.at(-2))) return false;
  return isBuiltIn(resource.group) && resource.kind !== "CustomResourceDefinition";
}

function isBuiltIn(group: string): boolean {
  return !group.includes(".") || group.endsWith(".k8s.io");
}

function isSameNumber(before: string, after: string): boolean {
  if (before === after) return true;
  const isFraction = (text: string) => /[.eE]/u.test(text);
  return isFraction(before) && isFraction(after) && isSameAmount(before, after);
}

function isSameAmount(before: string, after: string): boolean {
  const [left, right] = [parseQuantity(before), parseQuantity(after)];
  return left !== undefined && right !== undefined && compareQuantities(left, right) === 0;
}

function isResourceQuantity(path: FieldPath, resource: ResourceId): boolean {
  const list = path.at(-2);
  return isBuiltIn(resource.group) && path.at(-3) === "resources" && (list === "limits" || list === "requests");
}

function isSameQuantity(before: ManifestValue, after: ManifestValue): boolean {
  const [left, right] = [readText(before), readText(after)];
  return left !== undefined && right !== undefined && isSameAmount(left, right);
}
