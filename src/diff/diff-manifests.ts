import type { ListKeys, Manifest, ManifestValue, ResourceChange } from "../model/index.ts";
import { SealedValue } from "../model/index.ts";
import { classifyNoise } from "./classify-noise.ts";
import type { IsRegenerated } from "./classify-noise.ts";
import { compareManifests } from "./compare-manifests.ts";
import { describeLikeness } from "./describe-likeness.ts";
import { emitDiff } from "./emit-diff.ts";
import { emitYaml } from "./emit-yaml.ts";
import { createIdentify } from "./identify-values.ts";
import { createOpenManifest } from "./open-manifest.ts";
import type { OpenManifest } from "./open-manifest.ts";
import { pairManifests } from "./pair-manifests.ts";
import type { ManifestPair } from "./pair-manifests.ts";
import { isList, isMap } from "./read-field.ts";
import { assessRisks } from "./risks/assess-risks.ts";
import { sortChanges } from "./sort-changes.ts";
import { summarizeImages } from "./summarize-images.ts";

/**
 * The changes between two renderings of one app, most dangerous first, then by kind, namespace and name. Manifests
 * with equal digests cost a map lookup; the rest costs about their size. Sealed values appear as `SealedValue` in
 * fields and as the tag `!sealed` in the diff text. `location` is left undefined: which file brought
 * a change is another stage's work. Never fails on the content of a manifest.
 */
export function diffManifests(
  base: readonly Manifest[],
  head: readonly Manifest[],
  { listKeys }: { listKeys: ListKeys },
): readonly ResourceChange[] {
  const open = createOpenManifest();
  const pairs = pairManifests(base, head, open);
  const names = collectGeneratedNames(pairs);
  const changes = pairs.flatMap((pair) => describePair(pair, open, listKeys, names) ?? []);
  return sortChanges(changes);
}

/** Old name → new name of what was paired across a hash suffix. */
type GeneratedNames = ReadonlyMap<string, string>;

function collectGeneratedNames(pairs: readonly ManifestPair[]): GeneratedNames {
  const names = new Map<string, string>();
  for (const pair of pairs) {
    if (pair.how === "generated-name") names.set(pair.base.resource.name, pair.head.resource.name);
  }
  return names;
}

function describePair(
  pair: ManifestPair,
  open: OpenManifest,
  listKeys: ListKeys,
  names: GeneratedNames,
): ResourceChange | undefined {
  switch (pair.how) {
    case "added":
      return describeWhole("added", pair.head, open(pair.head));
    case "removed":
      return describeWhole("removed", pair.base, open(pair.base));
    case "identity":
    case "generated-name":
    case "moved":
    case "renamed":
      return describeChange(pair, open, listKeys, names);
    default:
      return pair satisfies never;
  }
}

function describeWhole(action: "added" | "removed", manifest: Manifest, value: ManifestValue): ResourceChange {
  const { resource, hooks } = manifest;
  const [before, after] = action === "added" ? [undefined, value] : [value, undefined];
  const subject = {
    action,
    resource,
    previous: undefined,
    isGenerated: false,
    before,
    after,
    fields: [],
    isHook: hooks.length > 0,
  };
  const risks = assessRisks(subject);
  const lines = emitYaml(value, () => "!sealed");
  return {
    action,
    resource,
    previous: undefined,
    hooks,
    fields: [],
    noise: 0,
    risks,
    images: summarizeImages(before, after),
    diff: action === "added" ? emitDiff([], lines) : emitDiff(lines, []),
    likeness: describeLikeness({ action, resource, previous: undefined, fields: [], whole: value, risks, hooks }),
    location: undefined,
  };
}

/** What differs between two manifests of one resource; undefined when nothing does. */
export function describeChange(
  pair: ManifestPair & { readonly base: Manifest; readonly head: Manifest },
  open: OpenManifest,
  listKeys: ListKeys,
  names: GeneratedNames,
): ResourceChange | undefined {
  const { resource, hooks } = pair.head;
  const [before, after] = [open(pair.base), open(pair.head)];
  const isRegenerated: IsRegenerated = (old, next) => names.get(old) === next;
  const isNewObject = pair.how !== "identity";
  const noiseSubject = { resource, base: before, head: after, isNewObject, isRegenerated };
  const { fields, aligned } = compareManifests(before, after, {
    resource,
    listKeys,
    identify: createIdentify((text) => names.get(text) ?? text),
    classifyNoise: (path, old, next) => classifyNoise(noiseSubject, path, old, next),
  });
  if (fields.length === 0) return undefined;
  const previous = isNewObject ? pair.base.resource : undefined;
  const real = fields.filter((field) => field.noise === undefined);
  const isHook = hooks.length > 0;
  const identity = { previous, isGenerated: pair.how === "generated-name" };
  const risks = assessRisks({ action: "changed", resource, ...identity, before, after, fields: real, isHook });
  return {
    action: "changed",
    resource,
    previous,
    hooks,
    fields,
    noise: fields.length - real.length,
    risks,
    images: summarizeImages(before, after),
    diff: emitComparison(aligned ?? null, after),
    likeness: describeLikeness({ action: "changed", resource, previous, fields, whole: undefined, risks, hooks }),
    location: undefined,
  };
}

/** A sealed value that both sides share is `!sealed`; one that differs says which side it is of. */
function emitComparison(aligned: ManifestValue, head: ManifestValue): string {
  const [olds, nexts] = [collectSealed(aligned), collectSealed(head)];
  const before = emitYaml(aligned, (value) => (nexts.has(value) ? "!sealed" : "!sealed old"));
  const after = emitYaml(head, (value) => (olds.has(value) ? "!sealed" : "!sealed new"));
  return emitDiff(before, after);
}

/** The sealed values of a manifest as objects: the aligned base holds the head's own wherever the two are equal. */
function collectSealed(root: ManifestValue): ReadonlySet<SealedValue> {
  const found = new Set<SealedValue>();
  const visit = (value: ManifestValue): void => {
    if (value instanceof SealedValue) found.add(value);
    else if (isMap(value)) value.forEach(visit);
    else if (isList(value)) value.forEach(visit);
  };
  visit(root);
  return found;
}
