import type { RawFinding } from "../model/index.ts";
import type { RuleFacts } from "./rule.ts";
import { isRemovedApi } from "./rules/api-versions.ts";

/**
 * The engine's findings without those that `validateManifests` explains better: a kind has no schema because its API
 * (`api-removed`) or its CRD (`crd-removed`) is gone. One fault is told once, and an API that only an assumed version
 * removed stays a warning.
 */
export function dropExplained(findings: readonly RawFinding[], facts: RuleFacts): readonly RawFinding[] {
  return findings.filter(({ rule, resource }) => {
    if (rule !== "schema-missing" || resource === undefined) return true;
    const isCrdRemoved = facts.removedCrds.has(`${resource.group}/${resource.kind}`);
    return !isCrdRemoved && !isRemovedApi(resource, facts.kubernetesVersion, facts.lifecycles);
  });
}
