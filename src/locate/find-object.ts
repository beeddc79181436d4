import type { Manifest, ResourceId } from "../model/index.ts";
import type { OpenFile } from "./place.ts";
import type { IdentifiedNode, SourceDocument } from "./source-file.ts";

/** An object in a source file. */
export interface SourceObject extends IdentifiedNode {
  readonly document: SourceDocument;
}

/**
 * Finds the object that a manifest was made of in its origin file: in the document that the engine names, else the
 * only one that `isSame` accepts. Undefined when there is none or more than one.
 */
export function findObject(
  { resource, origin }: Manifest,
  open: OpenFile,
  isSame: (source: ResourceId, rendered: ResourceId) => boolean,
): SourceObject | undefined {
  const documents = open(origin.file);
  const named = documents.filter(({ index }) => index === origin.document);
  const found = (named.length > 0 ? named : documents).flatMap((document) =>
    document.objects().map((object): SourceObject => ({ ...object, document })),
  );
  const same = found.filter(({ identity }) => isSame(identity, resource));
  if (same.length === 1) return same[0];
  // The engine knows the document; transformers may have changed all that an object can be recognised by.
  return same.length === 0 && named.length === 1 && found.length === 1 ? found[0] : undefined;
}

export function isSameObject(source: ResourceId, rendered: ResourceId): boolean {
  return (
    source.kind === rendered.kind &&
    source.name === rendered.name &&
    source.namespace === rendered.namespace &&
    source.group === rendered.group
  );
}

/** Kustomize changes namespaces, puts prefixes and suffixes around names, and appends hashes. */
export function isTransformedObject(source: ResourceId, rendered: ResourceId): boolean {
  return (
    source.kind === rendered.kind &&
    source.group === rendered.group &&
    source.name !== "" &&
    rendered.name.includes(source.name)
  );
}
