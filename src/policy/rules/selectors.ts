import { quoteName, type FieldPath, type ManifestValue } from "../../model/index.ts";
import { hasUnknownPods, podsOf, type Selectable, SelectableIndex } from "../app-pods.ts";
import { meets, neededLabel, readLabels, readPairs, readSelector, type Requirement } from "../match-labels.ts";
import { isTestHook, podTemplateOf } from "../pod-templates.ts";
import { isMap, readText, readValue } from "../read-value.ts";
import type { AppRule, ObjectRule, PolicyFacts, PolicyHit, PolicyObject, Wish } from "../rule.ts";

/** Kinds whose `spec.selector` has to select the pods of their own template; those of Jobs are filled in. */
const SELF_SELECTING = new Set([
  "apps/Deployment",
  "apps/StatefulSet",
  "apps/DaemonSet",
  "apps/ReplicaSet",
  "apps.kruise.io/CloneSet",
  "apps.kruise.io/DaemonSet",
  "apps.kruise.io/StatefulSet",
  "argoproj.io/Rollout",
]);

/** Kinds with a plain map as a selector, which defaults to the template's labels. */
const PLAINLY_SELECTING = new Set(["/ReplicationController", "apps.openshift.io/DeploymentConfig"]);

/** `selector-mismatch`: a workload's selector does not select its own pods, which Kubernetes refuses. */
export const selectorMismatch: ObjectRule = {
  scope: "object",
  id: "selector-mismatch",
  title: "Workloads that do not select their own pods",
  why: "Kubernetes refuses a workload whose selector does not match the labels of its pod template, so the sync stops there.",
  fix: "Give the pod template the labels of the selector. The selector itself cannot be changed once the workload is in the cluster.",
  link: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector",
  levels: { default: "off", baseline: "error", strict: "error" },
  isAnnotationEnough: false,
  since: "0.1.0",
  check(object) {
    const { group, kind } = object.manifest.resource;
    const template = podTemplateOf(object);
    if (template === undefined) return [];
    const selector = readValue(object.value, "spec", "selector");
    const isPlain = PLAINLY_SELECTING.has(`${group}/${kind}`);
    if (!isPlain && !SELF_SELECTING.has(`${group}/${kind}`)) return [];
    const labels = readLabels(readValue(template.pod, "metadata", "labels"));
    const requirements = isPlain ? readPairs(selector) : readSelector(selector);
    return (requirements ?? [])
      .filter((requirement) => meets(requirement, labels) === "no")
      .map((requirement) => ({
        manifest: object.manifest,
        path: ["spec", "selector", ...requirement.path],
        message: `The pod template ${describeLabel(labels.pairs, requirement)}, and the selector wants ${describe(requirement)}. Give the template that label.`,
      }));
  },
};

function describeLabel(pairs: ReadonlyMap<string, string | undefined>, { key }: Requirement): string {
  const value = pairs.get(key);
  return value === undefined ? `has no label ${quoteName(key)}` : `has the label ${quoteName(`${key}=${value}`)}`;
}

function describe({ key, operator, values }: Requirement): string {
  if (operator === "Exists") return `the label ${quoteName(key)}`;
  if (operator === "DoesNotExist") return `no label ${quoteName(key)}`;
  const [first = "", ...more] = values;
  if (operator === "In" && more.length === 0) return quoteName(`${key}=${first}`);
  return quoteName(`${key} ${operator === "In" ? "in" : "not in"} (${values.join(", ")})`);
}

function describeAll(requirements: readonly Requirement[]): string {
  const shown = requirements.slice(0, 3).map(describe).join(" and ");
  return requirements.length > 3 ? `${shown} and ${requirements.length - 3} more` : shown;
}

/** A Service may select the pods of a Job, and an app of Jobs alone has its servers elsewhere. */
const ENDING = new Set(["Job", "CronJob", "ScaledJob"]);

/**
 * `service-without-endpoints`: a Service selects no pod of the app in its namespace. Silent where the app has no pods
 * there (its pods are elsewhere), or may have some that it does not show.
 */
export const serviceWithoutEndpoints: AppRule = {
  scope: "app",
  id: "service-without-endpoints",
  title: "Services that reach no pods",
  why: "A Service whose selector matches no pods has no endpoints: every connection to it fails.",
  fix: "Correct the selector, or the labels of the pods that it should reach.",
  link: "https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/#does-the-service-have-any-endpointslices",
  levels: { default: "off", baseline: "notice", strict: "warning" },
  most: "warning",
  isAnnotationEnough: true,
  asksOtherApps: true,
  since: "0.1.0",
  *check(objects, facts) {
    if (hasUnknownPods(objects, facts)) return;
    const all = podsOf(objects).filter(({ object }) => !isTestHook(object));
    const pods = new SelectableIndex(all);
    const serving = new SelectableIndex(all.filter(({ object }) => !ENDING.has(object.manifest.resource.kind)));
    for (const object of objects) {
      const { group, kind, namespace } = object.manifest.resource;
      if (group !== "" || kind !== "Service" || readText(object.value, "spec", "type") === "ExternalName") continue;
      const requirements = readPairs(readValue(object.value, "spec", "selector"));
      if (requirements === undefined || requirements.length === 0 || !serving.hasNamespace(namespace)) continue;
      if (pods.match(requirements, namespace) !== "no") continue;
      if (facts.isOffered?.(listWishes(requirements, "Pod", [namespace])) === true) continue;
      const message = `No pods of the app in this namespace have ${describeAll(requirements)}. Correct the selector, or the labels of the pods.`;
      yield { manifest: object.manifest, path: ["spec", "selector"], message };
    }
  },
};

/** Kinds that select others by label: where the selector stands, and what it selects. */
const SELECTING: ReadonlyMap<string, { readonly at: FieldPath; readonly what: "pods" | "Services" }> = new Map<
  string,
  { readonly at: FieldPath; readonly what: "pods" | "Services" }
>([
  ["policy/PodDisruptionBudget", { at: ["spec", "selector"], what: "pods" }],
  ["networking.k8s.io/NetworkPolicy", { at: ["spec", "podSelector"], what: "pods" }],
  ["monitoring.coreos.com/PodMonitor", { at: ["spec", "selector"], what: "pods" }],
  ["monitoring.coreos.com/ServiceMonitor", { at: ["spec", "selector"], what: "Services" }],
]);

/**
 * `selector-matches-nothing`: a PodDisruptionBudget, NetworkPolicy, PodMonitor or ServiceMonitor selects nothing of the
 * app. An empty selector means everything. Silent where the app has nothing of that kind in the namespace.
 */
export const selectorMatchesNothing: AppRule = {
  scope: "app",
  id: "selector-matches-nothing",
  title: "Selectors that match nothing",
  why: "A budget, policy or monitor whose selector matches nothing looks like protection and is none.",
  fix: "Correct the selector, or the labels of what it should select; remove the object where it is no longer needed.",
  link: "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors",
  levels: { default: "off", baseline: "notice", strict: "warning" },
  most: "warning",
  isAnnotationEnough: true,
  asksOtherApps: true,
  since: "0.1.0",
  *check(objects, facts) {
    if (hasUnknownPods(objects, facts)) return;
    const known = {
      pods: new SelectableIndex(podsOf(objects).filter(({ object }) => !isTestHook(object))),
      Services: new SelectableIndex(servicesOf(objects)),
    };
    for (const object of objects) {
      const { group, kind } = object.manifest.resource;
      const selecting = SELECTING.get(`${group}/${kind}`);
      if (selecting === undefined) continue;
      yield* judgeSelector(object, selecting, known[selecting.what], facts);
    }
  },
};

function judgeSelector(
  object: PolicyObject,
  { at, what }: { readonly at: FieldPath; readonly what: "pods" | "Services" },
  index: SelectableIndex,
  facts: PolicyFacts,
): readonly PolicyHit[] {
  const requirements = readSelector(readValue(object.value, ...at));
  const namespaces = namespacesOf(object);
  if (requirements === undefined || requirements.length === 0 || namespaces === undefined) return [];
  if (!namespaces.every((namespace) => index.hasNamespace(namespace))) return [];
  if (namespaces.some((namespace) => index.match(requirements, namespace) !== "no")) return [];
  if (facts.isOffered?.(listWishes(requirements, what === "pods" ? "Pod" : "Service", namespaces)) === true) return [];
  const message = `No ${what} of the app have ${describeAll(requirements)}. Correct the selector, or the labels of what it should select.`;
  return [{ manifest: object.manifest, path: at, message }];
}

/** What another app may bring to be selected: something with all the labels, or an operator's object of such a name. */
function listWishes(
  requirements: readonly Requirement[],
  kind: "Pod" | "Service",
  namespaces: readonly string[],
): readonly Wish[] {
  const labels = requirements.flatMap((requirement) => neededLabel(requirement) ?? []);
  const makers = ["", ...requirements.flatMap(({ values }) => values)];
  return namespaces.flatMap((namespace): readonly Wish[] => [
    (labels.length === 0 ? [""] : labels).map((name) => ({ kind, namespace, name })),
    ...makers.map((name): Wish => [{ kind: "Maker", namespace, name }]),
  ]);
}

/** Where an object selects; undefined for everywhere. Monitors look into their own namespace unless told otherwise. */
function namespacesOf({ manifest, value }: PolicyObject): readonly string[] | undefined {
  const selector = readValue(value, "spec", "namespaceSelector") ?? null;
  const own = [manifest.resource.namespace];
  if (selector === null || (isMap(selector) && selector.size === 0)) return own;
  const names: ManifestValue | undefined = readValue(selector, "matchNames");
  if (readValue(selector, "any") === true || !Array.isArray(names)) return undefined;
  const texts = (names as readonly ManifestValue[]).filter((name) => typeof name === "string");
  return texts.length === 0 ? own : texts;
}

function servicesOf(objects: readonly PolicyObject[]): readonly Selectable[] {
  return objects.flatMap((object) => {
    const { group, kind, namespace } = object.manifest.resource;
    if (group !== "" || kind !== "Service") return [];
    return [{ object, namespace, labels: readLabels(readValue(object.value, "metadata", "labels")) }];
  });
}
