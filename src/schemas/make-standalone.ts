import type { Definitions, OpenApiNode } from "./open-api.ts";

/** A JSON schema as draft 4 reads it. */
type Schema = { readonly [keyword: string]: unknown };

/**
 * What `resource.ParseQuantity` of apimachinery accepts, surrounding blanks included. Exported so that a message can
 * say "not a quantity" rather than quote the pattern.
 */
export const QUANTITY_PATTERN =
  "^\\s*[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?\\s*$";

const INT32 = { minimum: -2147483648, maximum: 2147483647 };

/** Types that JSON writes in a way that the OpenAPI's `type` does not tell. */
const WRITTEN_AS = new Map<string, Schema>([
  ["apimachinery.pkg.api.resource.Quantity", { type: ["string", "number"], pattern: QUANTITY_PATTERN }],
  ["apimachinery.pkg.util.intstr.IntOrString", { type: ["string", "integer"], ...INT32 }],
]);

const CRD = "apiextensions-apiserver.pkg.apis.apiextensions.v1.";
const PROPS = `${CRD}JSONSchemaProps`;

/**
 * Makes the strict, self-contained draft 4 schema of one kind. Unknown fields are refused. A null is accepted exactly
 * where leaving the field out would be, because the API server reads both as the zero value; in a list or map, where
 * the zero value lacks no required field. Fields that `status` requires are not asked for: the API server drops the
 * status of what is applied. Holds only the definitions that the kind reaches.
 */
export function makeStandalone(definitions: Definitions, root: string, apiVersion: string, kind: string): string {
  const node = definitions.get(root) ?? {};
  const reached = new Map<string, Schema>();
  const lenient = node.properties?.["status"]?.$ref;
  const maker = new SchemaMaker(definitions, reached, lenient);
  const schema = maker.object(node, "object");
  const properties = {
    ...(schema["properties"] as Record<string, Schema>),
    apiVersion: { enum: [apiVersion] },
    kind: { enum: [kind] },
  };
  const required = [...new Set(["apiVersion", "kind", ...(node.required ?? [])])];
  return JSON.stringify({ ...schema, properties, required, definitions: Object.fromEntries(reached) });
}

class SchemaMaker {
  readonly #definitions: Definitions;
  readonly #reached: Map<string, Schema>;
  readonly #lenient: string | undefined;

  constructor(definitions: Definitions, reached: Map<string, Schema>, lenient: string | undefined) {
    this.#definitions = definitions;
    this.#reached = reached;
    this.#lenient = lenient;
  }

  object(node: OpenApiNode, type: unknown, isLenient = false): Schema {
    const required = isLenient ? [] : (node.required ?? []);
    const properties = Object.entries(node.properties ?? {}).map(([name, property]) => [
      name,
      this.#node(property, !required.includes(name)),
    ]);
    return {
      ...(type === undefined ? {} : { type }),
      properties: Object.fromEntries(properties) as Record<string, Schema>,
      ...(required.length === 0 ? {} : { required }),
      additionalProperties: false,
    };
  }

  #node(node: OpenApiNode, isNullable: boolean): Schema {
    if (node.$ref !== undefined) return this.#reference(node.$ref, isNullable);
    if (node.type === undefined) return {};
    const kept: Record<string, unknown> = { type: isNullable ? [node.type, "null"] : node.type };
    if (node.format === "int32") Object.assign(kept, INT32);
    else if (node.type === "string" && node.format !== undefined) kept["format"] = node.format;
    if (node.items) kept["items"] = this.#node(node.items, this.#isZeroAllowed(node.items));
    if (node.additionalProperties) {
      kept["additionalProperties"] = this.#node(node.additionalProperties, this.#isZeroAllowed(node.additionalProperties));
    }
    return kept;
  }

  #isZeroAllowed(node: OpenApiNode): boolean {
    const target = node.$ref === undefined ? node : this.#definitions.get(node.$ref);
    return (target?.required ?? []).length === 0;
  }

  #reference(name: string, isNullable: boolean): Schema {
    const written = WRITTEN_AS.get(name);
    if (written) return isNullable ? { ...written, type: [...(written["type"] as string[]), "null"] } : written;
    if (name.startsWith(PROPS)) return this.#schemaProps(name.slice(PROPS.length), isNullable);
    const target = this.#definitions.get(name) ?? {};
    if (target.properties === undefined) return this.#node(target, isNullable);
    const reference = this.#reach(name, target, ["object", "null"]);
    // Siblings of `$ref` are ignored in draft 4, so a reference that refuses null needs a schema around it.
    return isNullable ? reference : { type: "object", allOf: [reference] };
  }

  #reach(name: string, target: OpenApiNode, type: unknown): Schema {
    if (!this.#reached.has(name)) {
      this.#reached.set(name, {}); // reserves the name: definitions may refer to themselves
      this.#reached.set(name, this.object(target, type, name === this.#lenient));
    }
    return { $ref: `#/definitions/${name}` };
  }

  /** A schema inside a CRD, or one of the three unions (`OrBool`, …) whose other half the OpenAPI cannot express. */
  #schemaProps(union: string, isNullable: boolean): Schema {
    const reference = this.#reach(PROPS, this.#definitions.get(PROPS) ?? {}, undefined);
    const other = union === "" ? [] : [union === "OrBool" ? "boolean" : "array"];
    const items =
      union === "OrArray"
        ? { items: { type: "object", allOf: [reference] } }
        : union === "OrStringArray"
          ? { items: { type: "string" } }
          : {};
    return { type: ["object", ...other, ...(isNullable ? ["null"] : [])], allOf: [reference], ...items };
  }
}
