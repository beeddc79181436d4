import { quoteName, type Manifest, type RawFinding } from "../../model/index.ts";
import { findAt, type RuleFacts } from "../rule.ts";

/**
 * `duplicate-resource`: one app has the same object twice (group, kind, namespace and name; versions aside), and the
 * one that is applied last wins. Helm hooks of different events may share a name, as each is made for its event and
 * replaced by the next; a hook that shares its name with a resource of the release is only a warning.
 */
export function checkDuplicateResources(manifests: readonly Manifest[], facts: RuleFacts): readonly RawFinding[] {
  const seen = new Map<string, Manifest[]>();
  const findings: RawFinding[] = [];
  for (const manifest of manifests) {
    const { group, kind, namespace, name } = manifest.resource;
    if (name === "" || kind === "") continue;
    const isCluster = facts.scope(group, kind) === "cluster";
    const key = JSON.stringify([group, kind, isCluster ? "" : namespace, name]);
    const others = seen.get(key) ?? [];
    const other = others.find((candidate) => isInTheWay(candidate, manifest));
    if (other !== undefined) findings.push(tellDuplicate(manifest, other));
    if (others.length === 0) seen.set(key, others);
    // A list of hooks with pairwise different events is short; of plain duplicates the first one is enough.
    if (other === undefined) others.push(manifest);
  }
  return findings;
}

function isInTheWay(a: Manifest, b: Manifest): boolean {
  if (a.hooks.length === 0 || b.hooks.length === 0) return true;
  return a.hooks.some((event) => b.hooks.includes(event));
}

function tellDuplicate(manifest: Manifest, other: Manifest): RawFinding {
  const { kind, name } = manifest.resource;
  const isMixed = (manifest.hooks.length === 0) !== (other.hooks.length === 0);
  const place = other.origin.file === manifest.origin.file ? "earlier in this file" : `in ${other.origin.file}`;
  const as = isMixed ? " as a Helm hook and as a resource of the release" : "";
  const message = `${kind} ${quoteName(name)} is defined twice in this app${as}, first ${place}. Rename or remove one.`;
  return findAt(manifest, "duplicate-resource", isMixed ? "warning" : "error", ["metadata", "name"], message);
}
