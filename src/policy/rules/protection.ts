import { quoteName } from "../../model/index.ts";
import { mayShareNamespace, podsOf, type Selectable } from "../app-pods.ts";
import { bringsOtherObjects, otherNetworkPolicy } from "../custom-kinds.ts";
import { meetsAll, nameLabel, neededLabel, readSelector, type Requirement } from "../match-labels.ts";
import { isTestHook, podTemplateOf } from "../pod-templates.ts";
import { readInteger, readValue } from "../read-value.ts";
import type { AppRule, PolicyObject, Wish } from "../rule.ts";
import { groupByTarget, isBeside, listScalers, targetKey } from "../scalers.ts";

/** A budget or policy: the pods of its namespace that it is about. Undefined requirements are not readable. */
interface Guard {
  readonly namespace: string;
  readonly requirements: readonly Requirement[] | undefined;
}

/**
 * `network-policy-absent`: no NetworkPolicy of the app selects a workload's pods. Pods on the host's network are left
 * out, as policies do not reach them; so are apps with policies of Cilium, Calico or the cluster's administrator, and
 * pods that a policy of another app may select.
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
  asksOtherApps: true,
  since: "0.1.0",
  *check(objects, facts) {
    if (objects.some((object) => bringsOtherObjects(object) || otherNetworkPolicy(object) !== undefined)) return;
    const policies = new Guards(objects, "networking.k8s.io/NetworkPolicy", ["spec", "podSelector"]);
    for (const pod of podsOf(objects)) {
      const { object } = pod;
      if (isTestHook(object) || podTemplateOf(object)?.spec.get("hostNetwork") === true || isUnused(object)) continue;
      if (policies.hold(pod)) continue;
      if (facts.isOffered?.(guardsFor(pod, "NetworkPolicy")) === true) continue;
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
  asksOtherApps: true,
  since: "0.1.0",
  *check(objects, facts) {
    if (objects.some(bringsOtherObjects)) return;
    const budgets = new Guards(objects, "policy/PodDisruptionBudget", ["spec", "selector"]);
    const scalers = groupByTarget(listScalers(objects));
    for (const pod of podsOf(objects)) {
      const { object } = pod;
      if (!EVICTABLE.has(kindOf(object)) || object.manifest.hooks.length > 0) continue;
      const set = readInteger(object.value, "spec", "replicas");
      const minimum = scalers.get(targetKey(object))?.find((scaler) => isBeside(scaler, object))?.min;
      const replicas = set === 0 ? 0 : (minimum ?? set ?? 1);
      if (replicas <= 1 || budgets.hold(pod)) continue;
      if (facts.isOffered?.(guardsFor(pod, "PodDisruptionBudget")) === true) continue;
      const message = `No PodDisruptionBudget of the app selects the ${replicas} pods of ${quoteName(object.manifest.resource.name)}. Add one, so that a drain leaves some of them.`;
      yield { manifest: object.manifest, path: [], message };
    }
  },
};

/**
 * Guards in other apps that may select the pod: by one of its labels, or all pods of its namespace. The latter only
 * where that is written: otherwise the guard of one app's own namespace would stand for the whole cluster.
 */
function guardsFor({ namespace, labels }: Selectable, kind: "NetworkPolicy" | "PodDisruptionBudget"): readonly Wish[] {
  const known = [...labels.pairs].flatMap(([key, value]) => (value === undefined ? [] : [nameLabel(key, value)]));
  return ["*", ...(namespace === "" ? [] : [""]), ...known].map((name) => [{ kind, namespace, name }]);
}

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
      const label = guard.requirements?.map(neededLabel).find((needed) => needed !== undefined);
      if (label === undefined) this.#others.push(guard);
      else {
        const list = this.#byLabel.get(label);
        if (list === undefined) this.#byLabel.set(label, [guard]);
        else list.push(guard);
      }
    }
  }

  /** In case of doubt a workload is guarded: a warning has to be right. */
  hold(pod: Selectable): boolean {
    const isUnclear = pod.labels.isOpen || [...pod.labels.pairs.values()].includes(undefined);
    const labelled = [...pod.labels.pairs].flatMap(
      ([key, value]) => this.#byLabel.get(nameLabel(key, value ?? "")) ?? [],
    );
    return (isUnclear ? this.#all : [...labelled, ...this.#others]).some((guard) => isGuarded(pod, guard));
  }
}

function isGuarded(pod: Selectable, { namespace, requirements }: Guard): boolean {
  return mayShareNamespace(namespace, pod.namespace) && meetsAll(requirements, pod.labels) !== "no";
}
