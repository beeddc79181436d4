/** Which schema is wanted. `group` is `""` for the core group. */
export interface SchemaRequest {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly kubernetesVersion: string;
  readonly strict: boolean;
}

/** Answers with the text of a JSON schema, undefined for a kind it does not know. */
export type SchemaByKind = (request: SchemaRequest) => string | undefined;

/**
 * Schemas by path, as kubeconform names them: `template` is one of its schema locations, such as
 * `schemas/{{ .Group }}/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json`, and `readSchema` gets the path that it
 * makes, or that a `$ref` in such a schema leads to. It answers undefined where there is nothing.
 */
export interface SchemaByPath {
  readonly template: string;
  readonly readSchema: (path: string) => Uint8Array | string | undefined;
}

export type SchemaSource = SchemaByKind | SchemaByPath;

export interface ValidatorOptions {
  /** Places of schemas, asked in this order. The first one that has a schema decides. */
  readonly schemas: readonly SchemaSource[];
  /** What sources and templates are asked with, `1.36.3` for example; `master` if left out. */
  readonly kubernetesVersion?: string | undefined;
  /** Refuses duplicate keys in YAML text, and asks for the strict variants of schemas. */
  readonly strict?: boolean | undefined;
  /** Whether a kind without a schema is skipped instead of being an error. */
  readonly ignoreMissingSchemas?: boolean | undefined;
  /** Kinds that are not validated: `Secret` or `v1/Secret`. */
  readonly skip?: readonly string[] | undefined;
  /** Kinds that are an error whatever they hold: `Secret` or `v1/Secret`. */
  readonly reject?: readonly string[] | undefined;
}

/** JSON text of one document, or the document itself. */
export type DocumentInput = string | object;

/** What is known of the document that a result is about; what it lacks is `""`. */
export interface ValidatedResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** One innermost cause: no error is given for a field if there is one for a field inside it. */
export interface ValidationError {
  /** From the document's root to the field, list indexes as numbers. A missing or unknown field is the last step. */
  readonly path: readonly (string | number)[];
  /** Plain words. Names fields, types, and what the schema expects; never a value of the document. */
  readonly message: string;
  /** The keyword of JSON Schema that failed: `type`, `required`, `additionalProperties`, … */
  readonly keyword: string;
}

export type SkipReason = "kind-skipped" | "schema-missing";

/**
 * - `schema-missing`: no source has a schema for the kind.
 * - `schema-invalid`: a source has one that does not compile (kubeconform itself takes it for missing).
 * - `schema-unreadable`: a source threw.
 * - `kind-rejected`: `reject` names the kind.
 * - `no-identity`: `kind` or `apiVersion` is missing.
 * - `unreadable`: the document is no YAML or no object.
 */
export type ErrorReason =
  "schema-missing" | "schema-invalid" | "schema-unreadable" | "kind-rejected" | "no-identity" | "unreadable";

export type ValidationResult =
  | { readonly status: "valid"; readonly resource: ValidatedResource; readonly errors: readonly ValidationError[] }
  | { readonly status: "empty"; readonly resource: ValidatedResource; readonly errors: readonly ValidationError[] }
  | { readonly status: "invalid"; readonly resource: ValidatedResource; readonly errors: readonly ValidationError[] }
  | {
      readonly status: "skipped";
      readonly resource: ValidatedResource;
      readonly errors: readonly ValidationError[];
      readonly reason: SkipReason;
    }
  | {
      readonly status: "error";
      readonly resource: ValidatedResource;
      readonly errors: readonly ValidationError[];
      readonly reason: ErrorReason;
      readonly message: string;
    };

export interface Validator {
  /**
   * Validates a YAML stream (bytes), or documents. A stream gives one result a document, its `List`s unrolled; of
   * documents each gives one result, in the same order. Fails with a TypeError on documents that are no JSON, with a
   * ReactorError when the program breaks (out of memory); the validator is of no use from then on.
   */
  validate(input: Uint8Array | readonly DocumentInput[]): readonly ValidationResult[];
  /** A validator with other options in the same instance: it costs nothing, and shares compiled schemas. */
  withOptions(options: ValidatorOptions): Validator;
  /** Size of the instance's memory. It never shrinks; replace the instance when it is too large. */
  memoryBytes(): number;
  /** Forgets this validator's schemas. Those made by `withOptions` live on. */
  close(): void;
}
