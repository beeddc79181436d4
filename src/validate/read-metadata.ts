import type { FieldPath, Manifest } from "../model/index.ts";

/** Own properties only matter: `JSON.parse` makes even `__proto__` one, and reading goes by `Object.entries`. */
export type PlainObject = Readonly<Record<string, unknown>>;

const EMPTY: PlainObject = {};

/** Where kinds of Kubernetes carry the metadata of what they make. */
const TEMPLATES: readonly FieldPath[] = [
  ["spec", "template", "metadata"],
  ["spec", "jobTemplate", "metadata"],
  ["spec", "jobTemplate", "spec", "template", "metadata"],
];

/** The metadata of a manifest; empty when it has none. */
export function readMetadata(manifest: Manifest): PlainObject {
  return readObject(parse(manifest), ["metadata"]) ?? EMPTY;
}

/**
 * The metadata of a manifest and, for `isTemplated` kinds, of the templates inside it, each with its path. Numbers and
 * secrets are of no interest here, so the manifest is parsed natively, which costs a tenth of `decodeManifest`.
 */
export function readAllMetadata(
  manifest: Manifest,
  isTemplated: boolean,
): readonly (readonly [FieldPath, PlainObject])[] {
  const root = parse(manifest);
  const paths: readonly FieldPath[] = [["metadata"], ...(isTemplated ? TEMPLATES : [])];
  return paths.flatMap((path) => {
    const metadata = readObject(root, path);
    return metadata === undefined ? [] : [[path, metadata] as const];
  });
}

/** The value of an own property that is an object; undefined otherwise. */
export function readObject(root: unknown, path: FieldPath): PlainObject | undefined {
  let node = root;
  for (const step of path) {
    if (!isObject(node) || !Object.hasOwn(node, step)) return undefined;
    node = node[step];
  }
  return isObject(node) ? node : undefined;
}

function parse(manifest: Manifest): unknown {
  return JSON.parse(manifest.json);
}

function isObject(value: unknown): value is PlainObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
