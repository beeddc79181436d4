import { createHash } from "node:crypto";
import { listImages, readLabel } from "../diff/index.ts";
import {
  decodeManifest,
  type Manifest,
  type ManifestMap,
  type ManifestValue,
  type TrackedValue,
} from "../model/index.ts";
import { encodeValue, hasSealed } from "./encode-value.ts";

/** Longer values are told by a digest of them. */
const LONGEST_VALUE = 200;

/**
 * What of an app is promoted from one environment to the next: images by digest or tag, versions of charts by their
 * label, and the chosen fields. Resources of two environments have different namespaces, so that names carry none.
 */
export function trackValues(manifests: readonly Manifest[], fields: readonly string[]): readonly TrackedValue[] {
  const found = new Map<string, TrackedValue>();
  for (const manifest of manifests) {
    if (fields.length === 0 && !/"containers"|"helm\.sh\/chart"/u.test(manifest.json)) continue;
    for (const value of trackManifest(manifest, fields)) found.set(JSON.stringify([value.what, value.value]), value);
  }
  return [...found.values()];
}

function trackManifest(manifest: Manifest, fields: readonly string[]): readonly TrackedValue[] {
  const root = decodeManifest(manifest);
  const { kind, name } = manifest.resource;
  const images = listImages(root).map(({ container, repository, content }) => {
    return { sort: "image" as const, what: `image ${container} of ${kind}/${name}`, value: content, kin: repository };
  });
  const chosen = fields.flatMap((field) =>
    readLabel(root, field).map((value) => ({
      sort: "field" as const,
      what: `${kind}/${name} ${field}`,
      value: print(value),
      kin: "",
    })),
  );
  return [...images, ...trackChartLabel(root), ...chosen];
}

/** `web-1.2.3`, with `_` for a `+`, as `helm create` writes it. */
function trackChartLabel(root: ManifestValue): readonly TrackedValue[] {
  const metadata = root instanceof Map ? (root as ManifestMap).get("metadata") : undefined;
  const labels = metadata instanceof Map ? (metadata as ManifestMap).get("labels") : undefined;
  const label = labels instanceof Map ? (labels as ManifestMap).get("helm.sh/chart") : undefined;
  // A label has 63 characters at most; the bound keeps the pattern from a hostile one.
  const [, name, version] = typeof label === "string" ? (/^(.+?)-(v?\d+\..*)$/u.exec(label.slice(0, 100)) ?? []) : [];
  return name === undefined || version === undefined ? [] : [trackChart(name, version)];
}

/** One version of a chart. */
export function trackChart(name: string, version: string): TrackedValue {
  return { sort: "chart", what: `chart ${name}`, value: version.replaceAll("+", "_"), kin: name };
}

/** Scalars as they are; what is long or sealed by a digest that tells nothing of it. */
function print(value: ManifestValue): string {
  const text = JSON.stringify(encodeValue(value));
  if (hasSealed(value)) return `a sealed value (${digest(text)})`;
  const plain =
    typeof value === "string" ? JSON.stringify(value) : text.replace(/^\["(?:number|value)",(.*)\]$/su, "$1");
  return plain.length > LONGEST_VALUE ? `a long value (${digest(text)})` : plain;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
