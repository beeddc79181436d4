import type { FieldPath, Manifest, ManifestValue, SourceLocation } from "../model/index.ts";
import { findObject, isSameObject } from "./find-object.ts";
import { followPath, listNodes, scalarText } from "./follow-path.ts";
import { atFile, atOffset, type OpenFile, type ReadText } from "./place.ts";
import { findTemplateLine } from "./template-lines.ts";
import { resolveAlias, type YamlNode } from "./yaml-node.ts";

/** Values looked through in one file; more than any chart has, and a bound for what is made to be long. */
const MAX_SCALARS = 50_000;

/**
 * The template line that holds the field's key if exactly one does, else the line of the values file that holds its
 * value if it stands there once, else the template. CRDs of a chart are no templates: their node is exact.
 */
export function locateHelm(
  path: FieldPath,
  manifest: Manifest,
  rendered: ManifestValue,
  valuesFiles: readonly string[],
  open: OpenFile,
  read: ReadText,
): SourceLocation {
  const { origin, resource } = manifest;
  if (origin.document !== undefined) {
    const object = findObject(manifest, open, isSameObject);
    if (object !== undefined) return atOffset(origin.file, object.document, followPath(object.node, path).start);
  }
  const nodes = listNodes(rendered, path);
  const existing = path.slice(0, nodes.length - 1);
  const line = findTemplateLine(read(origin.file) ?? "", resource.kind, existing);
  if (line !== undefined) return { file: origin.file, line: line.line, endLine: line.line, column: line.column };
  const text = existing.length === path.length ? scalarText(nodes.at(-1)) : undefined;
  const files = [...new Set([...origin.shapedBy, ...valuesFiles])];
  return findInValues(text, path.at(-1), files, open) ?? atFile(origin.file);
}

interface ScalarPlace {
  readonly key: string | undefined;
  readonly location: SourceLocation;
}

/** Of several equal values, the one under the field's own name counts if there is one such. */
function findInValues(
  text: string | undefined,
  key: string | number | undefined,
  files: readonly string[],
  open: OpenFile,
): SourceLocation | undefined {
  if (text === undefined || text === "") return undefined;
  const places = files.flatMap((file) =>
    open(file).flatMap((document) =>
      listScalars(document.root())
        .filter((scalar) => scalar.text === text)
        .map((scalar): ScalarPlace => ({ key: scalar.key, location: atOffset(file, document, scalar.start) })),
    ),
  );
  if (places.length === 1) return places[0]?.location;
  const named = places.filter((place) => place.key === key);
  return named.length === 1 ? named[0]?.location : undefined;
}

interface Scalar {
  readonly text: string;
  readonly key: string | undefined;
  readonly start: number;
}

/** All scalars of a document as they are written: aliases are not followed. */
function listScalars(root: YamlNode | undefined): readonly Scalar[] {
  const scalars: Scalar[] = [];
  const visit = (node: YamlNode, key: string | undefined, keyStart: number | undefined): void => {
    if (scalars.length >= MAX_SCALARS || node.kind === "alias") return;
    if (node.kind === "list") for (const item of node.items) visit(item, key, undefined);
    else if (node.kind === "map") {
      for (const [name, entry] of node.entries) visit(entry.value, name, entry.keyStart);
    } else if (node.start !== undefined) scalars.push({ text: node.text, key, start: keyStart ?? node.start });
  };
  const top = resolveAlias(root);
  if (top !== undefined) visit(top, undefined, undefined);
  return scalars;
}
