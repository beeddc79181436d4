import type { Level, Manifest, RawFinding, ResourceId } from "../model/index.ts";

/** A manifest as the manifest engine decodes it (engines/manifest). `raw` holds secret values and stays in the worker. */
export interface DecodedDocument extends Manifest {
  /** The object as canonical JSON with its secret values, without a `sops` block. */
  readonly raw: string;
  /** JSON pointers of strings that Flux puts values into. */
  readonly substituted: readonly string[];
  readonly isSops: boolean;
}

/** A YAML text to decode. */
export interface SourceText {
  readonly yaml: string;
  readonly file: string;
  readonly document?: number | null | undefined;
  readonly shapedBy?: readonly string[] | undefined;
  readonly hooks?: readonly string[] | undefined;
}

export interface DecodedFinding {
  readonly rule: string;
  readonly level: Level;
  readonly message: string;
  readonly resource?: ResourceId | undefined;
  readonly path: readonly (string | number)[];
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

export interface DecodeResult {
  readonly documents: readonly DecodedDocument[];
  readonly findings: readonly DecodedFinding[];
  /** Pieces of secrets by which their places are found; they stay in the worker. `finding` is an index. */
  readonly needles: readonly { readonly finding: number; readonly texts: readonly string[] }[];
}

/** The manifest without what must not leave the worker. */
export function toManifest(document: DecodedDocument): Manifest {
  const { resource, digest, json, sealed, origin, hooks } = document;
  const { file, shapedBy } = origin;
  return { resource, digest, json, sealed, origin: { file, document: origin.document ?? undefined, shapedBy }, hooks };
}

export function toRawFinding(finding: DecodedFinding): RawFinding {
  const { rule, level, message, resource, path, file, line, column } = finding;
  return { rule, level, message, resource, path, file, line, column };
}
