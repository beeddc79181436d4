import { quoteName } from "../../model/index.ts";
import { podsOf, SelectableIndex } from "../app-pods.ts";
import { bringsOtherObjects } from "../custom-kinds.ts";
import { isConfiguredCreator } from "../offers.ts";
import { readInteger } from "../read-value.ts";
import type { AppRule, PolicyHit, PolicyObject } from "../rule.ts";
import { groupByTarget, isBeside, listScalers, type Scaler, targetKey } from "../scalers.ts";

/**
 * `hpa-replicas`: an autoscaler (HPA, KEDA) whose target has `spec.replicas` in Git, whose minimum is above its maximum,
 * that shares its target with another one, or whose target the app does not have.
 */
export const hpaReplicas: AppRule = {
  scope: "app",
  id: "hpa-replicas",
  title: "Autoscalers and replicas at odds",
  why: "When Git says how many replicas there are, every sync undoes what the autoscaler decided.",
  fix: "Leave spec.replicas out of what an autoscaler scales, and let one autoscaler scale it.",
  link: "https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling",
  levels: { default: "off", baseline: "warning", strict: "warning" },
  most: "warning",
  isAnnotationEnough: true,
  since: "0.1.0",
  *check(objects, facts) {
    const isWhole = !objects.some((object) => bringsOtherObjects(object) || isConfiguredCreator(object, facts));
    const workloads = new SelectableIndex(podsOf(objects));
    const targets = Map.groupBy(objects, targetKey);
    for (const [key, scalers] of groupByTarget(listScalers(objects))) {
      const named = targets.get(key) ?? [];
      yield* scalers.flatMap(judgeBounds);
      for (const scaler of scalers) {
        const isFound = named.some((target) => isBeside(scaler, target));
        if (!isFound && isWhole && isExpected(scaler, workloads)) yield tellMissing(scaler);
      }
      yield* named.flatMap((target) =>
        judgeTarget(
          target,
          scalers.filter((scaler) => isBeside(scaler, target)),
        ),
      );
    }
  },
};

/** What the autoscalers of one workload are at odds over. */
function judgeTarget(target: PolicyObject, scalers: readonly Scaler[]): readonly PolicyHit[] {
  const [first, ...others] = scalers;
  if (first === undefined) return [];
  return [...judgeReplicas(first, target), ...others.map((scaler) => tellShared(scaler, first))];
}

function describe({ object }: Scaler): string {
  return `${object.manifest.resource.group === "autoscaling" ? "HorizontalPodAutoscaler" : "ScaledObject"} ${quoteName(object.manifest.resource.name)}`;
}

function judgeBounds({ object, min, minPath, max }: Scaler): readonly PolicyHit[] {
  if (max === undefined || min <= max) return [];
  const message = `The minimum of ${min} replicas is above the maximum of ${max}, which Kubernetes refuses. Correct one of them.`;
  return [{ manifest: object.manifest, path: minPath, message }];
}

/** Zero replicas switch an autoscaler off; bounds that leave no choice cannot be at odds with the same number. */
function judgeReplicas(scaler: Scaler, target: PolicyObject): readonly PolicyHit[] {
  const replicas = readInteger(target.value, "spec", "replicas");
  if (replicas === undefined || replicas === 0) return [];
  if (scaler.min === replicas && scaler.max === replicas) return [];
  const message = `Git says ${replicas} replicas, and ${describe(scaler)} scales this workload too: every sync undoes its decision. Remove spec.replicas.`;
  return [{ manifest: target.manifest, path: ["spec", "replicas"], message }];
}

/** Only kinds that the app would show, and only beside other workloads: else the target is elsewhere. */
function isExpected({ object, group }: Scaler, workloads: SelectableIndex): boolean {
  return (group === "apps" || group === "") && workloads.hasNamespace(object.manifest.resource.namespace);
}

function tellMissing({ object, kind, name, targetPath }: Scaler): PolicyHit {
  const message = `The app has no ${quoteName(kind)} of the name ${quoteName(name)} to scale. Correct the name, or add it.`;
  return { manifest: object.manifest, path: targetPath, message };
}

function tellShared({ object, targetPath }: Scaler, other: Scaler): PolicyHit {
  const message = `${describe(other)} scales the same workload, and the two undo each other's decisions. Keep one of them.`;
  return { manifest: object.manifest, path: targetPath, message };
}
