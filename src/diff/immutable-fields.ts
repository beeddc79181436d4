import type { FieldPath, ManifestValue, ResourceId } from "../model/index.ts";
import { isTrue, readAnnotation } from "./read-field.ts";

type Pattern = string;

/**
 * Fields that the API server refuses to change, by `group/kind`: dotted paths, `!` for "all below but these".
 * From the update validation of Kubernetes 1.33–1.36 (`pkg/apis/*\/validation`).
 */
const IMMUTABLE: ReadonlyMap<string, readonly Pattern[]> = new Map<string, readonly Pattern[]>([
  ["apps/Deployment", ["spec.selector"]],
  ["apps/DaemonSet", ["spec.selector"]],
  ["apps/ReplicaSet", ["spec.selector"]],
  [
    "apps/StatefulSet",
    [
      "!spec:replicas,ordinals,template,updateStrategy,persistentVolumeClaimRetentionPolicy,minReadySeconds,revisionHistoryLimit",
    ],
  ],
  ["batch/Job", ["spec.template", "spec.selector", "spec.completions", "spec.completionMode", "spec.podFailurePolicy"]],
  ["/Pod", ["!spec:containers,initContainers,ephemeralContainers,tolerations,activeDeadlineSeconds"]],
  ["/Service", ["spec.clusterIP", "spec.clusterIPs", "spec.loadBalancerClass"]],
  ["/PersistentVolumeClaim", ["!spec:resources,volumeAttributesClassName"]],
  [
    "/PersistentVolume",
    [
      "!spec:capacity,accessModes,persistentVolumeReclaimPolicy,storageClassName,mountOptions,claimRef,nodeAffinity,volumeAttributesClassName",
    ],
  ],
  ["/Secret", ["type"]],
  ["storage.k8s.io/StorageClass", ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"]],
  ["storage.k8s.io/VolumeAttributesClass", ["driverName", "parameters"]],
  ["storage.k8s.io/CSIDriver", ["spec.attachRequired", "spec.volumeLifecycleModes"]],
  ["rbac.authorization.k8s.io/RoleBinding", ["roleRef"]],
  ["rbac.authorization.k8s.io/ClusterRoleBinding", ["roleRef"]],
  ["networking.k8s.io/IngressClass", ["spec.controller"]],
  ["node.k8s.io/RuntimeClass", ["handler"]],
  ["scheduling.k8s.io/PriorityClass", ["value", "preemptionPolicy"]],
  ["discovery.k8s.io/EndpointSlice", ["addressType"]],
  [
    "apiextensions.k8s.io/CustomResourceDefinition",
    ["spec.group", "spec.scope", "spec.names.kind", "spec.names.plural"],
  ],
]);

/**
 * Whether the API server refuses to change the field at `path`, so that the object has to be deleted first.
 * `base` is the object as it was: with `immutable: true` a ConfigMap's or Secret's values are fixed as well.
 */
export function isImmutableField(resource: ResourceId, path: FieldPath, base: ManifestValue | undefined): boolean {
  const patterns = IMMUTABLE.get(`${resource.group}/${resource.kind}`) ?? [];
  if (patterns.some((pattern) => isCovered(pattern, path))) return true;
  const isFixable = resource.group === "" && (resource.kind === "ConfigMap" || resource.kind === "Secret");
  return isFixable && isTrue(base, "immutable") && FIXED_BY_IMMUTABLE.has(String(path[0]));
}

const FIXED_BY_IMMUTABLE = new Set(["data", "binaryData", "stringData", "immutable"]);

function isCovered(pattern: Pattern, path: FieldPath): boolean {
  if (!pattern.startsWith("!")) return isOnOneLine(pattern.split("."), path);
  const [root = "", exceptions = ""] = pattern.slice(1).split(":");
  return path[0] === root && !exceptions.split(",").includes(String(path[1]));
}

/** Whether one path leads to the other: a change above a fixed field changes it too. */
function isOnOneLine(steps: readonly string[], path: FieldPath): boolean {
  return steps.every((step, index) => index >= path.length || path[index] === step);
}

/**
 * Whether an annotation of its own makes Helm or an agent delete and create this object anew where it cannot be
 * updated: a hook is made anew at every run, a forced object when the API server refuses a change.
 */
export function findRecreation(head: ManifestValue | undefined): "hook" | "forced" | undefined {
  const hooks = ["helm.sh/hook", "argocd.argoproj.io/hook"];
  if (hooks.some((key) => readAnnotation(head, key) !== undefined)) return "hook";
  // `Replace=true` alone is an update like any other.
  const options = (readAnnotation(head, "argocd.argoproj.io/sync-options") ?? "").split(",");
  const isForced =
    options.some((option) => option.trim() === "Force=true") ||
    readAnnotation(head, "kustomize.toolkit.fluxcd.io/force")?.toLowerCase() === "enabled";
  return isForced ? "forced" : undefined;
}
