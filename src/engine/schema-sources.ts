import { createHash } from "node:crypto";
import { crdSchema } from "../../packages/kubeconform-wasm/src/index.ts";
import type { SchemaSource } from "../../packages/kubeconform-wasm/src/index.ts";
import type { CrdSet, FetchedInput, KubernetesVersion, RenderRequest, ResourceId } from "../model/index.ts";
import { loadKubernetesSchemas, readBundledVersions } from "../schemas/index.ts";
import type { KubernetesSchemas } from "../schemas/index.ts";
import type { AppFiles } from "./app-files.ts";
import { parseExactly } from "./crd-schemas.ts";
import { REPLY } from "./lookup-reply.ts";
import { cleanPath, expandSchemaLocation, isAddress } from "./schema-location.ts";

/** Where the schema of one kind comes from, for one app. */
export type SchemaChoice =
  /** `key` is equal exactly when every answer of `source` is; undefined when nobody knows. `file` is in the repository. */
  | {
      readonly kind: "found";
      readonly key: string | undefined;
      readonly source: SchemaSource;
      readonly place: string;
      readonly file: string | undefined;
    }
  /** A CRD that says nothing about the fields of this version. */
  | { readonly kind: "open" }
  | { readonly kind: "missing"; readonly why: MissingReason };

/** `not-bundled`: a built-in group of a Kubernetes version whose schemas are none of `bundled`. */
export type MissingReason =
  | { readonly kind: "built-in" | "crd-version" | "unknown" }
  | { readonly kind: "not-bundled"; readonly bundled: readonly KubernetesVersion[] };

/** Finds the schema of a kind; everything beside the bundled schemas goes on record in `files`. */
export type ChooseSchema = (
  resource: ResourceId,
  request: RenderRequest,
  crdSet: CrdSet,
  files: AppFiles,
) => SchemaChoice;

/**
 * Schemas in the order in which they count: Kubernetes' own, the CRDs of the same side, then the configured locations.
 * `directory` holds the bundled Kubernetes schemas.
 */
export function createSchemaSources(directory: string): ChooseSchema {
  const versions = readBundledVersions(directory);
  const kubernetes = createKubernetes(directory, versions);
  const crdTexts = new WeakMap<object, Map<string, string>>();

  return (resource, request, crdSet, files) => {
    const { group, version, kind } = resource;
    const schemas = kubernetes(request.kubernetes);
    if (schemas.standalone(group, version, kind) !== undefined) return bundled(request.kubernetes, schemas);
    const crd = crdSet.byKind.get(`${group}/${kind}`);
    files.record({ kind: "input", path: `crd:${group}/${kind}`, id: crd?.digest });
    if (crd?.versions.has(version) === true) {
      const text = crd.versions.get(version);
      if (text === undefined) return { kind: "open" };
      const source = (): string => remember(crdTexts, crd, version, () => toStrict(text));
      return {
        kind: "found",
        key: `crd ${crd.digest} ${version}`,
        source,
        place: `the CustomResourceDefinition of ${group}/${version} ${kind}`,
        file: undefined,
      };
    }
    for (const location of request.schemaLocations) {
      const found = lookInLocation(location, resource, request, files);
      if (found !== undefined) return found;
    }
    return { kind: "missing", why: explainMissing(schemas.hasGroup(group), crd !== undefined, request, versions) };
  };
}

function explainMissing(
  isBuiltIn: boolean,
  hasCrd: boolean,
  { kubernetes }: RenderRequest,
  bundled: readonly KubernetesVersion[],
): MissingReason {
  if (hasCrd) return { kind: "crd-version" };
  if (!isBuiltIn) return { kind: "unknown" };
  return bundled.includes(kubernetes) ? { kind: "built-in" } : { kind: "not-bundled", bundled };
}

/** A version that is not bundled has no schemas of its own; which groups are built in, the newest one tells. */
function createKubernetes(
  directory: string,
  bundledVersions: readonly KubernetesVersion[],
): (version: KubernetesVersion) => KubernetesSchemas {
  const known = new Map<string, KubernetesSchemas>();
  return (version) => {
    const schemas = known.get(version);
    if (schemas !== undefined) return schemas;
    const isBundled = bundledVersions.includes(version);
    const loaded = loadKubernetesSchemas(directory, isBundled ? version : (bundledVersions.at(-1) ?? version));
    const made = isBundled ? loaded : { ...loaded, standalone: () => undefined };
    known.set(version, made);
    return made;
  };
}

function bundled(version: string, schemas: KubernetesSchemas): SchemaChoice {
  const source: SchemaSource = (wanted) => schemas.standalone(wanted.group, wanted.version, wanted.kind);
  return { kind: "found", key: `kubernetes ${version}`, source, place: `Kubernetes ${version}`, file: undefined };
}

function toStrict(openAPIV3Schema: string): string {
  return JSON.stringify(crdSchema(parseExactly(openAPIV3Schema), { strict: true }));
}

function lookInLocation(
  location: string,
  resource: ResourceId,
  { kubernetes, fetched = NOTHING_FETCHED }: RenderRequest,
  files: AppFiles,
): SchemaChoice | undefined {
  const place = expandSchemaLocation(location, resource, kubernetes);
  const read = (path: string): string | undefined =>
    isAddress(path) ? readFetched(path, fetched, files) : readFile(path, files);
  const text = read(place);
  if (text === undefined) return undefined;
  const path = isAddress(place) ? place : cleanPath(place);
  const source: SchemaSource = { template: path, readSchema: read };
  // What a schema refers to can differ between trees, so one that refers to others is compiled anew for each app.
  const key = refersElsewhere(text) ? undefined : `location ${path} ${sha256(text)}`;
  return { kind: "found", key, source, place: path, file: isAddress(path) ? undefined : path };
}

const NOTHING_FETCHED: ReadonlyMap<string, FetchedInput> = new Map();

function readFetched(address: string, fetched: ReadonlyMap<string, FetchedInput>, files: AppFiles): string | undefined {
  const answer = fetched.get(address);
  const isFound = answer?.kind === "found";
  files.record({ kind: "input", path: `schema:${address}`, id: isFound ? answer.digest : undefined });
  return isFound ? Buffer.from(answer.bytes).toString("utf8") : undefined;
}

function readFile(path: string, files: AppFiles): string | undefined {
  let reply = files.lookup(cleanPath(path));
  for (let hops = 0; reply[0] === REPLY.link && hops < 8; hops++) {
    reply = files.lookup(Buffer.from(reply.subarray(1)).toString("utf8"));
  }
  return reply[0] === REPLY.file ? Buffer.from(reply.subarray(1)).toString("utf8") : undefined;
}

function refersElsewhere(text: string): boolean {
  return /"\$ref"\s*:\s*"(?!#)/u.test(text);
}

function remember(cache: WeakMap<object, Map<string, string>>, owner: object, key: string, make: () => string): string {
  const texts = cache.get(owner) ?? new Map<string, string>();
  cache.set(owner, texts);
  const known = texts.get(key);
  if (known !== undefined) return known;
  const made = make();
  texts.set(key, made);
  return made;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
