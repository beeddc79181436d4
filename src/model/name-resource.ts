import type { Finding } from "./finding.ts";
import type { ResourceId } from "./manifest.ts";

/** A resource as people name it in the config: `Deployment/shop/web`, `ClusterRole/admin`. */
export function nameResource({ kind, namespace, name }: ResourceId): string {
  return namespace === "" ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}

/**
 * What a finding is about, as exceptions, approvals and the baseline name it: its resource, or where it has none its
 * file, `file charts/web/values.yaml`. Empty where it has neither. No kind holds a space, so the two never meet.
 */
export function nameSubject({ resource, location }: Pick<Finding, "resource"> & Partial<Finding>): string {
  if (resource !== undefined) return nameResource(resource);
  return location === undefined ? "" : `file ${location.file}`;
}
