import type { ManifestMap, ManifestValue } from "../model/index.ts";
import { isList, isMap, readText } from "./read-field.ts";

/** A pod's specification somewhere in a resource: a Pod's own, a workload's template, one in a custom resource. */
export interface PodSpec {
  /** Where it stands, list items by name: equal on both sides for what is the same template. */
  readonly place: string;
  readonly spec: ManifestMap;
}

export interface Container {
  readonly name: string;
  readonly sort: "containers" | "initContainers" | "ephemeralContainers";
  readonly value: ManifestMap;
}

const SORTS = ["initContainers", "containers", "ephemeralContainers"] as const;

/**
 * Every mapping with a list of `containers`, wherever it stands. That is broader than the built-in workloads on
 * purpose: operators embed pod templates under names of their own, and what runs there is privileged all the same.
 */
export function findPodSpecs(root: ManifestValue | undefined): readonly PodSpec[] {
  const found: PodSpec[] = [];
  const visit = (place: string, value: ManifestValue): void => {
    if (isMap(value)) {
      if (isList(value.get("containers")) && listContainers(value).length > 0) found.push({ place, spec: value });
      for (const [key, item] of value) if (key !== "metadata" && key !== "status") visit(`${place}/${key}`, item);
    } else if (isList(value)) {
      value.forEach((item, index) => visit(`${place}/${readText(item, "name") ?? index}`, item));
    }
  };
  if (isMap(root) && !PASSIVE.has(readText(root, "kind") ?? "")) visit("", root);
  return found;
}

// Kinds that hold free text or schemas: nothing in them runs.
const PASSIVE = new Set(["ConfigMap", "Secret", "CustomResourceDefinition"]);

/** All containers of a pod specification; one without a name is named by its position. */
export function listContainers(spec: ManifestMap): readonly Container[] {
  return SORTS.flatMap((sort) => {
    const list = spec.get(sort);
    if (!isList(list)) return [];
    return list.flatMap((value, index) =>
      isMap(value) ? [{ name: readText(value, "name") ?? `#${index + 1}`, sort, value }] : [],
    );
  });
}
