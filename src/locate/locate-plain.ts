import type { FieldPath, Manifest, SourceLocation } from "../model/index.ts";
import { findObject, isSameObject } from "./find-object.ts";
import { followPath } from "./follow-path.ts";
import { atFile, atOffset, type OpenFile } from "./place.ts";

/** The exact node, or its nearest parent that exists; the file when the object cannot be told in it. */
export function locatePlain(path: FieldPath, manifest: Manifest, open: OpenFile): SourceLocation {
  const object = findObject(manifest, open, isSameObject);
  if (object === undefined) return atFile(manifest.origin.file);
  return atOffset(manifest.origin.file, object.document, followPath(object.node, path).start);
}
