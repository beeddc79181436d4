import type { FieldPath, ResourceId } from "./manifest.ts";

/**
 * The keys that tell items of the list at `path` apart (`x-kubernetes-list-map-keys` of the OpenAPI, or of a CRD);
 * `[]` for a set of scalars; undefined where the list is atomic or nothing is known of it.
 */
export type ListKeys = (resource: ResourceId, path: FieldPath) => readonly string[] | undefined;
