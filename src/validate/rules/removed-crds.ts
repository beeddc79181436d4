import type { Manifest, RawFinding } from "../../model/index.ts";
import { findAt, type RuleFacts } from "../rule.ts";

/** `crd-removed`: an object whose kind's CRD the base still had. Deleting the CRD deletes the object. */
export function checkRemovedCrds(manifests: readonly Manifest[], facts: RuleFacts): readonly RawFinding[] {
  if (facts.removedCrds.size === 0) return [];
  return manifests
    .filter(({ resource }) => facts.removedCrds.has(`${resource.group}/${resource.kind}`))
    .map((manifest) => {
      const { kind, group } = manifest.resource;
      const message = `The CustomResourceDefinition of ${kind} (${group}) is removed while this object still needs it. Remove the object too, or keep the definition.`;
      return findAt(manifest, "crd-removed", "error", ["kind"], message);
    });
}
