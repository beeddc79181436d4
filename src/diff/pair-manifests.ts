import type { Manifest, ResourceId } from "../model/index.ts";
import { appendTo } from "./append-to.ts";
import { readStem } from "./generated-names.ts";
import type { OpenManifest } from "./open-manifest.ts";
import { pairByLikeness } from "./pair-by-likeness.ts";

/** How two manifests were found to be one resource. */
export type Pairing = "identity" | "generated-name" | "moved" | "renamed";

export type ManifestPair =
  | { readonly how: Pairing; readonly base: Manifest; readonly head: Manifest }
  | { readonly how: "removed"; readonly base: Manifest; readonly head: undefined }
  | { readonly how: "added"; readonly base: undefined; readonly head: Manifest };

/**
 * Pairs the manifests of two sides, leaving out those whose digests are equal. A ladder: the same identity (version
 * aside), the same name but for a hash suffix, the same name but for its case, the same name in another namespace,
 * and last another name with much the same content. A rung takes a pair only when it is the one candidate.
 * Nothing is decoded before the last two rungs, and there only what has no partner.
 */
export function pairManifests(
  base: readonly Manifest[],
  head: readonly Manifest[],
  open: OpenManifest,
): readonly ManifestPair[] {
  const byIdentity = pairByIdentity(base, head);
  const rest: Leftover = { pairs: byIdentity.pairs, base: byIdentity.base, head: byIdentity.head };
  const steps = [
    (left: Leftover) => pairUnique(left, "generated-name", stemKey),
    (left: Leftover) => pairUnique(left, "renamed", (id) => identityKey({ ...id, name: id.name.toLowerCase() })),
    (left: Leftover) => pairAlike(left, "moved", open),
    (left: Leftover) => pairAlike(left, "renamed", open),
  ];
  const done = steps.reduce((left, step) => (left.base.length > 0 && left.head.length > 0 ? step(left) : left), rest);
  return [
    ...done.pairs,
    ...done.base.map((manifest) => ({ how: "removed" as const, base: manifest, head: undefined })),
    ...done.head.map((manifest) => ({ how: "added" as const, base: undefined, head: manifest })),
  ];
}

interface Leftover {
  readonly pairs: readonly ManifestPair[];
  readonly base: readonly Manifest[];
  readonly head: readonly Manifest[];
}

function pairByIdentity(base: readonly Manifest[], head: readonly Manifest[]): Leftover {
  const [baseById, headById] = [groupBy(base, identityKey), groupBy(head, identityKey)];
  const [pairs, baseRest, headRest]: [ManifestPair[], Manifest[], Manifest[]] = [[], [], []];
  for (const [key, olds] of baseById) {
    const [gone, added] = dropEqual(olds, headById.get(key) ?? []);
    gone.forEach((old, index) => {
      const next = added[index];
      if (next === undefined) baseRest.push(old);
      else pairs.push({ how: "identity", base: old, head: next });
    });
    for (const next of added.slice(gone.length)) headRest.push(next);
    headById.delete(key);
  }
  for (const added of headById.values()) for (const next of added) headRest.push(next);
  return { pairs, base: baseRest, head: headRest };
}

/** What is left of both lists once manifests with equal digests are taken out two by two. */
function dropEqual(base: readonly Manifest[], head: readonly Manifest[]): [readonly Manifest[], readonly Manifest[]] {
  const counts = new Map<string, number>();
  for (const { digest } of head) counts.set(digest, (counts.get(digest) ?? 0) + 1);
  const take = ({ digest }: Manifest) => {
    const left = counts.get(digest) ?? 0;
    counts.set(digest, left - 1);
    return left > 0;
  };
  const gone = base.filter((manifest) => !take(manifest));
  counts.clear();
  for (const { digest } of base) counts.set(digest, (counts.get(digest) ?? 0) + 1);
  return [gone, head.filter((manifest) => !take(manifest))];
}

function groupBy(
  manifests: readonly Manifest[],
  keyOf: (id: ResourceId) => string | undefined,
): Map<string, Manifest[]> {
  const groups = new Map<string, Manifest[]>();
  for (const manifest of manifests) {
    const key = keyOf(manifest.resource);
    if (key !== undefined) appendTo(groups, key, manifest);
  }
  return groups;
}

/** A key for a resource that its version is no part of; the fields come as JSON, so no name can forge a border. */
export function identityKey(id: ResourceId): string {
  return JSON.stringify([currentGroup(id), id.kind, id.namespace, id.name]);
}

// Kinds that left `extensions` kept their objects: the API server serves one object under both groups
// (https://kubernetes.io/docs/reference/using-api/deprecation-guide/).
const FORMER_EXTENSIONS = new Map([
  ["Deployment", "apps"],
  ["DaemonSet", "apps"],
  ["ReplicaSet", "apps"],
  ["Ingress", "networking.k8s.io"],
  ["NetworkPolicy", "networking.k8s.io"],
  ["PodSecurityPolicy", "policy"],
]);

function currentGroup(id: ResourceId): string {
  return id.group === "extensions" ? (FORMER_EXTENSIONS.get(id.kind) ?? id.group) : id.group;
}

function stemKey(id: ResourceId): string {
  return identityKey({ ...id, name: readStem(id) ?? id.name });
}

function pairUnique(left: Leftover, how: Pairing, keyOf: (id: ResourceId) => string): Leftover {
  const [bases, heads] = [groupBy(left.base, keyOf), groupBy(left.head, keyOf)];
  const found = new Map<Manifest, Manifest>();
  for (const [key, olds] of bases) {
    const [old, next] = [olds[0], heads.get(key)?.[0]];
    const isUnique = olds.length === 1 && heads.get(key)?.length === 1;
    if (isUnique && old !== undefined && next !== undefined) found.set(old, next);
  }
  return takePairs(left, how, found);
}

/** `moved`: same name, another namespace, half alike. `renamed`: same namespace, another name, mostly alike. */
function pairAlike(left: Leftover, how: "moved" | "renamed", open: OpenManifest): Leftover {
  const keyOf = (id: ResourceId) => identityKey(how === "moved" ? { ...id, namespace: "" } : { ...id, name: "" });
  const [bases, heads] = [groupBy(left.base, keyOf), groupBy(left.head, keyOf)];
  const found = new Map<Manifest, Manifest>();
  for (const [key, olds] of bases) {
    const likeEnough = how === "moved" ? 0.5 : 0.7;
    for (const [old, next] of pairByLikeness(olds, heads.get(key) ?? [], likeEnough, open)) found.set(old, next);
  }
  return takePairs(left, how, found);
}

function takePairs(left: Leftover, how: Pairing, found: ReadonlyMap<Manifest, Manifest>): Leftover {
  if (found.size === 0) return left;
  const taken = new Set(found.values());
  return {
    pairs: [...left.pairs, ...Array.from(found, ([base, head]) => ({ how, base, head }))],
    base: left.base.filter((manifest) => !found.has(manifest)),
    head: left.head.filter((manifest) => !taken.has(manifest)),
  };
}
