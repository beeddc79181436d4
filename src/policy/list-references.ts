import type { FieldPath, ManifestValue } from "../model/index.ts";
import type { PartnerKind } from "./offers.ts";
import { containersOf, podTemplateOf } from "./pod-templates.ts";
import { isPlaceholder } from "./quote-name.ts";
import { readList, readText, readValue } from "./read-value.ts";
import type { PolicyObject } from "./rule.ts";

/** A name in a pod's specification without which the pod does not start. */
export interface Reference {
  readonly kind: PartnerKind;
  readonly name: string;
  readonly path: FieldPath;
}

/** Where an item of a list refers to something: the map with `optional`, and the key of the name in it. */
interface Spot {
  readonly kind: PartnerKind;
  readonly at: FieldPath;
  readonly key: string;
}

const ENV_FROM: readonly Spot[] = [
  { kind: "ConfigMap", at: ["configMapRef"], key: "name" },
  { kind: "Secret", at: ["secretRef"], key: "name" },
];
const ENV: readonly Spot[] = [
  { kind: "ConfigMap", at: ["valueFrom", "configMapKeyRef"], key: "name" },
  { kind: "Secret", at: ["valueFrom", "secretKeyRef"], key: "name" },
];
const VOLUME: readonly Spot[] = [
  { kind: "ConfigMap", at: ["configMap"], key: "name" },
  { kind: "Secret", at: ["secret"], key: "secretName" },
  { kind: "PersistentVolumeClaim", at: ["persistentVolumeClaim"], key: "claimName" },
];
const SOURCE: readonly Spot[] = [
  { kind: "ConfigMap", at: ["configMap"], key: "name" },
  { kind: "Secret", at: ["secret"], key: "name" },
];

/**
 * The ConfigMaps, Secrets, claims and the service account that the pods of a resource cannot do without. Left out:
 * what is optional, volumes that a StatefulSet replaces by its own claims, image pull secrets (a node may have its own, and a missing one stops nothing by itself), and
 * names that are filled in later.
 */
export function listReferences(object: PolicyObject): readonly Reference[] {
  const template = podTemplateOf(object);
  if (template === undefined) return [];
  const { spec } = template;
  const base = [...template.path, "spec"];
  const account = readText(spec, "serviceAccountName") ?? "";
  const accounts: readonly Reference[] =
    account === "" ? [] : [{ kind: "ServiceAccount", name: account, path: [...base, "serviceAccountName"] }];
  const ofContainers = containersOf(object).flatMap(({ path, container }) => [
    ...readSpots(readList(container, "envFrom"), [...path, "envFrom"], ENV_FROM),
    ...readSpots(readList(container, "env"), [...path, "env"], ENV),
  ]);
  const replaced = claimTemplatesOf(object);
  const volumes = readList(spec, "volumes").map((volume) =>
    replaced.has(readText(volume, "name") ?? "") ? null : volume,
  );
  const ofVolumes = volumes.flatMap((volume, index) =>
    readSpots(readList(volume, "projected", "sources"), [...base, "volumes", index, "projected", "sources"], SOURCE),
  );
  return [...accounts, ...ofContainers, ...readSpots(volumes, [...base, "volumes"], VOLUME), ...ofVolumes].filter(
    ({ name }) => !isPlaceholder(name),
  );
}

/** Names of the volumes that a StatefulSet makes claims for, one for each pod. */
export function claimTemplatesOf({ manifest, value }: PolicyObject): ReadonlySet<string> {
  if (manifest.resource.kind !== "StatefulSet") return new Set();
  const names = readList(value, "spec", "volumeClaimTemplates").map((claim) => readText(claim, "metadata", "name"));
  return new Set(names.flatMap((name) => name ?? []));
}

function readSpots(items: readonly ManifestValue[], path: FieldPath, spots: readonly Spot[]): readonly Reference[] {
  return items.flatMap((item, index) =>
    spots.flatMap(({ kind, at, key }): Reference[] => {
      const name = readText(item, ...at, key) ?? "";
      if (name === "" || readValue(item, ...at, "optional") === true) return [];
      return [{ kind, name, path: [...path, index, ...at, key] }];
    }),
  );
}
