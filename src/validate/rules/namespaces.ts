import { quoteName, type Manifest, type RawFinding } from "../../model/index.ts";
import { checkLabel } from "../names.ts";
import { findAt, isPlaceholder, type RuleFacts } from "../rule.ts";

const PATH = ["metadata", "namespace"];

/** `invalid-namespace`: one that cannot exist. `ignored-namespace`: one on an object that lives in no namespace. */
export function checkNamespaces(manifests: readonly Manifest[], facts: RuleFacts): readonly RawFinding[] {
  return manifests.flatMap((manifest) => checkNamespace(manifest, facts) ?? []);
}

function checkNamespace(manifest: Manifest, facts: RuleFacts): RawFinding | undefined {
  const { group, kind, namespace } = manifest.resource;
  if (namespace === "") return undefined;
  if (facts.scope(group, kind) === "cluster") {
    const message = `${kind} lives in no namespace; ${quoteName(namespace)} is ignored. Remove metadata.namespace.`;
    return findAt(manifest, "ignored-namespace", "warning", PATH, message);
  }
  const problem = isPlaceholder(namespace, facts) ? undefined : checkLabel(namespace);
  if (problem === undefined) return undefined;
  return findAt(
    manifest,
    "invalid-namespace",
    "error",
    PATH,
    `There can be no namespace ${quoteName(namespace)}: ${problem}.`,
  );
}
