import type { Manifest } from "../model/index.ts";
import { toObject } from "./judge-resources.ts";
import { readText } from "./read-value.ts";

/**
 * The clusters into which agents' objects of an app put what they apply, as far as they say so: each as a text of its
 * own. What is filled in later (an ApplicationSet's `{{server}}`) stands for two.
 */
export function listDestinations(manifests: readonly Manifest[]): readonly string[] {
  return [...new Set(manifests.flatMap(readDestination))];
}

const IN_CLUSTER = "https://kubernetes.default.svc";

function readDestination(manifest: Manifest): readonly string[] {
  const { group, kind } = manifest.resource;
  const isFlux = group === "kustomize.toolkit.fluxcd.io" || group === "helm.toolkit.fluxcd.io";
  if (!isFlux && group !== "argoproj.io") return [];
  return toObject(manifest).flatMap(({ value }): readonly string[] => {
    if (isFlux) return toList(readText(value, "spec", "kubeConfig", "secretRef", "name"));
    if (kind !== "Application" && kind !== "ApplicationSet") return [];
    const at = kind === "Application" ? ["spec"] : ["spec", "template", "spec"];
    const name = readText(value, ...at, "destination", "name");
    const said = readText(value, ...at, "destination", "server") ?? (name === "in-cluster" ? IN_CLUSTER : name);
    return said?.includes("{{") === true ? [said, `another ${said}`] : toList(said?.replace(/\/$/u, ""));
  });
}

function toList(text: string | undefined): readonly string[] {
  return text === undefined || text === "" ? [] : [text];
}
