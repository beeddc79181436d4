import { createHash } from "node:crypto";
import { CORE_SCHEMA, defineScalarTag, loadAll, mergeTag, NOT_RESOLVED } from "js-yaml";
import type { Manifest, ResourceId } from "../../src/model/index.ts";
import { toPointer } from "../../src/model/index.ts";

/** A number with the text that it had in the source. */
class SourceNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/u;

function keepSource(source: string): SourceNumber | typeof NOT_RESOLVED {
  return NUMBER.test(source) ? new SourceNumber(source) : NOT_RESOLVED;
}

const SCHEMA = CORE_SCHEMA.withTags(
  mergeTag,
  defineScalarTag("tag:yaml.org,2002:int", { implicit: true, resolve: keepSource, identify: () => false }),
  defineScalarTag("tag:yaml.org,2002:float", { implicit: true, resolve: keepSource, identify: () => false }),
);

/**
 * Makes manifests of YAML documents as the engine hands them over: canonical JSON, the values of Secrets sealed.
 * Good for tests only: YAML is read by js-yaml here, and a mac is a plain hash.
 */
export function buildManifests(yaml: string): Manifest[] {
  return loadAll(yaml, { schema: SCHEMA })
    .filter((document) => document !== null && document !== undefined)
    .map(buildManifest);
}

/** Makes the one manifest of a plain value: objects, arrays, strings, booleans, null and numbers. */
export function buildManifest(value: unknown): Manifest {
  const sealed: [string, string][] = [];
  const json = toCanonicalJson(sealSecret(value, sealed));
  const digest = createHash("sha256").update(json).update(JSON.stringify(sealed)).digest("hex");
  const annotations = readKey(readKey(value, "metadata"), "annotations");
  const hook = readKey(annotations, "helm.sh/hook");
  return {
    resource: readResource(value),
    digest,
    json,
    sealed,
    origin: { file: "manifest.yaml", document: undefined, shapedBy: [] },
    hooks: typeof hook === "string" ? hook.split(",") : [],
  };
}

function nullPrototype(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const record = Object.create(null) as Record<string, unknown>;
  for (const [key, item] of entries) record[key] = item;
  return record;
}

function readKey(value: unknown, key: string): unknown {
  if (value === null || typeof value !== "object" || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}

function readResource(value: unknown): ResourceId {
  const text = (found: unknown) => (typeof found === "string" ? found : "");
  const apiVersion = text(readKey(value, "apiVersion"));
  const metadata = readKey(value, "metadata");
  const slash = apiVersion.indexOf("/");
  return {
    group: slash < 0 ? "" : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kind: text(readKey(value, "kind")),
    namespace: text(readKey(metadata, "namespace")),
    name: text(readKey(metadata, "name")),
  };
}

function sealSecret(value: unknown, sealed: [string, string][]): unknown {
  if (readKey(value, "kind") !== "Secret" || value === null || typeof value !== "object") return value;
  return nullPrototype(
    Object.entries(value).map(([field, items]: [string, unknown]) => {
      if ((field !== "data" && field !== "stringData") || items === null || typeof items !== "object")
        return [field, items];
      const kept = Object.entries(items).map(([key, item]: [string, unknown]): [string, unknown] => {
        sealed.push([
          toPointer([field, key]),
          createHash("sha256")
            .update(`test ${String(item)}`)
            .digest("hex"),
        ]);
        return [key, null];
      });
      return [field, nullPrototype(kept)];
    }),
  );
}

function toCanonicalJson(value: unknown): string {
  if (value instanceof SourceNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(toCanonicalJson).join()}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value ?? null);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${toCanonicalJson(item)}`).join()}}`;
}
