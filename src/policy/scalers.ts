import type { FieldPath } from "../model/index.ts";
import { mayShareNamespace } from "./app-pods.ts";
import { isPlaceholder } from "./quote-name.ts";
import { readInteger, readText, readValue } from "./read-value.ts";
import type { PolicyObject } from "./rule.ts";

/** An object that sets the replicas of another one. */
export interface Scaler {
  readonly object: PolicyObject;
  /** What it scales. */
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly targetPath: FieldPath;
  readonly min: number;
  readonly minPath: FieldPath;
  readonly max: number | undefined;
}

/** Where a kind of autoscaler has its bounds, what they are when left out, and what it scales when it names no kind. */
interface ScalerKind {
  readonly minPath: FieldPath;
  readonly maxPath: FieldPath;
  readonly min: number;
  readonly max: number | undefined;
  readonly target: string | undefined;
}

const SCALERS: ReadonlyMap<string, ScalerKind> = new Map<string, ScalerKind>([
  [
    "autoscaling/HorizontalPodAutoscaler",
    { minPath: ["spec", "minReplicas"], maxPath: ["spec", "maxReplicas"], min: 1, max: undefined, target: undefined },
  ],
  [
    "keda.sh/ScaledObject",
    {
      minPath: ["spec", "minReplicaCount"],
      maxPath: ["spec", "maxReplicaCount"],
      min: 0,
      max: 100,
      target: "Deployment",
    },
  ],
]);

/** The HorizontalPodAutoscalers and KEDA's ScaledObjects among the objects. */
export function listScalers(objects: readonly PolicyObject[]): readonly Scaler[] {
  return objects.flatMap((object) => {
    const { group, kind } = object.manifest.resource;
    const defaults = SCALERS.get(`${group}/${kind}`);
    if (defaults === undefined) return [];
    const targetPath = ["spec", "scaleTargetRef", "name"];
    const name = readText(object.value, ...targetPath);
    const target = readValue(object.value, "spec", "scaleTargetRef");
    const targetKind = readText(target, "kind") ?? defaults.target;
    if (name === undefined || targetKind === undefined || isPlaceholder(name)) return [];
    return [
      {
        object,
        group: groupOf(readText(target, "apiVersion"), targetKind),
        kind: targetKind,
        name,
        targetPath,
        min: readInteger(object.value, ...defaults.minPath) ?? defaults.min,
        minPath: defaults.minPath,
        max: readInteger(object.value, ...defaults.maxPath) ?? defaults.max,
      },
    ];
  });
}

/** The API server finds kinds of `apps` without their group too (`v1` was written for years). */
function groupOf(apiVersion: string | undefined, kind: string): string {
  const slash = apiVersion?.indexOf("/") ?? -1;
  if (apiVersion !== undefined && slash >= 0) {
    const group = apiVersion.slice(0, slash);
    return group === "extensions" ? "apps" : group;
  }
  return kind === "ReplicationController" ? "" : "apps";
}

/** Autoscalers by what they scale (see `targetKey`). */
export function groupByTarget(scalers: readonly Scaler[]): ReadonlyMap<string, readonly Scaler[]> {
  return Map.groupBy(scalers, ({ group, kind, name }) => JSON.stringify([group, kind, name]));
}

/** A resource as `groupByTarget` names it. */
export function targetKey({ manifest: { resource } }: PolicyObject): string {
  return JSON.stringify([resource.group, resource.kind, resource.name]);
}

/** Whether a scaler of the same target name may be in the target's namespace. */
export function isBeside({ object }: Scaler, target: PolicyObject): boolean {
  return mayShareNamespace(target.manifest.resource.namespace, object.manifest.resource.namespace);
}
