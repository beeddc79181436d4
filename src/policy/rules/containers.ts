import { quoteName } from "../../model/index.ts";
import { containersOf, isSidecar, isTestHook, podTemplateOf, type PodContainer } from "../pod-templates.ts";
import { readInteger, readList, readMap, readValue } from "../read-value.ts";
import type { ObjectRule, PolicyObject } from "../rule.ts";

const RESOURCES = ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"] as const;

/** A limit of CPU slows a container down although the node is idle; many leave it out by decision. */
const USUAL_RESOURCES = ["requests.cpu", "requests.memory", "limits.memory"];

/**
 * `resources-missing`: a container without what the option `required` lists (`requests.cpu`, `requests.memory`,
 * `limits.cpu`, `limits.memory`; by default all but `limits.cpu`). Requests default to limits, and what the pod as a
 * whole has counts for its containers. Init containers that end are left out.
 */
export const resourcesMissing: ObjectRule = {
  scope: "object",
  id: "resources-missing",
  title: "Containers without requests or limits",
  why: "Without requests the scheduler overfills nodes, and without a memory limit one container can take its node down.",
  fix: "Set resources.requests for cpu and memory, and resources.limits.memory.",
  link: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
  levels: { default: "off", baseline: "notice", strict: "warning" },
  isAnnotationEnough: true,
  since: "0.1.0",
  options: ["required"],
  optionValues: RESOURCES,
  check(object, _facts, options) {
    const wanted = options.get("required") ?? USUAL_RESOURCES;
    const required = RESOURCES.filter((name) => wanted.includes(name));
    if (isTestHook(object)) return [];
    const ofPod = podTemplateOf(object)?.spec.get("resources");
    return longRunning(object).flatMap(({ path, name, container }) => {
      const own = container.get("resources");
      const missing = required.filter((field) => !hasResource(own, field) && !hasResource(ofPod, field));
      if (missing.length === 0) return [];
      const message = `Container ${quoteName(name)} has no ${missing.join(", ")}. Set what is missing in resources.`;
      return [{ manifest: object.manifest, path: [...path, "resources"], message }];
    });
  },
};

function hasResource(resources: ReturnType<typeof readValue>, field: string): boolean {
  const [list = "", name = ""] = field.split(".");
  const has = (key: string) => (readValue(resources, key, name) ?? null) !== null;
  return has(list) || (list === "requests" && has("limits"));
}

function longRunning(object: PolicyObject): readonly PodContainer[] {
  return containersOf(object).filter((container) => container.type === "container" || isSidecar(container));
}

const PROBES = ["readinessProbe", "livenessProbe", "startupProbe"] as const;

/** Kinds whose pods serve for as long as they are there. Jobs end; Knative and serverless kinds probe by themselves. */
const SERVING_KINDS = new Set([
  "apps/Deployment",
  "apps/StatefulSet",
  "apps/DaemonSet",
  "apps/ReplicaSet",
  "apps.openshift.io/DeploymentConfig",
  "argoproj.io/Rollout",
]);

/**
 * `probes-missing`: a container with ports and without the probes of the option `required` (by default
 * `readinessProbe`), or a pod without ports and without any probe. Workloads that are scaled to zero are left out.
 */
export const probesMissing: ObjectRule = {
  scope: "object",
  id: "probes-missing",
  title: "Containers without probes",
  why: "Without a readiness probe a rollout goes on although the new pods do not work, and Services send them requests before they can answer.",
  fix: "Add a readinessProbe that fails while the container cannot do its work.",
  link: "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/",
  levels: { default: "off", baseline: "notice", strict: "warning" },
  isAnnotationEnough: true,
  since: "0.1.0",
  options: ["required"],
  optionValues: PROBES,
  check(object, _facts, options) {
    const { group, kind } = object.manifest.resource;
    if (!SERVING_KINDS.has(`${group}/${kind}`) || isTestHook(object)) return [];
    if (readInteger(object.value, "spec", "replicas") === 0) return [];
    const containers = longRunning(object);
    const wanted = options.get("required") ?? ["readinessProbe"];
    const required = PROBES.filter((probe) => wanted.includes(probe));
    const serving = containers.filter(({ container }) => readList(container, "ports").length > 0);
    if (serving.length > 0) return serving.flatMap((container) => tellProbes(object, container, required));
    // What serves nobody needs no readiness, but something should notice when it hangs. Agents are their kinds' own matter.
    const isWatched = containers.some(({ container }) =>
      PROBES.some((probe) => readMap(container, probe) !== undefined),
    );
    const first = containers.find(({ type }) => type === "container");
    if (kind === "DaemonSet" || isWatched || first === undefined || required.length === 0) return [];
    const message = `No container of the pod has a probe. Add one to ${quoteName(first.name)}, so that Kubernetes notices when it does not work.`;
    return [{ manifest: object.manifest, path: first.path, message }];
  },
};

function tellProbes(object: PolicyObject, { path, name, container }: PodContainer, required: readonly string[]) {
  const missing = required.filter((probe) => readMap(container, probe) === undefined);
  if (missing.length === 0) return [];
  const message = `Container ${quoteName(name)} has no ${missing.join(", ")}. Add what is missing, so that traffic and rollouts wait until it works.`;
  return [{ manifest: object.manifest, path, message }];
}
