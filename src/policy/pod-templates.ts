import type { FieldPath, ManifestMap, ManifestValue, ResourceId } from "../model/index.ts";
import { isCustomKind } from "./custom-kinds.ts";
import { isMap, readList, readMap } from "./read-value.ts";
import type { PolicyObject } from "./rule.ts";

/** Where kinds of Kubernetes have the pod they make, by `<group>/<kind>`. */
const KUBERNETES_POD_PATHS: ReadonlyMap<string, FieldPath> = new Map<string, FieldPath>([
  ["/Pod", []],
  ["/PodTemplate", ["template"]],
  ["/ReplicationController", ["spec", "template"]],
  ["apps/Deployment", ["spec", "template"]],
  ["apps/StatefulSet", ["spec", "template"]],
  ["apps/DaemonSet", ["spec", "template"]],
  ["apps/ReplicaSet", ["spec", "template"]],
  ["batch/Job", ["spec", "template"]],
  ["batch/CronJob", ["spec", "jobTemplate", "spec", "template"]],
]);

/** The same with some well-known others. */
const POD_PATHS: ReadonlyMap<string, FieldPath> = new Map<string, FieldPath>([
  ...KUBERNETES_POD_PATHS,
  ["argoproj.io/Rollout", ["spec", "template"]],
  ["apps.openshift.io/DeploymentConfig", ["spec", "template"]],
  ["apps.kruise.io/CloneSet", ["spec", "template"]],
  ["apps.kruise.io/StatefulSet", ["spec", "template"]],
  ["apps.kruise.io/DaemonSet", ["spec", "template"]],
  ["keda.sh/ScaledJob", ["spec", "jobTargetRef", "template"]],
  ["serving.knative.dev/Service", ["spec", "template"]],
  ["serving.knative.dev/Configuration", ["spec", "template"]],
]);

/** Whether it is of a kind of Kubernetes' own that is a pod or makes some. */
export function isPodKind({ group, kind }: Pick<ResourceId, "group" | "kind">): boolean {
  return KUBERNETES_POD_PATHS.has(`${group}/${kind}`);
}

/** The pod that a resource makes: `metadata` and `spec` are below `path`. */
export interface PodTemplate {
  readonly path: FieldPath;
  readonly pod: ManifestMap;
  readonly spec: ManifestMap;
}

/** Undefined for a kind that makes no pods, and for one whose template is missing. */
export function podTemplateOf({ manifest, value }: PolicyObject): PodTemplate | undefined {
  const { group, kind } = manifest.resource;
  const path = POD_PATHS.get(`${group}/${kind}`);
  const pod = path === undefined ? undefined : readMap(value, ...path);
  const spec = readMap(pod, "spec");
  return path === undefined || pod === undefined || spec === undefined ? undefined : { path, pod, spec };
}

export interface PodContainer {
  readonly path: FieldPath;
  readonly name: string;
  readonly container: ManifestMap;
  readonly type: "container" | "init" | "ephemeral";
}

const CONTAINER_LISTS = [
  ["initContainers", "init"],
  ["containers", "container"],
  ["ephemeralContainers", "ephemeral"],
] as const;

/** All containers of the pod that a resource makes. */
export function containersOf(object: PolicyObject): readonly PodContainer[] {
  const template = podTemplateOf(object);
  return template === undefined ? [] : containersIn({ path: [...template.path, "spec"], spec: template.spec });
}

/** A pod's specification and where it stands. */
export interface PodSpec {
  readonly path: FieldPath;
  readonly spec: ManifestMap;
}

export function containersIn({ path, spec }: PodSpec): readonly PodContainer[] {
  return CONTAINER_LISTS.flatMap(([list, type]) =>
    readList(spec, list).flatMap((container, index): PodContainer[] => {
      if (!isMap(container)) return [];
      const name = container.get("name");
      const named = typeof name === "string" ? name : `${list}[${index}]`;
      return [{ path: [...path, list, index], name: named, container, type }];
    }),
  );
}

/** A native sidecar: an init container that runs as long as the pod. */
export function isSidecar({ type, container }: PodContainer): boolean {
  return type === "init" && container.get("restartPolicy") === "Always";
}

/** Groups of policies, whose patterns look like pods and run nothing. */
const PATTERN_GROUP = /(^|\.)(kyverno\.io|gatekeeper\.sh)$/u;

/**
 * The specifications of all pods that a resource may make. In kinds that are not known, that is every mapping with a
 * list of `containers`: operators have pod templates under names of their own.
 */
export function podSpecsOf(object: PolicyObject): readonly PodSpec[] {
  const template = podTemplateOf(object);
  if (template !== undefined) return [{ path: [...template.path, "spec"], spec: template.spec }];
  if (!isCustomKind(object) || PATTERN_GROUP.test(object.manifest.resource.group)) return [];
  const found: PodSpec[] = [];
  const open: { readonly path: FieldPath; readonly value: ManifestValue }[] = [{ path: [], value: object.value }];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { path, value } = node;
    if (isMap(value)) {
      if (readList(value, "containers").some(isMap)) found.push({ path, spec: value });
      for (const [key, item] of value) if (isNested(item)) open.push({ path: [...path, key], value: item });
    } else if (Array.isArray(value)) {
      (value as readonly ManifestValue[]).forEach((item, index) => {
        if (isNested(item)) open.push({ path: [...path, index], value: item });
      });
    }
  }
  return found;
}

function isNested(value: ManifestValue): boolean {
  return isMap(value) || Array.isArray(value);
}

/** Whether Helm applies the resource only when somebody asks for its tests. */
export function isTestHook({ manifest }: PolicyObject): boolean {
  return manifest.hooks.length > 0 && manifest.hooks.every((hook) => hook === "test" || /^test-/u.test(hook));
}
