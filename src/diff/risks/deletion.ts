import type { ManifestValue, ResourceId, Risk } from "../../model/index.ts";
import { isTrue, readAnnotation, readTexts } from "../read-field.ts";
import { kindOf } from "./subject.ts";
import type { RiskSubject } from "./subject.ts";

interface Loss {
  readonly id: "prune-data" | "delete" | "guard-removed";
  readonly level: Risk["level"];
  readonly why: string;
}

const LOSSES: ReadonlyMap<string, Loss> = new Map<string, Loss>([
  ["/PersistentVolumeClaim", { id: "prune-data", level: "high", why: "the data on its volume may be lost" }],
  ["/PersistentVolume", { id: "prune-data", level: "high", why: "the data on it may be lost" }],
  ["/Namespace", { id: "prune-data", level: "high", why: "everything in it is deleted with it" }],
  [
    "apiextensions.k8s.io/CustomResourceDefinition",
    { id: "prune-data", level: "high", why: "every object of its kind is deleted with it" },
  ],
  [
    "apps/StatefulSet",
    { id: "prune-data", level: "high", why: "its pods stop and its volumes are left behind or deleted" },
  ],
  ["/Secret", { id: "delete", level: "high", why: "what reads it stops working" }],
  [
    "networking.k8s.io/NetworkPolicy",
    { id: "guard-removed", level: "high", why: "the traffic it held back is let through" },
  ],
  [
    "cilium.io/CiliumNetworkPolicy",
    { id: "guard-removed", level: "high", why: "the traffic it held back is let through" },
  ],
  ["policy/PodDisruptionBudget", { id: "guard-removed", level: "medium", why: "all its pods may be evicted at once" }],
  ["/ResourceQuota", { id: "guard-removed", level: "medium", why: "the namespace is no longer limited" }],
  ["/LimitRange", { id: "guard-removed", level: "medium", why: "containers no longer get default limits" }],
  [
    "admissionregistration.k8s.io/ValidatingAdmissionPolicy",
    { id: "guard-removed", level: "high", why: "what it refused is accepted" },
  ],
  [
    "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding",
    { id: "guard-removed", level: "high", why: "what it refused is accepted" },
  ],
  [
    "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
    { id: "guard-removed", level: "high", why: "what it refused is accepted" },
  ],
]);

/** A removed object, or one that gets a new identity: the old one is deleted. */
export function assessDeletion(subject: RiskSubject): readonly Risk[] {
  if (subject.isHook) return [];
  if (subject.action === "removed") return [describeDeletion(subject.resource, subject.before)];
  return subject.previous === undefined || subject.isGenerated
    ? []
    : describeReplacement(subject.resource, subject.previous);
}

function describeDeletion(resource: ResourceId, before: ManifestValue | undefined): Risk {
  const keeper = findKeeper(before);
  if (keeper !== undefined) {
    return { id: "delete", level: "medium", message: `Is no longer managed; ${keeper} keeps it in the cluster.` };
  }
  const cascade = findCascade(resource, before);
  if (cascade !== undefined) return { id: "prune-data", level: "high", message: `Is deleted: ${cascade}.` };
  const loss = LOSSES.get(kindOf(resource));
  if (loss === undefined) return { id: "delete", level: "medium", message: `${resource.kind} is deleted.` };
  return { id: loss.id, level: loss.level, message: `${resource.kind} is deleted: ${loss.why}.` };
}

function describeReplacement(resource: ResourceId, previous: ResourceId): readonly Risk[] {
  const level = LOSSES.get(kindOf(resource))?.level ?? "medium";
  const why = LOSSES.get(kindOf(resource))?.why;
  const tail = why === undefined ? "" : `: ${why}`;
  if (resource.namespace !== previous.namespace) {
    const message = `Moves to another namespace: the old ${resource.kind} is deleted and a new one created${tail}.`;
    return [{ id: "moved-namespace", level: "high", message }];
  }
  const message = `Is renamed: the old ${resource.kind} is deleted and a new one created${tail}.`;
  return [{ id: "renamed", level, message }];
}

/** The annotation, if any, by which Helm, Argo CD or Flux leaves a removed object alone. */
export function findKeeper(value: ManifestValue | undefined): string | undefined {
  if (readAnnotation(value, "helm.sh/resource-policy")?.trim() === "keep") return "helm.sh/resource-policy: keep";
  const options = (readAnnotation(value, "argocd.argoproj.io/sync-options") ?? "")
    .split(",")
    .map((word) => word.trim());
  const option = options.find((word) => word === "Prune=false" || word === "Delete=false");
  if (option !== undefined) return option;
  const flux = readAnnotation(value, "kustomize.toolkit.fluxcd.io/prune")?.toLowerCase();
  return flux === "disabled" ? "kustomize.toolkit.fluxcd.io/prune: disabled" : undefined;
}

/** What goes down with an agent's object. */
function findCascade(resource: ResourceId, before: ManifestValue | undefined): string | undefined {
  const finalizers = readTexts(before, "metadata", "finalizers");
  if (kindOf(resource) === "argoproj.io/Application") {
    const isCascading = finalizers.some((name) => name.startsWith("resources-finalizer.argocd.argoproj.io"));
    return isCascading ? "its finalizer deletes everything the Application deployed" : undefined;
  }
  if (kindOf(resource) === "argoproj.io/ApplicationSet") return "the Applications it made are deleted with it";
  if (kindOf(resource) === "kustomize.toolkit.fluxcd.io/Kustomization" && isTrue(before, "spec", "prune")) {
    return "with prune: true, everything it deployed is deleted";
  }
  return kindOf(resource) === "helm.toolkit.fluxcd.io/HelmRelease" ? "its release is uninstalled" : undefined;
}
