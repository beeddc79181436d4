import { NumberText } from "../model/index.ts";
import type { FieldPath, ManifestMap, ManifestValue } from "../model/index.ts";
import { readEntry, readItems, readText, resolveAlias, type YamlNode } from "./yaml-node.ts";

/** How far a path leads into a document: `depth` steps, and where the last of them starts. */
export interface Reach {
  readonly depth: number;
  readonly start: number;
  readonly node: YamlNode;
}

/** Chooses the item of a source list that a step of the path means; undefined when it cannot be told. */
type PickItem = (list: readonly YamlNode[], index: number, depth: number) => YamlNode | undefined;

/** Keys that tell items of a list apart, the most telling first. */
const ITEM_KEYS = [
  "name",
  "containerPort",
  "port",
  "mountPath",
  "devicePath",
  "ip",
  "key",
  "id",
  "host",
  "path",
  "type",
];

/** Follows a path in the text that was rendered as it stands: indexes are indexes. */
export function followPath(root: YamlNode, path: FieldPath): Reach {
  return follow(root, path, (list, index) => list[index]);
}

/**
 * Follows the path of a rendered manifest in one of its sources, where lists may have other items in another order: an
 * item is found by what tells items apart, and by its index only when the lists are equally long.
 */
export function followRenderedPath(root: YamlNode, path: FieldPath, rendered: ManifestValue): Reach {
  const parents = listNodes(rendered, path);
  return follow(root, path, (list, index, depth) => {
    const parent = parents[depth];
    const items = Array.isArray(parent) ? (parent as readonly ManifestValue[]) : [];
    return pickLike(list, items[index], list.length === items.length ? list[index] : undefined);
  });
}

/** The values that a path leads through, the root first; shorter than the path where the manifest ends earlier. */
export function listNodes(manifest: ManifestValue, path: FieldPath): readonly ManifestValue[] {
  const nodes = [manifest];
  for (const step of path) {
    const node = nodes.at(-1);
    const next =
      node instanceof Map
        ? (node as ManifestMap).get(String(step))
        : Array.isArray(node)
          ? (node as readonly ManifestValue[])[Number(step)]
          : undefined;
    if (next === undefined) break;
    nodes.push(next);
  }
  return nodes;
}

/** The text of a scalar as a YAML source would most likely have it; undefined for what is no scalar or is sealed. */
export function scalarText(value: ManifestValue | undefined): string | undefined {
  if (value instanceof NumberText) return value.text;
  if (typeof value === "boolean") return String(value);
  return typeof value === "string" ? value : undefined;
}

function follow(root: YamlNode, path: FieldPath, pick: PickItem): Reach {
  let reach: Reach = { depth: 0, start: root.kind === "alias" ? root.start : (root.start ?? 0), node: root };
  for (const step of path) {
    const next = typeof step === "string" ? stepInto(reach, step) : pickItem(reach, step, pick);
    if (next === undefined) return reach;
    reach = next;
  }
  return reach;
}

function stepInto(reach: Reach, key: string): Reach | undefined {
  const entry = readEntry(reach.node, key);
  if (entry === undefined) return undefined;
  return { depth: reach.depth + 1, start: entry.keyStart ?? reach.start, node: entry.value };
}

function pickItem(reach: Reach, index: number, pick: PickItem): Reach | undefined {
  const item = pick(readItems(reach.node), index, reach.depth);
  if (item === undefined) return undefined;
  return { depth: reach.depth + 1, start: item.start ?? reach.start, node: item };
}

function pickLike(
  list: readonly YamlNode[],
  wanted: ManifestValue | undefined,
  sameIndex: YamlNode | undefined,
): YamlNode | undefined {
  if (!(wanted instanceof Map)) return pickScalar(list, scalarText(wanted)) ?? sameIndex;
  let candidates = list;
  let isNarrowed = false;
  for (const key of ITEM_KEYS) {
    const text = scalarText((wanted as ManifestMap).get(key));
    if (text === undefined) continue;
    candidates = candidates.filter((item) => readText(item, key) === text);
    isNarrowed = true;
    if (candidates.length < 2) break;
  }
  if (!isNarrowed) return sameIndex;
  return candidates.length === 1 ? candidates[0] : undefined;
}

function pickScalar(list: readonly YamlNode[], text: string | undefined): YamlNode | undefined {
  const same = list.filter((item) => {
    const scalar = resolveAlias(item);
    return scalar?.kind === "scalar" && scalar.text === text;
  });
  return same.length === 1 ? same[0] : undefined;
}
