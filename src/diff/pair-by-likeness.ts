import { createHash } from "node:crypto";
import type { Manifest, ManifestValue } from "../model/index.ts";
import { NumberText, SealedValue } from "../model/index.ts";
import { appendTo } from "./append-to.ts";
import type { OpenManifest } from "./open-manifest.ts";
import { isList, isMap } from "./read-field.ts";
import { replaceName } from "./replace-name.ts";

// Likeness looks at pairs, so the work is bounded: leaves per manifest and candidates per side. A hundred resources
// of one kind without a partner is a rewrite, and nobody reads it as a hundred renames.
const MAX_LEAVES = 500;
const MAX_TEXT = 200;
const MAX_CANDIDATES = 100;
// A pair is taken only when it beats every other candidate of both by this much.
const MARGIN = 0.02;

/**
 * Pairs manifests that are much alike, their own names aside: those whose share of equal leaves (Dice) is at least
 * `threshold` and who are each other's clear best. Of more than a hundred on a side, only those with equal content.
 */
export function pairByLikeness(
  base: readonly Manifest[],
  head: readonly Manifest[],
  threshold: number,
  open: OpenManifest,
): readonly (readonly [Manifest, Manifest])[] {
  if (base.length === 0 || head.length === 0) return [];
  if (Math.max(base.length, head.length) > MAX_CANDIDATES) return pairByContent(base, head, open);
  const scores = scoreByLikeness(base, head, open);
  return base.flatMap((old, row) => {
    const column = findClearBest(scores[row] ?? [], threshold);
    if (column === undefined) return [];
    const back = findClearBest(
      scores.map((line) => line[column] ?? 0),
      threshold,
    );
    const next = head[column];
    return back === row && next !== undefined ? [[old, next] as const] : [];
  });
}

/**
 * Each pair is measured twice and its better score counts: with the own name wherever it stands taken for equal (all of
 * `web` became `shop`), and with the content as it is (a prefix on the name alone, labels and images as before).
 */
function scoreByLikeness(base: readonly Manifest[], head: readonly Manifest[], open: OpenManifest): number[][] {
  const read = (manifest: Manifest) => [readLeaves(manifest, open), readLeaves(manifest, open, true)] as const;
  const nexts = head.map(read);
  return base
    .map(read)
    .map(([nameless, asItIs]) =>
      nexts.map((next) => Math.max(measureLikeness(nameless, next[0]), measureLikeness(asItIs, next[1]))),
    );
}

function pairByContent(
  base: readonly Manifest[],
  head: readonly Manifest[],
  open: OpenManifest,
): [Manifest, Manifest][] {
  const heads = groupByContent(head, open);
  return [...groupByContent(base, open)].flatMap(([content, olds]) => {
    const [[old], [next]] = [olds, heads.get(content) ?? []];
    const isUnique = olds.length === 1 && heads.get(content)?.length === 1;
    return isUnique && old !== undefined && next !== undefined ? [[old, next]] : [];
  });
}

function groupByContent(manifests: readonly Manifest[], open: OpenManifest): Map<string, Manifest[]> {
  const groups = new Map<string, Manifest[]>();
  for (const manifest of manifests) {
    const hash = createHash("sha256");
    for (const leaf of [...readLeaves(manifest, open)].map(String).sort()) hash.update(`${leaf.length}:${leaf}`);
    appendTo(groups, hash.digest("hex"), manifest);
  }
  return groups;
}

function findClearBest(scores: readonly number[], threshold: number): number | undefined {
  let best = 0;
  scores.forEach((score, index) => {
    if (score > (scores[best] ?? 0)) best = index;
  });
  const score = scores[best] ?? 0;
  const isClear = scores.every((other, index) => index === best || other < score - MARGIN);
  return score >= threshold && isClear ? best : undefined;
}

type Leaves = ReadonlyMap<string, number>;

/** Counts of `path = scalar`, list indexes left out, own namespace and (unless it is to stay) own name replaced. */
function readLeaves(manifest: Manifest, open: OpenManifest, isNameKept = false): Leaves {
  const leaves = new Map<string, number>();
  let left = MAX_LEAVES;
  const visit = (path: string, value: ManifestValue): void => {
    if (left <= 0) return;
    if (isMap(value)) for (const [key, item] of value) visit(`${path}/${key}`, item);
    else if (isList(value)) for (const item of value) visit(`${path}/`, item);
    else {
      left -= 1;
      const leaf = `${path}=${describeLeaf(value, own)}`;
      leaves.set(leaf, (leaves.get(leaf) ?? 0) + 1);
    }
  };
  const { name, namespace } = manifest.resource;
  const own = { name: isNameKept ? "" : name, namespace };
  const root = open(manifest);
  if (isMap(root)) {
    // What any two objects of a kind have in common says nothing about likeness.
    for (const [key, item] of root) if (key !== "apiVersion" && key !== "kind") visit(key, item);
  }
  for (const leaf of [`metadata/name="\0`, `metadata/name="${name.slice(0, MAX_TEXT)}`, `metadata/namespace="\x01`]) {
    leaves.delete(leaf);
  }
  return leaves;
}

function describeLeaf(value: ManifestValue, own: { readonly name: string; readonly namespace: string }): string {
  if (value instanceof SealedValue) return `!${value.mac}`;
  if (value instanceof NumberText) return `#${value.text}`;
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value !== "string") return "";
  return `"${replaceName(replaceName(value.slice(0, MAX_TEXT), own.name, "\0"), own.namespace, "\x01")}`;
}

function measureLikeness(a: Leaves, b: Leaves): number {
  let [common, total] = [0, 0];
  for (const [leaf, count] of a) {
    common += Math.min(count, b.get(leaf) ?? 0);
    total += count;
  }
  for (const count of b.values()) total += count;
  return total === 0 ? 0 : (2 * common) / total;
}
