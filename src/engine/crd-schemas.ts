import type { FieldPath } from "../model/index.ts";
import type { DecodedDocument } from "./decoded-document.ts";

/** One `openAPIV3Schema` of a CustomResourceDefinition, numbers as they were written. */
export interface DeclaredSchema {
  /** Equal for equal schemas of equal definitions. */
  readonly key: string;
  /** Where it stands in the definition. */
  readonly path: FieldPath;
  readonly schema: object;
}

const GROUP = "apiextensions.k8s.io";
/** Below it a converted schema is refused as nested too deep anyway. */
const MAX_DEPTH = 500;

/** All schemas that a document declares, those of versions that are not served too: the API server reads them all. */
export function listCrdSchemas(document: DecodedDocument): readonly DeclaredSchema[] {
  if (!isDefinition(document)) return [];
  const root = parseExactly(document.json);
  const versions = follow(root, ["spec", "versions"]);
  const count = Array.isArray(versions) ? versions.length : 0;
  const places: FieldPath[] = [
    ["spec", "validation", "openAPIV3Schema"],
    ...Array.from({ length: count }, (_, index) => ["spec", "versions", index, "schema", "openAPIV3Schema"]),
  ];
  return places.flatMap((path) => {
    const schema = follow(root, path);
    return isMapping(schema) ? [{ key: `${document.digest} ${path.join(".")}`, path, schema }] : [];
  });
}

/** `<group>/<kind>` that a CustomResourceDefinition defines; undefined for anything else. */
export function readDefinedKind(document: DecodedDocument): string | undefined {
  if (!isDefinition(document)) return undefined;
  const root = parseExactly(document.json);
  const group = follow(root, ["spec", "group"]);
  const kind = follow(root, ["spec", "names", "kind"]);
  return typeof group === "string" && typeof kind === "string" ? `${group}/${kind}` : undefined;
}

function isDefinition({ resource }: DecodedDocument): boolean {
  return resource.group === GROUP && resource.kind === "CustomResourceDefinition";
}

/** The places of a schema that hold a `$ref`, which the API server takes nowhere. */
export function findReferences(schema: unknown, path: FieldPath = []): readonly FieldPath[] {
  if (!isMapping(schema) || path.length > MAX_DEPTH) return [];
  const found: FieldPath[] = Object.hasOwn(schema, "$ref") ? [[...path, "$ref"]] : [];
  for (const keyword of ["items", "additionalProperties", "not"]) {
    found.push(...findReferences(follow(schema, [keyword]), [...path, keyword]));
  }
  for (const keyword of ["properties", "allOf", "anyOf", "oneOf"]) {
    for (const [step, below] of childrenOf(follow(schema, [keyword]))) {
      found.push(...findReferences(below, [...path, keyword, step]));
    }
  }
  return found;
}

/** Bounds of 64-bit integers lose digits as doubles, so numbers keep their text. */
export function parseExactly(text: string): unknown {
  const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown };
  const parse = JSON.parse as (
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ) => unknown;
  return parse(text, (_key, value, { source }) =>
    typeof value === "number" && source !== undefined && !Number.isSafeInteger(value) ? rawJSON(source) : value,
  );
}

function childrenOf(value: unknown): readonly (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) return [...(value as readonly unknown[]).entries()];
  return isMapping(value) ? Object.entries(value) : [];
}

function follow(root: unknown, path: FieldPath): unknown {
  let node = root;
  for (const step of path) {
    if (typeof node !== "object" || node === null || !Object.hasOwn(node, step)) return undefined;
    node = (node as Readonly<Record<string | number, unknown>>)[step];
  }
  return node;
}

function isMapping(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
