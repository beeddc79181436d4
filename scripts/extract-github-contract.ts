/**
 * Makes `schemas/github/*.json` from GitHub's own OpenAPI description, the npm package `@octokit/openapi`, which is too
 * large to be installed with the others: the operations that `src/sandbox/contract/operation-ids.ts` lists, with the
 * schemas they lead to, without descriptions and examples, one operation or schema a line.
 *
 *   sh scripts/node.sh scripts/extract-github-contract.ts PACKAGE [OUTPUT]
 *
 * PACKAGE is the directory of the unpacked package; `scripts/compare-github-contract.sh` fetches it and compares.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OPERATION_IDS } from "../src/sandbox/contract/operation-ids.ts";

type Json = null | boolean | number | string | readonly Json[] | JsonObject;
interface JsonObject {
  readonly [key: string]: Json;
}

/** github.com, and the oldest GitHub Enterprise Server that the package still describes. */
const SOURCES = ["api.github.com", "ghes-3.17"] as const;
const OUTPUT = join(import.meta.dirname, "..", "schemas", "github");

/** Words for people, and what no validator reads. */
const DROPPED = new Set(["description", "example", "examples", "title", "default", "readOnly", "deprecated"]);
/** Those that are checked; the others say how a number is stored. */
const FORMATS = new Set(["date-time", "date", "uri", "email"]);

function main(source: string, output: string): void {
  const { version } = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as { version: string };
  mkdirSync(output, { recursive: true });
  for (const name of SOURCES) {
    const text = readFileSync(join(source, "generated", `${name}.json`), "utf8");
    writeFileSync(join(output, `${name}.json`), printContract(version, JSON.parse(text) as JsonObject));
  }
}

function printContract(version: string, document: JsonObject): string {
  const operations = new Map<string, JsonObject>();
  for (const [path, methods] of entriesOf(document["paths"])) {
    for (const [method, operation] of entriesOf(methods)) {
      const id = at(operation, "operationId");
      if (typeof id === "string") operations.set(id, { method: method.toUpperCase(), path, ...asObject(operation) });
    }
  }
  const wanted = OPERATION_IDS.map((id): [string, JsonObject] => {
    const operation = operations.get(id);
    if (operation === undefined) throw new Error(`${id} is not in the description`);
    return [id, extractOperation(document, operation)];
  });
  const schemas = reachableSchemas(
    document,
    wanted.map(([, operation]) => operation),
  );
  return `{\n"version": ${JSON.stringify(version)},\n"operations": {\n${printLines(wanted)}\n},\n"schemas": {\n${printLines(schemas)}\n}\n}\n`;
}

function printLines(entries: readonly (readonly [string, Json])[]): string {
  return entries.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(",\n");
}

/**
 * Where the description contradicts itself: an account in this list would have to be a user and an enterprise at once,
 * while the same installation got alone is described as GitHub gives it.
 */
const CORRECTIONS: ReadonlyMap<Json | undefined, Json> = new Map([
  ["apps/list-installations", { type: "array", items: { $ref: "#/components/schemas/installation" } }],
]);

function extractOperation(document: JsonObject, operation: JsonObject): JsonObject {
  const parameters = asArray(operation["parameters"])
    .map((parameter) => asObject(follow(document, parameter)))
    .map(({ name = "", in: place = "", required = false, schema = {} }) => ({
      name,
      in: place,
      required,
      schema: convert(schema),
    }));
  const body = follow(document, operation["requestBody"] ?? null);
  const answers = entriesOf(operation["responses"]).map(([status, answer]): [string, Json] => {
    const described = jsonSchemaOf(follow(document, answer));
    const schema = status === "200" ? (CORRECTIONS.get(operation["operationId"]) ?? described) : described;
    return [status, schema === undefined ? null : convert(schema)];
  });
  const schema = jsonSchemaOf(body);
  return {
    method: operation["method"] ?? "",
    path: operation["path"] ?? "",
    parameters,
    ...(schema === undefined ? {} : { body: { required: at(body, "required") === true, schema: convert(schema) } }),
    answers: Object.fromEntries(answers),
  };
}

/** The schema of a JSON body, whatever its exact media type; undefined when there is none. */
function jsonSchemaOf(holder: Json): Json | undefined {
  const types = entriesOf(at(holder, "content"));
  const [, content] =
    types.find(([type]) => type === "application/json") ?? types.find(([type]) => type.endsWith("json")) ?? [];
  return at(content, "schema");
}

/** All schemas that these values refer to, and those that they refer to in turn, by name. */
function reachableSchemas(document: JsonObject, from: readonly Json[]): [string, Json][] {
  const all = asObject(at(document["components"], "schemas"));
  const found = new Map<string, Json>();
  const visit = (value: Json): void => {
    for (const [, name = ""] of JSON.stringify(value).matchAll(/"#\/schemas\/([^"]+)"/gu)) {
      if (found.has(name)) continue;
      const schema = convert(all[name] ?? null);
      found.set(name, schema);
      visit(schema);
    }
  };
  from.forEach(visit);
  return [...found].toSorted(([one], [other]) => (one < other ? -1 : 1));
}

/**
 * OpenAPI 3.0 → JSON Schema. `oneOf` becomes `anyOf`: GitHub's alternatives overlap, and one that fits is enough.
 */
function convert(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(convert);
  if (schema === null || typeof schema !== "object") return schema;
  const { $ref } = asObject(schema);
  if (typeof $ref === "string") return { $ref: $ref.replace("#/components/schemas/", "#/schemas/") };
  const { nullable, ...rest } = asObject(schema);
  const converted: Record<string, Json> = {};
  for (const [key, value] of Object.entries(rest)) {
    if (DROPPED.has(key) || key.startsWith("x-") || key === "discriminator" || key === "externalDocs") continue;
    if (key === "format" && !(typeof value === "string" && FORMATS.has(value))) continue;
    if (key === "properties") converted[key] = convertProperties(value);
    else if (key === "oneOf") converted["anyOf"] = convert(value);
    else converted[key] = key === "enum" || key === "required" ? value : convert(value);
  }
  return nullable === true ? allowNull(converted) : converted;
}

/** Names of properties are not keywords: one of them may be called `description`. */
function convertProperties(properties: Json): Json {
  return Object.fromEntries(entriesOf(properties).map(([name, schema]) => [name, convert(schema)]));
}

function allowNull(schema: JsonObject): Json {
  if (typeof schema["type"] !== "string") {
    return Object.keys(schema).length === 0 ? {} : { anyOf: [schema, { type: "null" }] };
  }
  const values = schema["enum"];
  const widened = Array.isArray(values) && !values.includes(null) ? { enum: [...(values as Json[]), null] } : {};
  return { ...schema, type: [schema["type"], "null"], ...widened };
}

function follow(document: JsonObject, value: Json): Json {
  const $ref = at(value, "$ref");
  if (typeof $ref !== "string") return value;
  let found: Json | undefined = document;
  for (const key of $ref.slice(2).split("/")) found = at(found, key);
  return found ?? null;
}

function at(value: Json | undefined, key: string): Json | undefined {
  return asObject(value)[key];
}

function asObject(value: Json | undefined): JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as JsonObject) : {};
}

function asArray(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function entriesOf(value: Json | undefined): [string, Json][] {
  return Object.entries(asObject(value));
}

const [source, output = OUTPUT] = process.argv.slice(2);
if (source === undefined) throw new Error("which directory holds the unpacked @octokit/openapi?");
main(source, output);
