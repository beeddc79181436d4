import type { ResourceId } from "../model/index.ts";
import { parseYaml, readEntry, readItems, readText, resolveAlias, type YamlNode } from "./yaml-node.ts";

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One document of a YAML file. Parsed when first looked into. */
export interface SourceDocument {
  /** Counted as the engine counts: a part before the first `---` counts only when it holds something. */
  readonly index: number;
  /** Undefined where the document is empty, no YAML, or too long to be parsed. */
  readonly root: () => YamlNode | undefined;
  /** The object it is, or those that its `List` holds. */
  readonly objects: () => readonly IdentifiedNode[];
  /** Place in the file of an offset into this document's text. */
  readonly positionAt: (offset: number) => Position;
}

export interface IdentifiedNode {
  readonly node: YamlNode;
  readonly identity: ResourceId;
}

/** Cuts a file into its documents. Offsets of a node lead to lines and columns of the whole file. */
export function indexDocuments(text: string): readonly SourceDocument[] {
  const lineStarts = once(() => findLineStarts(text));
  return splitDocuments(text).map(({ start, end }, index) => {
    const root = once(() => parseYaml(text.slice(start, end)));
    return {
      index,
      root,
      objects: once(() => listObjects(root()).map((node) => ({ node, identity: readIdentity(node) }))),
      positionAt: (offset) => positionAt(text, lineStarts(), start + offset),
    };
  });
}

/** What tells resources apart, as the YAML has it; a `generateName` counts as no name. */
export function readIdentity(root: YamlNode | undefined): ResourceId {
  const apiVersion = readText(root, "apiVersion") ?? "";
  const slash = apiVersion.indexOf("/");
  const metadata = readEntry(root, "metadata")?.value;
  return {
    group: slash < 0 ? "" : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kind: readText(root, "kind") ?? "",
    namespace: readText(metadata, "namespace") ?? "",
    name: readText(metadata, "name") ?? "",
  };
}

function listObjects(root: YamlNode | undefined): readonly YamlNode[] {
  const items = readEntry(root, "items")?.value;
  const isList = (readText(root, "kind") ?? "").endsWith("List") && resolveAlias(items)?.kind === "list";
  return isList ? readItems(items) : root === undefined ? [] : [root];
}

/** `---` at the start of a line always separates documents, also inside of what looks like a block scalar. */
function splitDocuments(text: string): readonly { start: number; end: number }[] {
  const parts: { start: number; end: number }[] = [];
  let start = text.startsWith("\uFEFF") ? 1 : 0;
  let isExplicit = false;
  for (const match of text.matchAll(/^\uFEFF?---(?=[ \t\r\n]|$)/gmu)) {
    if (isExplicit || hasContent(text.slice(start, match.index))) parts.push({ start, end: match.index });
    start = match.index + match[0].length;
    isExplicit = true;
  }
  if (isExplicit || hasContent(text.slice(start))) parts.push({ start, end: text.length });
  return parts;
}

function hasContent(text: string): boolean {
  return /^[ \t]*[^\s#%]|^[ \t]+%/mu.test(text);
}

function findLineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function positionAt(text: string, lineStarts: readonly number[], offset: number): Position {
  let low = 0;
  let high = lineStarts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  // A byte order mark is no column of the first line: editors do not show it.
  const mark = low === 0 && text.startsWith("\uFEFF") ? 1 : 0;
  return { line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 - mark };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
