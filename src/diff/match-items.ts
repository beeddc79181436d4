import { diffArrays } from "diff";
import type { ManifestMap, ManifestValue } from "../model/index.ts";
import { NumberText } from "../model/index.ts";
import { describeItem } from "./field-label.ts";
import type { Identify } from "./identify-values.ts";
import { appendTo } from "./append-to.ts";
import { isList, isMap } from "./read-field.ts";

type List = readonly ManifestValue[];

/** One item of the head, of the base, or of both; `label` is what stands between the brackets. */
export interface ItemPair {
  readonly before: number | undefined;
  readonly after: number | undefined;
  readonly label: string;
}

export interface ItemMatch {
  /** In the head's order, items gone from the base where they stood. */
  readonly pairs: readonly ItemPair[];
  /** The labels of the common items in each side's order, when the order means something and differs. */
  readonly reordered: { readonly before: readonly string[]; readonly after: readonly string[] } | undefined;
}

// Myers' algorithm costs (items + edits²): 400 edits are about 160,000 steps, and a list with more of them is read
// item by item anyway.
const MAX_EDITS = 400;

// What tells items of custom resources apart when no schema says so, the likeliest first.
const USUAL_KEYS = ["name", "key", "id", "uid", "host", "path", "kind"];

/**
 * Says which item of `before` is which of `after`.
 * `keys` are the list-map keys (`[]` for a set): order means nothing there, with the exception that
 * `isOrderSignificant` names. Without keys, mappings that a usual key tells apart are matched by it and their order
 * counts; all else is matched by a longest common subsequence, and what is left between by position.
 */
export function matchItems(
  before: List,
  after: List,
  options: { keys: readonly string[] | undefined; identify: Identify; isOrderSignificant: boolean },
): ItemMatch {
  if (options.keys !== undefined) {
    const [left, right] = [
      nameItems(before, options.keys, options.identify),
      nameItems(after, options.keys, options.identify),
    ];
    if (left !== undefined && right !== undefined) return matchNamed(left, right, options.isOrderSignificant);
  }
  for (const key of USUAL_KEYS) {
    const [left, right] = [nameUniquely(before, key), nameUniquely(after, key)];
    if (left !== undefined && right !== undefined) return matchNamed(left, right, true);
  }
  return { pairs: matchSequence(before, after, options.identify), reordered: undefined };
}

interface NamedItem {
  /** Unique in its list. */
  readonly key: string;
  readonly label: string;
}

function nameItems(list: List, keys: readonly string[], identify: Identify): readonly NamedItem[] | undefined {
  const seen = new Map<string, number>();
  const named: NamedItem[] = [];
  for (const item of list) {
    const name = keys.length === 0 ? { key: String(identify(item)), label: "" } : nameByKeys(item, keys, identify);
    if (name === undefined) return undefined;
    const occurrence = (seen.get(name.key) ?? 0) + 1;
    seen.set(name.key, occurrence);
    const label = occurrence === 1 || keys.length === 0 ? name.label : `${name.label}#${occurrence}`;
    named.push({ key: `${name.key}#${occurrence}`, label });
  }
  return named;
}

function nameByKeys(item: ManifestValue, keys: readonly string[], identify: Identify): NamedItem | undefined {
  if (!isMap(item)) return undefined;
  const values = keys.map((key) => [key, readKey(item, key)] as const);
  if (values.every(([, value]) => value === undefined)) return undefined;
  const key = values.map(([, value]) => (value === undefined ? "" : identify(value))).join();
  return { key, label: describeItem(values.flatMap(([name, value]) => labelKeyValue(name, value))) };
}

// The API server fills in `protocol: TCP`, the one list-map key with a default in the built-in API, so a port with it
// spelled out is the same port.
function readKey(item: ManifestMap, key: string): ManifestValue | undefined {
  return item.get(key) ?? (key === "protocol" ? "TCP" : undefined);
}

function labelKeyValue(key: string, value: ManifestValue | undefined): [string, string][] {
  if (value instanceof NumberText) return [[key, value.text]];
  return typeof value === "string" ? [[key, value]] : [];
}

function nameUniquely(list: List, key: string): readonly NamedItem[] | undefined {
  const named = new Map<string, NamedItem>();
  for (const item of list) {
    const value = isMap(item) ? item.get(key) : undefined;
    if (typeof value !== "string" || named.has(value)) return undefined;
    named.set(value, { key: value, label: describeItem([[key, value]]) });
  }
  return named.size === 0 ? undefined : [...named.values()];
}

function matchNamed(before: readonly NamedItem[], after: readonly NamedItem[], isOrdered: boolean): ItemMatch {
  const baseIndex = new Map(before.map((item, index) => [item.key, index]));
  const headKeys = new Set(after.map((item) => item.key));
  const goneAfter = new Map<number, ItemPair[]>();
  let anchor = -1;
  before.forEach((item, index) => {
    if (headKeys.has(item.key)) anchor = index;
    else appendTo(goneAfter, anchor, { before: index, after: undefined, label: item.label });
  });
  const pairs = [
    ...(goneAfter.get(-1) ?? []),
    ...after.flatMap((item, index) => {
      const found = baseIndex.get(item.key);
      return [{ before: found, after: index, label: item.label }, ...(goneAfter.get(found ?? -2) ?? [])];
    }),
  ];
  return { pairs, reordered: isOrdered ? findReordering(pairs) : undefined };
}

function findReordering(pairs: readonly ItemPair[]): ItemMatch["reordered"] {
  const common = pairs.filter((pair) => pair.before !== undefined && pair.after !== undefined);
  const byBase = common.toSorted((a, b) => (a.before ?? 0) - (b.before ?? 0));
  if (byBase.every((pair, index) => pair === common[index])) return undefined;
  return { before: byBase.map((pair) => pair.label), after: common.map((pair) => pair.label) };
}

function matchSequence(before: List, after: List, identify: Identify): readonly ItemPair[] {
  const [left, right] = [before.map(identify), after.map(identify)];
  const parts = diffArrays(left, right, { maxEditLength: MAX_EDITS });
  if (parts === undefined) return matchByPosition(before, after, left, right);
  const runs: ItemPair[][] = [];
  let [base, head] = [0, 0];
  let [gone, added]: [number[], number[]] = [[], []];
  for (const part of parts) {
    if (part.removed) gone = range(base, base + part.count);
    else if (part.added) added = range(head, head + part.count);
    else {
      const [fromBase, fromHead] = [base, head];
      runs.push(pairGap(before, after, gone, added));
      runs.push(range(0, part.count).map((offset) => pairAt(fromBase + offset, fromHead + offset)));
      [gone, added] = [[], []];
    }
    if (!part.added) base += part.count;
    if (!part.removed) head += part.count;
  }
  return [...runs, pairGap(before, after, gone, added)].flat();
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, offset) => from + offset);
}

function pairAt(before: number | undefined, after: number | undefined): ItemPair {
  return { before, after, label: String(after ?? before) };
}

/** Pairs what was replaced in one place: the first gone with the first new one, while both are of one sort. */
function pairGap(before: List, after: List, gone: readonly number[], added: readonly number[]): ItemPair[] {
  const pairs: ItemPair[] = [];
  for (let index = 0; index < Math.max(gone.length, added.length); index += 1) {
    const [base, head] = [gone[index], added[index]];
    if (base !== undefined && head !== undefined && isSameSort(before[base], after[head]))
      pairs.push(pairAt(base, head));
    else {
      if (base !== undefined) pairs.push(pairAt(base, undefined));
      if (head !== undefined) pairs.push(pairAt(undefined, head));
    }
  }
  return pairs;
}

function isSameSort(before: ManifestValue | undefined, after: ManifestValue | undefined): boolean {
  return isMap(before) === isMap(after) && isList(before) === isList(after);
}

/** Beyond the bound on edits: what begins and ends alike, and position in between. */
function matchByPosition(before: List, after: List, left: readonly number[], right: readonly number[]): ItemPair[] {
  const shorter = Math.min(left.length, right.length);
  let start = 0;
  while (start < shorter && left[start] === right[start]) start += 1;
  let end = 0;
  while (end < shorter - start && left[left.length - 1 - end] === right[right.length - 1 - end]) end += 1;
  return [
    ...range(0, start).map((index) => pairAt(index, index)),
    ...pairGap(before, after, range(start, left.length - end), range(start, right.length - end)),
    ...range(0, end).map((index) => pairAt(left.length - end + index, right.length - end + index)),
  ];
}
