import { createHash } from "node:crypto";
import { decodeManifest, NumberText, SealedValue } from "../model/index.ts";
import type { CrdSchema, CrdSet, Manifest, ManifestMap, ManifestValue } from "../model/index.ts";
import type { ScopeOf } from "./api-lifecycle.ts";

const GROUP = "apiextensions.k8s.io";

/**
 * Reads the CustomResourceDefinitions (v1, and the long removed v1beta1) among `manifests`. Versions that are not
 * served are left out: the API server refuses objects of them. What is no readable CRD is left out too; the schema
 * check of the manifest itself speaks about it.
 *
 * Where the same kind is defined twice, versions are joined; of a version that both define, and of the scope, the one
 * from the smaller file path counts, then the one with the smaller digest. The order of `manifests` is of no account.
 */
export function collectCrds(manifests: Iterable<Manifest>): CrdSet {
  const definitions = [...manifests].filter(({ resource }) => isCrd(resource.group, resource.kind)).sort(byPlace);
  const byKind = new Map<string, CrdSchema>();
  for (const definition of definitions) {
    const crd = readCrd(decodeManifest(definition));
    if (crd === undefined) continue;
    const key = `${crd.group}/${crd.kind}`;
    const known = byKind.get(key);
    byKind.set(key, known === undefined ? crd : joinCrds(known, crd));
  }
  const sorted = [...byKind].sort(byText(([key]) => key));
  return { id: digest(sorted.map(([key, crd]) => [key, crd.digest])), byKind: new Map(sorted) };
}

/** The scopes of the kinds that a CRD set defines. */
export function crdScope(crdSet: CrdSet): ScopeOf {
  return (group, kind) => {
    const crd = crdSet.byKind.get(`${group}/${kind}`);
    return crd === undefined ? undefined : crd.isNamespaced ? "namespaced" : "cluster";
  };
}

function isCrd(group: string, kind: string): boolean {
  return group === GROUP && kind === "CustomResourceDefinition";
}

function readCrd(manifest: ManifestValue): CrdSchema | undefined {
  const spec = at(manifest, "spec");
  const group = at(spec, "group");
  const kind = at(at(spec, "names"), "kind");
  if (typeof group !== "string" || typeof kind !== "string") return undefined;
  const isOld = at(manifest, "apiVersion") === `${GROUP}/v1beta1`;
  const versions = new Map<string, string | undefined>();
  const statusVersions: string[] = [];
  for (const version of readVersions(spec, isOld)) {
    const name = at(version, "name");
    if (typeof name !== "string" || at(version, "served") === false || versions.has(name)) continue;
    const schema = at(at(version, "schema"), "openAPIV3Schema") ?? at(at(spec, "validation"), "openAPIV3Schema");
    // v1beta1 prunes nothing unless told so; v1 always prunes.
    const isOpen = isOld && at(spec, "preserveUnknownFields") !== false;
    versions.set(name, schema instanceof Map ? printJson(isOpen ? open(schema as ManifestMap) : schema) : undefined);
    const subresources = at(version, "subresources") ?? (isOld ? at(spec, "subresources") : undefined);
    if (at(subresources, "status") instanceof Map) statusVersions.push(name);
  }
  const plural = at(at(spec, "names"), "plural");
  const names = { group, kind, plural: typeof plural === "string" ? plural : `${kind.toLowerCase()}s` };
  return makeCrd({ ...names, isNamespaced: at(spec, "scope") !== "Cluster", statusVersions, versions });
}

/** v1beta1 may name its only version in `spec.version`. */
function readVersions(spec: ManifestValue | undefined, isOld: boolean): readonly ManifestValue[] {
  const versions = at(spec, "versions");
  if (Array.isArray(versions)) return versions as readonly ManifestValue[];
  const only = at(spec, "version");
  return isOld && typeof only === "string" ? [new Map([["name", only]])] : [];
}

function open(schema: ManifestMap): ManifestMap {
  return new Map<string, ManifestValue>([...schema, ["x-kubernetes-preserve-unknown-fields", true]]);
}

function makeCrd({ group, kind, plural, isNamespaced, ...of }: Omit<CrdSchema, "digest">): CrdSchema {
  const versions = [...of.versions].sort(byText(([name]) => name));
  const statusVersions = [...of.statusVersions].sort();
  const said = versions.map(([name, schema]) => [name, schema ?? null]);
  return {
    ...{ group, kind, plural, isNamespaced, statusVersions },
    versions: new Map(versions),
    digest: digest([group, kind, plural, isNamespaced, said, statusVersions]),
  };
}

/** The versions of both; all else, and a version that both define, is the first one's. */
export function joinCrds(first: CrdSchema, second: CrdSchema): CrdSchema {
  return makeCrd({
    ...first,
    versions: new Map([...second.versions, ...first.versions]),
    statusVersions: [...first.statusVersions, ...second.statusVersions.filter((name) => !first.versions.has(name))],
  });
}

function at(value: ManifestValue | undefined, key: string): ManifestValue | undefined {
  return value instanceof Map ? (value as ManifestMap).get(key) : undefined;
}

/** Keys sorted, numbers as they were written. */
function printJson(value: ManifestValue): string {
  if (value instanceof NumberText) return value.text;
  if (value instanceof SealedValue) return "null";
  if (Array.isArray(value)) return `[${value.map(printJson).join(",")}]`;
  if (value instanceof Map) {
    const entries = [...(value as ManifestMap)].sort(byText(([key]) => key));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${printJson(item)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

function byPlace(a: Manifest, b: Manifest): number {
  return byText(({ origin }: Manifest) => origin.file)(a, b) || byText(({ digest }: Manifest) => digest)(a, b);
}

function byText<T>(textOf: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => {
    const [left, right] = [textOf(a), textOf(b)];
    return left < right ? -1 : left > right ? 1 : 0;
  };
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
