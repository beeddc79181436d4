import type { App, KubernetesVersion } from "./app.ts";
import type { FetchedInput } from "./fetched-input.ts";
import type { Failure, Level } from "./finding.ts";
import type { FieldPath, Manifest, ResourceId } from "./manifest.ts";
import type { ObjectId, Trace } from "./tree.ts";

/** What one app is allowed to use before it is a Failure of kind `limit`. */
export interface RenderLimits {
  readonly seconds: number;
  readonly outputBytes: number;
  readonly files: number;
  readonly documents: number;
}

export interface RenderRequest {
  readonly app: App;
  /** The root tree that every path of the app is looked up in. */
  readonly tree: ObjectId;
  readonly kubernetes: KubernetesVersion;
  /** Which CRD set (handed to the engine beforehand) answers `crd:` inputs. */
  readonly crdSet: string;
  /** Kubeconform path templates: directories of the repository, or http(s) addresses (see `fetched`). */
  readonly schemaLocations: readonly string[];
  /**
   * What came of the addresses asked so far. An engine fetches nothing: what it looks for at an address and does not
   * find here is a `schema:<url>` fact without an id, and the render has to be done again once it was asked.
   */
  readonly fetched?: ReadonlyMap<string, FetchedInput>;
  /** The level of a missing schema of a group that is neither built in nor known by a CRD; `off` says nothing. */
  readonly missingSchema: Level | "off";
  readonly limits: RenderLimits;
  /**
   * Digests of manifests that this app had before, under the same settings, and that the bundled schemas found nothing
   * wrong with: what is known of a document by its content need not be found out again.
   */
  readonly knownValid?: readonly string[];
  /** Secret values stay in the manifests; such a result is for the user's own terminal and is never stored. */
  readonly isRevealed?: boolean;
}

/** A finding about one rendered manifest as the engine worker reports it: no source line yet. */
export interface RawFinding {
  readonly rule: string;
  readonly level: Level;
  readonly message: string;
  readonly resource: ResourceId | undefined;
  readonly path: FieldPath;
  /** Set where the engine knows the exact place (YAML syntax, duplicate keys of a plain file). */
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** What it is about, where the field alone does not tell: another value in the same field is another finding. */
  readonly key?: string | undefined;
}

/**
 * What rendering one app gave. The trace stands in both cases: a failure that no input change can mend (kind `limit`,
 * `engine`, `remote-input`) carries the trace up to the point where it stopped.
 */
export type Rendering =
  | {
      readonly kind: "rendered";
      readonly manifests: readonly Manifest[];
      readonly findings: readonly RawFinding[];
      readonly trace: Trace;
    }
  | { readonly kind: "failed"; readonly failure: Failure; readonly trace: Trace };

/** One CustomResourceDefinition of a side, as its schemas are handed to the validator. */
export interface CrdSchema {
  readonly group: string;
  readonly kind: string;
  /** Name of the resource in the API, as rules of policies match it. */
  readonly plural: string;
  readonly isNamespaced: boolean;
  /** Version name → `openAPIV3Schema` as canonical JSON; undefined where the version declares none. */
  readonly versions: ReadonlyMap<string, string | undefined>;
  /** Those whose `status` is a subresource: the API server drops it from what people apply. */
  readonly statusVersions: readonly string[];
  /** SHA-256 over everything above. */
  readonly digest: string;
}

/** All CRDs of one side. `id` is the digest of its content; `byKind` is keyed by `<group>/<kind>`. */
export interface CrdSet {
  readonly id: string;
  readonly byKind: ReadonlyMap<string, CrdSchema>;
}
