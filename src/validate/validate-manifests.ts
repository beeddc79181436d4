import type { Manifest, RawFinding } from "../model/index.ts";
import type { Rule, RuleFacts } from "./rule.ts";
import { checkApiVersions } from "./rules/api-versions.ts";
import { checkDuplicateResources } from "./rules/duplicate-resources.ts";
import { checkLabels } from "./rules/labels.ts";
import { checkNamespaces } from "./rules/namespaces.ts";
import { checkRemovedCrds } from "./rules/removed-crds.ts";
import { checkResourceNames } from "./rules/resource-names.ts";

/** Rules that need no schema. Each says in its doc comment which rule ids it reports. */
const RULES: readonly Rule[] = [
  checkDuplicateResources,
  checkResourceNames,
  checkNamespaces,
  checkLabels,
  checkApiVersions,
  checkRemovedCrds,
];

/**
 * Checks the rendered manifests of one app by everything but their schemas, which the engine checks as it renders.
 * Findings name the file and not yet the line. Never throws, whatever the manifests hold.
 */
export function validateManifests(manifests: readonly Manifest[], facts: RuleFacts): readonly RawFinding[] {
  return RULES.flatMap((rule) => rule(manifests, facts));
}
