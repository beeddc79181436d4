import type { ManifestValue } from "../model/index.ts";
import { podsOf } from "./app-pods.ts";
import { bringsOtherObjects, mayMakeUnknownObjects, otherNetworkPolicy } from "./custom-kinds.ts";
import { claimTemplatesOf } from "./list-references.ts";
import { nameLabel, neededLabel, readLabels, readSelector, type LabelSet } from "./match-labels.ts";
import { isConfiguredCreator, offersOf, type Offer } from "./offers.ts";
import { isTestHook, podTemplateOf } from "./pod-templates.ts";
import { isMap, readList, readText, readValue } from "./read-value.ts";
import type { PolicyFacts, PolicyObject } from "./rule.ts";

/**
 * What an object brings that rules look for in other apps: objects to refer to, labels to select, guards of pods, and
 * what nobody can name that its controller makes.
 */
export function listOffers(object: PolicyObject, facts: Pick<PolicyFacts, "creators">): readonly Offer[] {
  return [
    ...offersOf(object),
    ...listClaims(object),
    ...listLabels(object),
    ...listGuards(object),
    ...listMakers(object, facts),
  ];
}

/** StatefulSets make claims by the names `<template>-<set>-<ordinal>`; `#` stands for the ordinal. */
function listClaims(object: PolicyObject): readonly Offer[] {
  const { name, namespace } = object.manifest.resource;
  return [...claimTemplatesOf(object)].map((template) => {
    return { kind: "PersistentVolumeClaim", namespace, name: `${template}-${name}-#` };
  });
}

/** Pods and Services by each of their labels, and once without. */
function listLabels(object: PolicyObject): readonly Offer[] {
  const { group, kind, namespace } = object.manifest.resource;
  const name = ({ pairs }: LabelSet): readonly string[] => [
    "",
    ...[...pairs].flatMap(([key, value]) => (value === undefined ? [] : [nameLabel(key, value)])),
  ];
  if (group === "" && kind === "Service") {
    const labels = name(readLabels(readValue(object.value, "metadata", "labels")));
    return labels.map((label) => ({ kind, namespace, name: label }));
  }
  if (isTestHook(object)) return [];
  return podsOf([object]).flatMap(({ labels }) =>
    name(labels).map((label) => ({ kind: "Pod", namespace, name: label })),
  );
}

const GUARDS = new Map([
  ["networking.k8s.io/NetworkPolicy", { kind: "NetworkPolicy", at: "podSelector" }],
  ["policy/PodDisruptionBudget", { kind: "PodDisruptionBudget", at: "selector" }],
] as const);

/** By a label that the pods need; by none for all pods of a namespace that is written, by `*` for the whole cluster. */
function listGuards(object: PolicyObject): readonly Offer[] {
  const { group, kind, namespace } = object.manifest.resource;
  const other = otherNetworkPolicy(object);
  if (other === "cluster") return [{ kind: "NetworkPolicy", namespace: "", name: "*" }];
  const guard = new Map<string, { kind: "NetworkPolicy" | "PodDisruptionBudget"; at: string }>(GUARDS).get(
    `${group}/${kind}`,
  );
  if (guard === undefined && other === undefined) return [];
  const requirements = guard === undefined ? undefined : readSelector(readValue(object.value, "spec", guard.at));
  const name = requirements?.map(neededLabel).find((label) => label !== undefined) ?? "";
  return name === "" && namespace === "" ? [] : [{ kind: guard?.kind ?? "NetworkPolicy", namespace, name }];
}

/** Objects whose controllers make others: by their name, and by what they mention that may be a name. */
function listMakers(object: PolicyObject, facts: Pick<PolicyFacts, "creators">): readonly Offer[] {
  const { namespace, name } = object.manifest.resource;
  const anything: readonly Offer[] = isConfiguredCreator(object, facts) ? [{ kind: "Maker", namespace, name: "" }] : [];
  if (bringsOtherObjects(object)) return [...anything, ...listReleases(object)];
  if (!mayMakeUnknownObjects(object) || podTemplateOf(object) !== undefined) return anything;
  const mentions = [...new Set(listTexts(object.value).filter((text) => OBJECT_NAME.test(text)))];
  return [
    ...anything,
    ...(name === "" ? [] : [{ kind: "Maker", namespace, name } as const]),
    ...mentions.map((text): Offer => ({ kind: "Mention", namespace, name: text })),
  ];
}

/**
 * Charts from elsewhere, whose objects go by the release's name, into a namespace of its choice. What agents apply out
 * of a repository is an app itself, or somebody else's.
 */
function listReleases({ manifest, value }: PolicyObject): readonly Offer[] {
  const sources = [readValue(value, "spec", "source"), ...readList(value, "spec", "sources")];
  const isOfHere = ["GitRepository", "Bucket"].includes(
    readText(value, "spec", "chart", "spec", "sourceRef", "kind") ?? "",
  );
  const isRelease = manifest.resource.kind === "HelmRelease" || manifest.resource.kind === "HelmChart";
  if (isRelease ? isOfHere : !sources.some((source) => readText(source, "chart") !== undefined)) return [];
  const names = [manifest.resource.name, readText(value, "spec", "releaseName") ?? ""];
  return names.filter((name) => name !== "").map((name) => ({ kind: "Maker", namespace: "", name }));
}

const OBJECT_NAME = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])$/u;

/** All texts in a value. */
export function listTexts(root: ManifestValue): readonly string[] {
  const texts: string[] = [];
  const open: ManifestValue[] = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value === "string") texts.push(value);
    else if (isMap(value)) for (const item of value.values()) open.push(item);
    else if (Array.isArray(value)) for (const item of value as readonly ManifestValue[]) open.push(item);
  }
  return texts;
}
