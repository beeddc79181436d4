import type { ResourceId } from "../model/index.ts";

// kustomize replaces the digits and letters of a hash that could spell a word
// (sigs.k8s.io/kustomize/api/hasher, `encode`): ten of these end a generated name.
const KUSTOMIZE_SUFFIX = /-[2456789bcdfghkmt]{10}$/u;
// Charts append a shortened hex digest; one digit at least, or `-facade` and `-decade` would count.
const DIGEST_SUFFIX = /-(?=[a-f]*\d)[0-9a-f]{7,64}$/u;

/** The name of a ConfigMap or Secret without its hash suffix; undefined when it has none. */
export function readStem(resource: ResourceId): string | undefined {
  if (resource.group !== "" || (resource.kind !== "ConfigMap" && resource.kind !== "Secret")) return undefined;
  for (const suffix of [KUSTOMIZE_SUFFIX, DIGEST_SUFFIX]) {
    const start = resource.name.search(suffix);
    if (start > 0) return resource.name.slice(0, start);
  }
  return undefined;
}
