/** The exact source text of a number as the cluster's YAML reader prints it in JSON. Never compared as a double. */
export class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * A secret value that did not leave the engine worker: only an HMAC of it did. A class of its own, so that no string
 * in a manifest can equal it. Two sealed values are equal exactly when their macs are.
 */
export class SealedValue {
  readonly mac: string;
  constructor(mac: string) {
    this.mac = mac;
  }
}

/** One node of a manifest. Mappings are `Map`s, so that a key named `__proto__` is a key like any other. */
export type ManifestValue = null | boolean | string | NumberText | SealedValue | readonly ManifestValue[] | ManifestMap;
export type ManifestMap = ReadonlyMap<string, ManifestValue>;

/** Steps from a manifest's root to a field: keys and list indexes. */
export type FieldPath = readonly (string | number)[];

/** What the cluster tells resources apart by. `group` is `""` for the core group; absent names are `""`. */
export interface ResourceId {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Where a manifest came from, as exactly as the engine knows. */
export interface Origin {
  /** File in the repository: the manifest itself, the kustomize resource or generator file, the Helm template. */
  readonly file: string;
  /** Zero-based document of that file, when the manifest stands in it as written. */
  readonly document: number | undefined;
  /** Patch and generator files (kustomize) or values files (Helm) that shaped it, in order of application. */
  readonly shapedBy: readonly string[];
}

/**
 * One rendered resource as it leaves the engine worker: canonical JSON (keys sorted, numbers as text, secret values
 * replaced by null and listed in `sealed`), decoded only when somebody looks inside (see `decodeManifest`).
 */
export interface Manifest {
  readonly resource: ResourceId;
  /** SHA-256 over `json` and `sealed`: equal digests are equal manifests. Lower-case hex. */
  readonly digest: string;
  readonly json: string;
  /** JSON pointers (RFC 6901) of the sealed values with their macs. */
  readonly sealed: readonly (readonly [pointer: string, mac: string])[];
  readonly origin: Origin;
  /** Helm hook events (`pre-install`, …); empty for what is applied as usual. */
  readonly hooks: readonly string[];
}

/** Reads a manifest's canonical JSON into values. Cost: linear in its size; do it only for what changed. */
export function decodeManifest(manifest: Pick<Manifest, "json" | "sealed">): ManifestValue {
  const parse = JSON.parse as (
    text: string,
    reviver: (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown,
  ) => ManifestValue;
  const macs = new Map(manifest.sealed);
  const root = parse(manifest.json, (_key, value, context) => {
    if (typeof value === "number") return new NumberText(context.source ?? String(value));
    if (value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof NumberText)) {
      return new Map(Object.entries(value));
    }
    return value;
  });
  return macs.size === 0 ? root : seal(root, "", macs);
}

function seal(value: ManifestValue, pointer: string, macs: ReadonlyMap<string, string>): ManifestValue {
  const mac = macs.get(pointer);
  if (mac !== undefined) return new SealedValue(mac);
  if (Array.isArray(value)) return value.map((item: ManifestValue, index) => seal(item, `${pointer}/${index}`, macs));
  if (value instanceof Map) {
    const sealed = new Map<string, ManifestValue>();
    for (const [key, item] of value as ManifestMap)
      sealed.set(key, seal(item, `${pointer}/${escapePointer(key)}`, macs));
    return sealed;
  }
  return value;
}

/** One step of a JSON pointer, escaped as RFC 6901 §3 says. */
export function escapePointer(step: string): string {
  return step.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** A field path as a JSON pointer. */
export function toPointer(path: FieldPath): string {
  return path.map((step) => `/${escapePointer(String(step))}`).join("");
}
