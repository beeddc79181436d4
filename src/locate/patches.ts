import type { FieldPath, ManifestMap, ManifestValue, ResourceId, SourceLocation } from "../model/index.ts";
import { followRenderedPath, listNodes, scalarText } from "./follow-path.ts";
import { atOffset, type OpenFile } from "./place.ts";
import { readIdentity, type SourceDocument } from "./source-file.ts";
import { parseYaml, readEntry, readItems, readText, resolveAlias, type YamlNode } from "./yaml-node.ts";

/** How a patch sets a field: `depth` steps of its path. */
export interface PatchHit {
  readonly depth: number;
  readonly location: SourceLocation;
}

export interface PatchedField {
  readonly path: FieldPath;
  readonly rendered: ManifestValue;
  /** Identities under which patches may know the object: as rendered, and as its source has it. */
  readonly names: readonly ResourceId[];
}

/** A patch in a file: where its text stands, and what selects its objects when it does not name them itself. */
interface Patch {
  readonly file: string;
  readonly node: YamlNode;
  readonly target: YamlNode | undefined;
  /** Where an offset into the patch's own text stands in the file. */
  readonly locate: (offset: number) => SourceLocation;
}

/**
 * Where the patches of a file set a field. Several patches that set it equally deep cannot be told apart (which of
 * them applies last depends on all of kustomize), so then there is none.
 */
export function findInPatches(file: string, field: PatchedField, open: OpenFile): PatchHit | undefined {
  const hits = open(file).flatMap((document) =>
    listPatches(file, document).flatMap((patch) => (mayApply(patch, field) ? (hitOf(patch, field) ?? []) : [])),
  );
  const deepest = Math.max(0, ...hits.map(({ depth }) => depth));
  const best = hits.filter(({ depth }) => depth === deepest && depth > 0);
  return best.length === 1 ? best[0] : undefined;
}

/** A file is a patch itself, or a kustomization with patches written into it. */
function listPatches(file: string, document: SourceDocument): readonly Patch[] {
  const root = document.root();
  if (root === undefined) return [];
  const inline = [
    ...readItems(readEntry(root, "patches")?.value),
    ...readItems(readEntry(root, "patchesJson6902")?.value),
  ].flatMap((entry) =>
    inlinePatches(file, document, readEntry(entry, "patch")?.value, readEntry(entry, "target")?.value),
  );
  const strategic = readItems(readEntry(root, "patchesStrategicMerge")?.value).flatMap((entry) =>
    inlinePatches(file, document, entry, undefined),
  );
  const kind = readText(root, "kind");
  const isKustomization = kind === "Kustomization" || kind === "Component" || inline.length + strategic.length > 0;
  if (isKustomization) return [...inline, ...strategic];
  return [{ file, node: root, target: undefined, locate: (offset) => atOffset(file, document, offset) }];
}

function inlinePatches(
  file: string,
  document: SourceDocument,
  value: YamlNode | undefined,
  target: YamlNode | undefined,
): readonly Patch[] {
  const scalar = resolveAlias(value);
  if (scalar?.kind !== "scalar" || scalar.start === undefined || !/[\n{[]/u.test(scalar.text)) return [];
  const { text, block, start } = scalar;
  const node = parseYaml(text);
  if (node === undefined) return [];
  const first = document.positionAt(block?.start ?? start);
  const locate = (offset: number): SourceLocation => {
    if (block === undefined) return atOffset(file, document, start);
    // A literal block's lines stand in the file one by one, further to the right.
    const before = text.slice(0, offset);
    const line = first.line + before.split("\n").length - 1;
    const column = offset - (before.lastIndexOf("\n") + 1) + 1 + block.indent;
    return { file, line, endLine: line, column };
  };
  return [{ file, node, target, locate }];
}

/** False only when the patch says that it is for another object. Names may be patterns, so they rarely say so. */
function mayApply({ node, target }: Patch, { names }: PatchedField): boolean {
  const selector = target === undefined ? readIdentity(node) : undefined;
  const kind = target === undefined ? selector?.kind : readText(target, "kind");
  const name = target === undefined ? selector?.name : readText(target, "name");
  const isKind = kind === undefined || kind === "" || isPattern(kind) || names.some((known) => known.kind === kind);
  const isName =
    name === undefined || name === "" || isPattern(name) || names.some((known) => known.name.includes(name));
  return isKind && isName;
}

function isPattern(text: string): boolean {
  return !/^[A-Za-z0-9.-]*$/u.test(text) || text.includes(".");
}

function hitOf(patch: Patch, field: PatchedField): PatchHit | undefined {
  const root = resolveAlias(patch.node);
  if (root?.kind === "list") return hitOfOperations(patch, root.items, field);
  const reach = followRenderedPath(patch.node, field.path, field.rendered);
  return { depth: reach.depth, location: patch.locate(reach.start) };
}

/** The operations of a JSON patch apply one after the other: of two that set the field, the later one counts. */
function hitOfOperations(patch: Patch, operations: readonly YamlNode[], field: PatchedField): PatchHit | undefined {
  let best: PatchHit | undefined;
  for (const operation of operations) {
    const hit = hitOfOperation(patch, operation, field);
    if (hit !== undefined && hit.depth >= (best?.depth ?? 1)) best = hit;
  }
  return best;
}

function hitOfOperation(patch: Patch, operation: YamlNode, { path, rendered }: PatchedField): PatchHit | undefined {
  const op = readText(operation, "op");
  const pointer = readText(operation, "path");
  const value = readEntry(operation, "value")?.value;
  if ((op !== "add" && op !== "replace") || pointer === undefined || !pointer.startsWith("/")) return undefined;
  const steps = pointer
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  const nodes = listNodes(rendered, path);
  const isOnPath = (step: string, depth: number) =>
    step === String(path[depth]) ||
    (step === "-" && typeof path[depth] === "number" && isLike(value, nodes[depth + 1]));
  if (steps.length > path.length || !steps.every(isOnPath)) return undefined;
  const pathStart = readEntry(operation, "path")?.keyStart ?? operation.start ?? 0;
  const rest = path.slice(steps.length);
  const below = nodes[steps.length];
  if (rest.length === 0 || value === undefined || below === undefined) {
    return { depth: steps.length, location: patch.locate(pathStart) };
  }
  const reach = followRenderedPath(value, rest, below);
  return { depth: steps.length + reach.depth, location: patch.locate(reach.depth === 0 ? pathStart : reach.start) };
}

/** Whether an appended value is the rendered item: by its name, or as a scalar. */
function isLike(value: YamlNode | undefined, item: ManifestValue | undefined): boolean {
  const node = resolveAlias(value);
  if (node?.kind === "scalar") return node.text === scalarText(item);
  const name = readText(node, "name");
  return name !== undefined && item instanceof Map && scalarText((item as ManifestMap).get("name")) === name;
}
