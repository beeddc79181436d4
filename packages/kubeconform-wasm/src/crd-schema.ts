/** A JSON schema of draft 4. Mappings have no prototype, so that a field named `__proto__` is one like any other. */
export interface JsonSchema {
  [keyword: string]: unknown;
}

export interface CrdSchemaOptions {
  /** Whether fields that the schema does not name are errors, as they are for `kubectl apply`. */
  readonly strict: boolean;
}

/**
 * Turns the `openAPIV3Schema` of one version of a CustomResourceDefinition into a JSON schema of whole objects of that
 * kind. Follows what the API server does with a structural schema: unknown fields are pruned (`strict` makes them
 * errors) unless `x-kubernetes-preserve-unknown-fields` says otherwise, `apiVersion`, `kind` and `metadata` are always
 * there and have their usual form, `status` may hold anything, a null is taken where the schema says `nullable` or has
 * a default in its place. CEL rules, and list maps with equal keys, are not expressed. Takes anything: what is no schema is left out. Fails
 * with a RangeError when the schema is nested deeper than 500 levels.
 */
export function crdSchema(openAPIV3Schema: unknown, options: CrdSchemaOptions): JsonSchema {
  const converter = new Converter(options.strict);
  return converter.convert(withOpenStatus(withObjectFields(asSchema(openAPIV3Schema) ?? {})), 0);
}

type Source = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 500;

/** Keywords whose meaning is the same in draft 4. */
const KEPT = [
  "pattern",
  "minimum",
  "maximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "uniqueItems",
  "minProperties",
  "maxProperties",
] as const;

/**
 * Formats that the API server and JSON Schema understand alike. The API server takes more than JSON Schema does for
 * others (`uri` may be a mere path), which would make errors of objects that it accepts.
 */
const FORMATS: ReadonlySet<unknown> = new Set(["date", "date-time", "duration", "ipv4", "ipv6", "uuid"]);

const COMBINATORS = ["allOf", "anyOf", "oneOf"] as const;

class Converter {
  readonly #strict: boolean;

  constructor(strict: boolean) {
    this.#strict = strict;
  }

  /** A node of the structural part, which says which fields there are. */
  convert(source: Source, depth: number): JsonSchema {
    if (depth > MAX_DEPTH) throw new RangeError("the schema is nested too deep");
    if (source["x-kubernetes-embedded-resource"] === true) {
      return this.convert({ ...withObjectFields(source), "x-kubernetes-embedded-resource": false }, depth);
    }
    const schema = this.#constraints(source, depth);
    const types = typesOf(source);
    if (types !== undefined) schema["type"] = types.length === 1 ? types[0] : types;
    if (this.#isClosed(source)) schema["additionalProperties"] = false;
    return schema;
  }

  /** Everything but the type, which is all that a node below allOf, anyOf, oneOf or not may say. */
  #constraints(source: Source, depth: number): JsonSchema {
    if (depth > MAX_DEPTH) throw new RangeError("the schema is nested too deep");
    const schema = Object.create(null) as JsonSchema;
    for (const keyword of KEPT) if (source[keyword] !== undefined) schema[keyword] = source[keyword];
    if (FORMATS.has(source["format"])) schema["format"] = source["format"];
    addLists(schema, source);
    // Draft 4 knows these only beside the bound that they sharpen; the API server passes over them without it.
    if (source["minimum"] !== undefined) keep(schema, source, "exclusiveMinimum");
    if (source["maximum"] !== undefined) keep(schema, source, "exclusiveMaximum");
    if (source["x-kubernetes-list-type"] === "set") schema["uniqueItems"] = true;
    this.#addChildren(schema, source, depth);
    this.#addCombinators(schema, source, depth);
    return schema;
  }

  #addChildren(schema: JsonSchema, source: Source, depth: number): void {
    const properties = asSchema(source["properties"]);
    if (properties !== undefined) {
      const converted = Object.create(null) as JsonSchema;
      for (const [name, property] of Object.entries(properties)) {
        converted[name] = this.convert(asSchema(property) ?? {}, depth + 1);
      }
      schema["properties"] = converted;
    }
    const items = asSchema(source["items"]);
    if (items !== undefined) schema["items"] = this.convert(items, depth + 1);
    const additional = asSchema(source["additionalProperties"]);
    if (additional !== undefined) schema["additionalProperties"] = this.convert(additional, depth + 1);
  }

  #addCombinators(schema: JsonSchema, source: Source, depth: number): void {
    for (const keyword of COMBINATORS) {
      const branches = source[keyword];
      if (!Array.isArray(branches) || branches.length === 0) continue;
      if (keyword === "anyOf" && source["x-kubernetes-int-or-string"] === true) continue;
      schema[keyword] = branches.map((branch: unknown) => this.#value(asSchema(branch) ?? {}, depth + 1));
    }
    const not = asSchema(source["not"]);
    if (not !== undefined) schema["not"] = this.#value(not, depth + 1);
  }

  /** A node that constrains values and names no fields of its own: it closes nothing. */
  #value(source: Source, depth: number): JsonSchema {
    const open = new Converter(false);
    const schema = open.#constraints(source, depth);
    // Only the pattern of int-or-string may name types here.
    if (typeof source["type"] === "string") schema["type"] = source["type"];
    return schema;
  }

  /** A field that nothing names is pruned, also from an object without any properties. */
  #isClosed(source: Source): boolean {
    if (!this.#strict || source["x-kubernetes-preserve-unknown-fields"] === true) return false;
    const additional = source["additionalProperties"];
    if (additional !== undefined && additional !== false) return false;
    return source["type"] === "object" || asSchema(source["properties"]) !== undefined;
  }
}

/** Draft 4 wants lists without repetition that hold something; the API server takes any, and an empty one for none. */
function addLists(schema: JsonSchema, source: Source): void {
  const values = source["enum"];
  if (Array.isArray(values) && values.length > 0) {
    schema["enum"] = distinct(isNullable(source) ? [...(values as unknown[]), null] : values);
  }
  const required = source["required"];
  if (!Array.isArray(required)) keep(schema, source, "required");
  else if (required.length > 0) schema["required"] = distinct(required);
}

function distinct(values: readonly unknown[]): unknown[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

function keep(schema: JsonSchema, source: Source, keyword: string): void {
  if (source[keyword] !== undefined) schema[keyword] = source[keyword];
}

/** Undefined where any type is allowed. */
function typesOf(source: Source): string[] | undefined {
  const isIntOrString = source["x-kubernetes-int-or-string"] === true;
  const named = isIntOrString ? ["integer", "string"] : typeof source["type"] === "string" ? [source["type"]] : [];
  if (named.length === 0) return undefined;
  return isNullable(source) ? [...named, "null"] : named;
}

/** The API server drops a null that has a default, and puts that in its place. */
function isNullable(source: Source): boolean {
  return source["nullable"] === true || (source["default"] !== undefined && source["default"] !== null);
}

/** Lays the fields that every object has under those that the schema names; what it says of the name is kept. */
function withObjectFields(source: Source): Source {
  const properties = asSchema(source["properties"]) ?? {};
  const merged: Record<string, unknown> = Object.assign(Object.create(null) as Source, properties);
  merged["apiVersion"] = { type: "string" };
  merged["kind"] = { type: "string" };
  merged["metadata"] = metadataSchema(asSchema(properties["metadata"]));
  const required = Array.isArray(source["required"]) ? (source["required"] as unknown[]) : [];
  return { ...source, type: "object", properties: merged, required: [...new Set(["apiVersion", "kind", ...required])] };
}

/** The API server drops the status of what is applied where it is a subresource, which it nearly always is. */
function withOpenStatus(source: Source): Source {
  const properties = asSchema(source["properties"]) ?? {};
  if (properties["status"] === undefined) return source;
  const opened = Object.assign(Object.create(null) as Record<string, unknown>, properties, { status: {} });
  const required = (source["required"] as unknown[]).filter((name) => name !== "status");
  return { ...source, properties: opened, required };
}

/** A CRD may constrain the name and nothing else of the metadata. */
function metadataSchema(constraints: Source | undefined): Source {
  const named = asSchema(constraints?.["properties"]) ?? {};
  const properties = { ...METADATA_PROPERTIES };
  for (const field of ["name", "generateName"] as const) {
    const constraint = asSchema(named[field]);
    if (constraint !== undefined) properties[field] = { ...constraint, type: "string" };
  }
  return { type: "object", properties };
}

const TEXT = { type: "string" };
const OPTIONAL_TEXT = { type: "string", nullable: true };
const TEXTS_BY_KEY = { type: "object", nullable: true, additionalProperties: OPTIONAL_TEXT };
const TIME = { type: "string", format: "date-time", nullable: true };

/** ObjectMeta of `meta/v1`. A null is what the API server takes for leaving the field out. */
const METADATA_PROPERTIES: Readonly<Record<string, Source>> = {
  name: OPTIONAL_TEXT,
  generateName: OPTIONAL_TEXT,
  namespace: OPTIONAL_TEXT,
  labels: TEXTS_BY_KEY,
  annotations: TEXTS_BY_KEY,
  finalizers: { type: "array", nullable: true, items: TEXT },
  ownerReferences: {
    type: "array",
    nullable: true,
    items: {
      type: "object",
      required: ["apiVersion", "kind", "name", "uid"],
      properties: {
        apiVersion: TEXT,
        kind: TEXT,
        name: TEXT,
        uid: TEXT,
        controller: { type: "boolean", nullable: true },
        blockOwnerDeletion: { type: "boolean", nullable: true },
      },
    },
  },
  creationTimestamp: TIME,
  deletionTimestamp: TIME,
  deletionGracePeriodSeconds: { type: "integer", nullable: true },
  generation: { type: "integer", nullable: true },
  managedFields: {
    type: "array",
    nullable: true,
    items: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  },
  resourceVersion: OPTIONAL_TEXT,
  selfLink: OPTIONAL_TEXT,
  uid: OPTIONAL_TEXT,
};

/** Undefined for what is no mapping. */
function asSchema(value: unknown): Source | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Source) : undefined;
}
