import type { FieldPath, Manifest, ManifestValue, SourceLocation } from "../model/index.ts";
import { findObject, isTransformedObject } from "./find-object.ts";
import { followRenderedPath, listNodes, scalarText } from "./follow-path.ts";
import { findInPatches, type PatchHit } from "./patches.ts";
import { atFile, atOffset, type OpenFile } from "./place.ts";
import { readEntry, readItems, readText, resolveAlias } from "./yaml-node.ts";

/**
 * The field in the last patch that sets it, else in the origin file, else the deepest parent that one of them has. A
 * generated map leads to the generator's entry, or to the file that a value was read from.
 */
export function locateKustomize(
  path: FieldPath,
  manifest: Manifest,
  rendered: ManifestValue,
  kustomization: string,
  open: OpenFile,
): SourceLocation {
  const { origin, resource } = manifest;
  const transformed = locateNamespace(path, rendered, kustomization, open);
  if (transformed !== undefined) return transformed;
  const object = findObject(manifest, open, isTransformedObject);
  const generated = object === undefined ? locateGenerated(path, manifest, open) : undefined;
  if (generated !== undefined) return generated;
  const names = object === undefined ? [resource] : [resource, object.identity];
  const patched = origin.shapedBy.flatMap((file) => findInPatches(file, { path, rendered, names }, open) ?? []);
  const reach = object === undefined ? undefined : followRenderedPath(object.node, path, rendered);
  const best = pickDeepest(patched, path.length, reach?.depth ?? 0);
  if (best !== undefined) return best.location;
  if (object === undefined || reach === undefined) return atFile(origin.file);
  return atOffset(origin.file, object.document, reach.start);
}

/** The last patch that sets the whole path, else one that leads deeper than the origin does. */
function pickDeepest(hits: readonly PatchHit[], length: number, originDepth: number): PatchHit | undefined {
  const whole = hits.findLast(({ depth }) => depth === length && length > 0);
  if (whole !== undefined || originDepth === length) return whole;
  const deepest = Math.max(originDepth, ...hits.map(({ depth }) => depth));
  return deepest === originDepth ? undefined : hits.findLast(({ depth }) => depth === deepest);
}

/** `namespace:` of the app's own kustomization is applied last, so it is where a namespace equal to it comes from. */
function locateNamespace(
  path: FieldPath,
  rendered: ManifestValue,
  kustomization: string,
  open: OpenFile,
): SourceLocation | undefined {
  if (path.join("/") !== "metadata/namespace") return undefined;
  const document = open(kustomization)[0];
  const entry = readEntry(document?.root(), "namespace");
  const value = resolveAlias(entry?.value);
  if (document === undefined || entry?.keyStart === undefined || value?.kind !== "scalar") return undefined;
  const isSame = scalarText(listNodes(rendered, path)[path.length]) === value.text;
  return isSame ? atOffset(kustomization, document, entry.keyStart) : undefined;
}

function locateGenerated(path: FieldPath, { resource, origin }: Manifest, open: OpenFile): SourceLocation | undefined {
  if (resource.kind !== "ConfigMap" && resource.kind !== "Secret") return undefined;
  const key = path[0] === "data" && typeof path[1] === "string" ? path[1] : undefined;
  const sources = origin.shapedBy.filter(
    (file) => file !== origin.file && file.slice(file.lastIndexOf("/") + 1) === key,
  );
  if (sources.length === 1 && sources[0] !== undefined) return atFile(sources[0]);
  const generator = resource.kind === "Secret" ? "secretGenerator" : "configMapGenerator";
  const entries = open(origin.file).flatMap((document) =>
    readItems(readEntry(document.root(), generator)?.value)
      .filter((entry) => resource.name.includes(readText(entry, "name") ?? "\u0000"))
      .map((entry) => ({ document, start: entry.start ?? 0 })),
  );
  const [only] = entries;
  return only === undefined || entries.length > 1 ? undefined : atOffset(origin.file, only.document, only.start);
}
