import { EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE } from "js-yaml";
import type { Event, ScalarEvent } from "js-yaml";

/**
 * Nodes of a YAML document with where they start (offsets into the text that was parsed, undefined for an empty
 * value). An alias is a node of its own that points to its target, so that an alias bomb costs what its text costs.
 */
export type YamlNode =
  | { readonly kind: "map"; readonly start: number; readonly entries: Map<string, YamlEntry> }
  | { readonly kind: "list"; readonly start: number; readonly items: YamlNode[] }
  | {
      readonly kind: "scalar";
      readonly start: number | undefined;
      readonly text: string;
      readonly block: Block | undefined;
    }
  | { readonly kind: "alias"; readonly start: number; readonly target: YamlNode | undefined };

export interface YamlEntry {
  readonly keyStart: number | undefined;
  readonly value: YamlNode;
}

/** A literal block scalar (`|`): its lines stand in the file as they are, `indent` columns to the right. */
export interface Block {
  readonly start: number;
  readonly indent: number;
}

/** Longer documents are not parsed for the sake of a line number: 2 million characters take about 150 ms. */
const MAX_LENGTH = 2_000_000;
/** Steps through aliases and merge keys before a circle is assumed. */
const MAX_HOPS = 16;

interface OpenNode {
  readonly node: YamlNode;
  key: { readonly start: number | undefined; readonly text: string } | undefined;
}

/** The root of the first document of `text`; undefined when it is empty, too long, or no YAML. */
export function parseYaml(text: string): YamlNode | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  try {
    return buildTree(text, parseEvents(text, {}));
  } catch {
    return undefined; // what is wrong with the text is for the engine to tell; here it only has no positions
  }
}

/** The node that a chain of aliases ends at. */
export function resolveAlias(node: YamlNode | undefined): Exclude<YamlNode, { kind: "alias" }> | undefined {
  let current = node;
  for (let hop = 0; current?.kind === "alias" && hop < MAX_HOPS; hop++) current = current.target;
  return current?.kind === "alias" ? undefined : current;
}

/** The entry of a mapping, its own before those of merge keys. */
export function readEntry(node: YamlNode | undefined, key: string, hops = 0): YamlEntry | undefined {
  const map = resolveAlias(node);
  if (map?.kind !== "map" || hops > MAX_HOPS) return undefined;
  const own = map.entries.get(key);
  if (own !== undefined) return own;
  const merged = resolveAlias(map.entries.get("<<")?.value);
  const sources = merged?.kind === "list" ? merged.items : merged === undefined ? [] : [merged];
  for (const source of sources.slice(0, MAX_HOPS)) {
    const entry = readEntry(source, key, hops + 1);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

/** The text of a scalar entry; undefined for anything else. */
export function readText(node: YamlNode | undefined, key: string): string | undefined {
  const value = resolveAlias(readEntry(node, key)?.value);
  return value?.kind === "scalar" ? value.text : undefined;
}

export function readItems(node: YamlNode | undefined): readonly YamlNode[] {
  const list = resolveAlias(node);
  return list?.kind === "list" ? list.items : [];
}

function buildTree(text: string, events: readonly Event[]): YamlNode | undefined {
  const open: OpenNode[] = [];
  const anchors = new Map<string, YamlNode>();
  let root: YamlNode | undefined;
  for (const event of events.slice(1)) {
    if (event.type === EVENT_ID.DOCUMENT) break;
    if (event.type === EVENT_ID.POP) {
      open.pop();
      if (open.length === 0) break;
      continue;
    }
    const node = toNode(text, event, anchors);
    const parent = open.at(-1);
    if (parent === undefined) root = node;
    else attach(parent, node);
    if (node.kind === "map" || node.kind === "list") open.push({ node, key: undefined });
  }
  return root;
}

type NodeEvent = Exclude<Event, { type: typeof EVENT_ID.POP | typeof EVENT_ID.DOCUMENT }>;

function toNode(text: string, event: NodeEvent, anchors: Map<string, YamlNode>): YamlNode {
  const anchor = event.anchorStart < 0 ? undefined : text.slice(event.anchorStart, event.anchorEnd);
  if (event.type === EVENT_ID.ALIAS) {
    return { kind: "alias", start: event.anchorStart, target: anchors.get(anchor ?? "") };
  }
  const node: YamlNode =
    event.type === EVENT_ID.MAPPING
      ? { kind: "map", start: event.start, entries: new Map() }
      : event.type === EVENT_ID.SEQUENCE
        ? { kind: "list", start: event.start, items: [] }
        : toScalar(text, event);
  if (anchor !== undefined) anchors.set(anchor, node);
  return node;
}

function toScalar(text: string, event: ScalarEvent): YamlNode {
  if (event.valueStart < 0) return { kind: "scalar", start: undefined, text: "", block: undefined };
  const isLiteral = event.style === SCALAR_STYLE.LITERAL_BLOCK;
  const block = isLiteral ? { start: event.valueStart, indent: event.indent } : undefined;
  const isQuoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
  const start = isQuoted ? event.valueStart - 1 : event.valueStart;
  return { kind: "scalar", start, text: getScalarValue(text, event), block };
}

/** The first of key and value of a mapping comes first; a key that is no scalar cannot be a Kubernetes field. */
function attach(parent: OpenNode, node: YamlNode): void {
  if (parent.node.kind === "list") parent.node.items.push(node);
  else if (parent.node.kind === "map") {
    const { key } = parent;
    if (key === undefined) {
      const scalar = resolveAlias(node);
      parent.key = { start: node.start, text: scalar?.kind === "scalar" ? scalar.text : "\u0000" };
    } else {
      parent.node.entries.set(key.text, { keyStart: key.start, value: node });
      parent.key = undefined;
    }
  }
}
