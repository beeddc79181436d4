import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesVersion } from "../model/index.ts";
import type { ApiLifecycle } from "../validate/api-lifecycle.ts";

/**
 * The stable kinds that a cluster of this version serves, as Helm writes them: `v1/Pod`, `networking.k8s.io/v1/Ingress`.
 * None for a minor that is not bundled. Alpha and beta APIs are left out: whether they are on is the cluster's choice.
 */
export function readServedKinds(directory: string, version: KubernetesVersion): readonly string[] {
  const minor = version.split(".").slice(0, 2).join(".");
  const { apis } = JSON.parse(readFileSync(join(directory, "lifecycle.json"), "utf8")) as {
    apis: Record<string, ApiLifecycle>;
  };
  return Object.entries(apis)
    .filter(([id, { minors, namespaced }]) => namespaced !== undefined && minors.includes(minor) && isStable(id))
    .map(([id]) => id.replace(/^\//u, ""));
}

function isStable(id: string): boolean {
  return /^v\d+$/u.test(id.split("/")[1] ?? "");
}
