import type { KubernetesVersion, Manifest, RawFinding, ResourceId } from "../../model/index.ts";
import type { ApiLifecycle, ApiLifecycles } from "../api-lifecycle.ts";
import { findAt, minorOf, type RuleFacts } from "../rule.ts";

/**
 * `api-removed`, `api-removed-next` (gone in the minor after the target) and `api-deprecated`. One finding a manifest
 * at most.
 */
export function checkApiVersions(manifests: readonly Manifest[], facts: RuleFacts): readonly RawFinding[] {
  return manifests.flatMap((manifest) => checkApiVersion(manifest, facts) ?? []);
}

/**
 * Whether Kubernetes once had this API and `version` no longer does. The schema check then only knows that it has no
 * schema; `api-removed` says why, so a `schema-missing` finding of such a resource is to be dropped.
 */
export function isRemovedApi(
  resource: Pick<ResourceId, "group" | "version" | "kind">,
  version: KubernetesVersion,
  lifecycles: ApiLifecycles,
): boolean {
  const removed = minorOf(lifecycles.get(apiId(resource))?.removed);
  return removed !== undefined && removed <= (minorOf(version) ?? -Infinity);
}

function checkApiVersion(manifest: Manifest, facts: RuleFacts): RawFinding | undefined {
  const { resource } = manifest;
  const lifecycle = facts.lifecycles.get(apiId(resource));
  const target = minorOf(facts.kubernetesVersion);
  if (lifecycle === undefined || target === undefined) return undefined;
  const removed = minorOf(lifecycle.removed) ?? Infinity;
  const api = `${resource.kind} ${apiVersionOf(resource)}`;
  const instead = adviseReplacement(resource, lifecycle, removed <= target ? target : removed, facts.lifecycles);
  if (removed <= target) {
    const level = facts.isVersionAssumed ? "warning" : "error";
    const assumed = facts.isVersionAssumed ? ` (Kubernetes 1.${target} is assumed; set the version in the config)` : "";
    return findAt(
      manifest,
      "api-removed",
      level,
      ["apiVersion"],
      `${api} was removed in Kubernetes 1.${removed}${assumed}. ${instead}`,
    );
  }
  if (removed === target + 1) {
    const message = `${api} is removed in Kubernetes 1.${removed}, the next minor. ${instead}`;
    return findAt(manifest, "api-removed-next", "warning", ["apiVersion"], message);
  }
  if ((minorOf(lifecycle.deprecated) ?? Infinity) > target) return undefined;
  const until = removed === Infinity ? "" : ` and is removed in 1.${removed}`;
  const message = `${api} is deprecated since Kubernetes ${lifecycle.deprecated ?? ""}${until}. ${instead}`;
  return findAt(manifest, "api-deprecated", "notice", ["apiVersion"], message);
}

/** Follows replacements to one that the minor still has: PodSecurityPolicy was moved once and then removed. */
function adviseReplacement(
  resource: ResourceId,
  lifecycle: ApiLifecycle,
  minor: number,
  lifecycles: ApiLifecycles,
): string {
  let id = lifecycle.replacement;
  // Three hops are more than any API made; the bound keeps a circle in the table from hanging a check.
  for (let hop = 0; hop < 3 && id !== undefined; hop++) {
    const next = lifecycles.get(id);
    if ((minorOf(next?.removed) ?? Infinity) > minor) {
      const [group = "", version = "", kind = ""] = id.split("/");
      const apiVersion = apiVersionOf({ group, version });
      return kind === resource.kind ? `Use ${apiVersion}.` : `Use ${kind} ${apiVersion}.`;
    }
    id = next?.replacement;
  }
  return "Nothing replaces it.";
}

function apiId({ group, version, kind }: Pick<ResourceId, "group" | "version" | "kind">): string {
  return `${group}/${version}/${kind}`;
}

function apiVersionOf({ group, version }: Pick<ResourceId, "group" | "version">): string {
  return group === "" ? version : `${group}/${version}`;
}
