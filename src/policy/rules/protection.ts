import { quoteName } from "../../model/index.ts";
import { mayShareNamespace, podsOf, type Selectable } from "../app-pods.ts";
import { bringsOtherObjects } from "../custom-kinds.ts";
import { meets, meetsAll, NO_LABELS, readSelector, type Requirement } from "../match-labels.ts";
import { offerKey } from "../offers.ts";
import { isTestHook, podTemplateOf } from "../pod-templates.ts";
import { readInteger, readValue } from "../read-value.ts";
import type { AppRule, PolicyObject } from "../rule.ts";
import { groupByTarget, isBeside, listScalers, targetKey } from "../scalers.ts";

/** A budget or policy: the pods of its namespace that it is about. Undefined requirements are not readable. */
interface Guard {
  readonly namespace: string;
  readonly requirements: readonly Requirement[] | undefined;
}

/** Network policies of other makers, whose selectors have forms of their own: they count for the whole app. */
const OTHER_POLICIES = new Set([
  "cilium.io/CiliumClusterwideNetworkPolicy",
  "cilium.io/CiliumNetworkPolicy",
  "crd.projectcalico.org/GlobalNetworkPolicy",
  "crd.projectcalico.org/NetworkPolicy",
  "networking.gke.io/FQDNNetworkPolicy",
  "policy.networking.k8s.io/AdminNetworkPolicy",
  "policy.networking.k8s.io/BaselineAdminNetworkPolicy",
  "policy.networking.k8s.io/ClusterNetworkPolicy",
  "projectcalico.org/GlobalNetworkPolicy",
  "projectcalico.org/NetworkPolicy",
]);

/**
 * `network-policy-absent`: no NetworkPolicy of the app selects a workload's pods. Pods on the host's network are left
 * out, as policies do not reach them; so are apps with policies of Cilium, Calico or the cluster's administrator, and
 * namespaces for which another app brings policies.
 */
export const networkPolicyAbsent: AppRule = {
  scope: "app",
  id: "network-policy-absent",
  title: "Workloads without a NetworkPolicy",
  why: "Pods that no NetworkPolicy selects take connections from every pod of the cluster and reach everything themselves.",
  fix: "Add a NetworkPolicy that selects the pods and allows what they need.",
  link: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
  levels: { default: "off", baseline: "off", strict: "warning" },
  most: "warning",
  isAnnotationEnough: true,
  since: "0.1.0",
  *check(objects, facts) {
    if (objects.some((object) => bringsOtherObjects(object) || OTHER_POLICIES.has(kindOf(object)))) return;
    const policies = new Guards(objects, "networking.k8s.io/NetworkPolicy", ["spec", "podSelector"]);
    for (const pod of podsOf(objects)) {
      const { object, namespace } = pod;
      if (isTestHook(object) || podTemplateOf(object)?.spec.get("hostNetwork") === true || isUnused(object)) continue;
      if (policies.hold(pod)) continue;
      if (facts.offered?.has(offerKey({ kind: "NetworkPolicy", namespace, name: "" })) === true) continue;
      const message = `No NetworkPolicy of the app selects the pods of ${quoteName(object.manifest.resource.name)}. Add one that allows what they need.`;
      yield { manifest: object.manifest, path: [], message };
    }
  },
};

/** Kinds that PodDisruptionBudgets are made for; DaemonSets are not evicted, Jobs start again. */
const EVICTABLE = new Set([
  "apps/Deployment",
  "apps/StatefulSet",
  "apps.openshift.io/DeploymentConfig",
  "argoproj.io/Rollout",
]);

/**
 * `pdb-absent`: no PodDisruptionBudget of the app selects the pods of a workload with more than one replica, by
 * `spec.replicas` or by its autoscaler's minimum.
 */
export const pdbAbsent: AppRule = {
  scope: "app",
  id: "pdb-absent",
  title: "Workloads without a PodDisruptionBudget",
  why: "Without a budget the drain of nodes, as in every upgrade, can stop all replicas of a workload at once.",
  fix: "Add a PodDisruptionBudget that selects the pods, with maxUnavailable: 1 for a start.",
  link: "https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
  levels: { default: "off", baseline: "off", strict: "warning" },
  most: "warning",
  isAnnotationEnough: true,
  since: "0.1.0",
  *check(objects, facts) {
    if (objects.some(bringsOtherObjects)) return;
    const budgets = new Guards(objects, "policy/PodDisruptionBudget", ["spec", "selector"]);
    const scalers = groupByTarget(listScalers(objects));
    for (const pod of podsOf(objects)) {
      const { object, namespace } = pod;
      if (!EVICTABLE.has(kindOf(object)) || object.manifest.hooks.length > 0) continue;
      const set = readInteger(object.value, "spec", "replicas");
      const minimum = scalers.get(targetKey(object))?.find((scaler) => isBeside(scaler, object))?.min;
      const replicas = set === 0 ? 0 : (minimum ?? set ?? 1);
      if (replicas <= 1 || budgets.hold(pod)) continue;
      if (facts.offered?.has(offerKey({ kind: "PodDisruptionBudget", namespace, name: "" })) === true) continue;
      const message = `No PodDisruptionBudget of the app selects the ${replicas} pods of ${quoteName(object.manifest.resource.name)}. Add one, so that a drain leaves some of them.`;
      yield { manifest: object.manifest, path: [], message };
    }
  },
};

function kindOf({ manifest: { resource } }: PolicyObject): string {
  return `${resource.group}/${resource.kind}`;
}

/** PodTemplates make nothing by themselves; what is scaled to zero runs nothing. */
function isUnused({ manifest, value }: PolicyObject): boolean {
  return manifest.resource.kind === "PodTemplate" || readInteger(value, "spec", "replicas") === 0;
}

/** Guards by what they ask for, so that not all of them are tried on every pod. */
class Guards {
  readonly #byLabel = new Map<string, Guard[]>();
  readonly #others: Guard[] = [];
  readonly #all: readonly Guard[];

  constructor(objects: readonly PolicyObject[], kind: string, at: readonly string[]) {
    this.#all = objects
      .filter((object) => kindOf(object) === kind)
      .map(({ manifest, value }) => ({
        namespace: manifest.resource.namespace,
        requirements: readSelector(readValue(value, ...at)),
      }));
    for (const guard of this.#all) {
      const plain = guard.requirements?.find(isPlain);
      if (plain === undefined) this.#others.push(guard);
      else {
        const label = JSON.stringify([plain.key, plain.values[0]]);
        const list = this.#byLabel.get(label);
        if (list === undefined) this.#byLabel.set(label, [guard]);
        else list.push(guard);
      }
    }
  }

  /** In case of doubt a workload is guarded: a warning has to be right. */
  hold(pod: Selectable): boolean {
    const isUnclear = pod.labels.isOpen || [...pod.labels.pairs.values()].includes(undefined);
    const labelled = [...pod.labels.pairs].flatMap((pair) => this.#byLabel.get(JSON.stringify(pair)) ?? []);
    return (isUnclear ? this.#all : [...labelled, ...this.#others]).some((guard) => isGuarded(pod, guard));
  }
}

/** Whether a pod whose labels are all known needs just this label. */
function isPlain(requirement: Requirement): boolean {
  return requirement.operator === "In" && requirement.values.length === 1 && meets(requirement, NO_LABELS) === "no";
}

function isGuarded(pod: Selectable, { namespace, requirements }: Guard): boolean {
  return mayShareNamespace(namespace, pod.namespace) && meetsAll(requirements, pod.labels) !== "no";
}
