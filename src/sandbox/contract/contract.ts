import { readFileSync } from "node:fs";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { closeObjects } from "./close-objects.ts";

type Schema = Readonly<Record<string, unknown>> | boolean;

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: Schema;
}

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body?: { readonly required: boolean; readonly schema: Schema };
  /** Status → schema of the body; null where there is none. */
  readonly answers: Readonly<Record<string, Schema | null>>;
}

interface Description {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly schemas: Readonly<Record<string, unknown>>;
}

/** An operation that a request means, with what its path says. */
export interface MatchedOperation {
  readonly id: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** One way in which a request is not what GitHub takes. */
export interface Difference {
  readonly text: string;
  /** GitHub refuses it. What it does not know it ignores, which is why it would go unnoticed. */
  readonly isRefused: boolean;
}

/** GitHub's own description of its REST API, as something to hold requests and answers against. */
export interface Contract {
  /** `path` is as it was sent, without a query; undefined for what is not among the operations in use. */
  match(method: string, path: string): MatchedOperation | undefined;
  /** How a request differs from what GitHub takes; empty when it does not. Anything not described differs. */
  checkRequest(matched: MatchedOperation, query: URLSearchParams, body: unknown): readonly Difference[];
  /** How an answer differs from what GitHub gives. */
  checkAnswer(operationId: string, status: number, body: unknown): readonly string[];
}

/** Given for any operation: conditional requests, and repositories that moved. */
const BODILESS_EVERYWHERE = new Set([304]);
const FORMATS = {
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/u,
  date: /^\d{4}-\d\d-\d\d$/u,
  uri: (text: string): boolean => URL.canParse(text),
  email: /^\S+@\S+$/u,
} as const;

/** Reads one description out of `schemas/github`. Schemas are compiled when they are used first. */
export function openContract(name: "api.github.com" | "ghes-3.17"): Contract {
  const file = new URL(`../../../schemas/github/${name}.json`, import.meta.url);
  const { operations, schemas } = JSON.parse(readFileSync(file, "utf8")) as Description;
  const ajv = new Ajv2020({ allErrors: true, strict: false, formats: FORMATS });
  const described: Record<string, unknown> = { ...schemas };
  for (const [id, operation] of Object.entries(operations)) Object.assign(described, schemasOf(id, operation));
  ajv.addSchema({ $id: "github", schemas: described });
  const routes = Object.entries(operations)
    .map(([id, { method, path }]) => ({ id, method, path, pattern: toPattern(path) }))
    .toSorted((one, other) => countWords(other.path) - countWords(one.path));
  const validate = compileOnce(ajv);
  return {
    match: (method, path) => {
      for (const route of routes) {
        const found = route.method === method ? route.pattern.exec(path) : null;
        if (found !== null) return { id: route.id, parameters: decodeAll(found.groups ?? {}) };
      }
      return undefined;
    },
    checkRequest: ({ id, parameters }, query, body) => {
      const operation = operations[id];
      if (operation === undefined) return [ignored(`${id} is not described`)];
      return [
        ...operation.parameters.flatMap((one) => checkParameter(id, one, parameters, query, validate)).map(ignored),
        ...[...query.keys()]
          .filter((name) => !operation.parameters.some((one) => one.in === "query" && one.name === name))
          .map((name) => ignored(`there is no parameter ${name}`)),
        ...checkBody(id, operation, body, validate),
      ];
    },
    checkAnswer: (id, status, body) => checkAnswer(id, operations[id], status, body, validate),
  };
}

type Validate = (schema: string, value: unknown) => readonly Difference[];

function ignored(text: string): Difference {
  return { text, isRefused: false };
}

/** Parameters, bodies and answers get names among the schemas, so that they can refer to them. */
function schemasOf(id: string, { parameters, body, answers }: Operation): Record<string, unknown> {
  return {
    ...Object.fromEntries(parameters.map((one) => [keyOf(id, one.in, one.name), one.schema])),
    ...(body === undefined ? {} : { [keyOf(id, "body")]: closeObjects(body.schema) }),
    ...Object.fromEntries(Object.entries(answers).map(([status, schema]) => [keyOf(id, status), schema ?? true])),
  };
}

function keyOf(...parts: readonly string[]): string {
  return parts.join("-").replaceAll("/", "-");
}

function compileOnce(ajv: Ajv2020): Validate {
  const compiled = new Map<string, ValidateFunction>();
  return (schema, value) => {
    const check = compiled.get(schema) ?? ajv.compile({ $ref: `github#/schemas/${schema}` });
    compiled.set(schema, check);
    return check(value) ? [] : (check.errors ?? []).slice(0, 20).map(describeError);
  };
}

function describeError({ instancePath, message, params, keyword }: ErrorObject): Difference {
  const text = `${instancePath} ${message ?? ""} ${JSON.stringify(params)}`;
  return { text, isRefused: keyword !== "unevaluatedProperties" };
}

/** `issues/comments` comes before `issues/{issue_number}`: what is named goes before what stands for anything. */
function countWords(path: string): number {
  return path.split("/").filter((part) => part !== "" && !part.startsWith("{")).length;
}

/** Branches, refs and paths may hold slashes, which GitHub takes as they are too. */
function toPattern(path: string): RegExp {
  const source = path.replaceAll(/\{(\w+)\}/gu, (_, name: string) =>
    ["ref", "branch", "path"].includes(name) ? `(?<${name}>.+)` : `(?<${name}>[^/]+)`,
  );
  return new RegExp(`^${source}$`, "u");
}

function decodeAll(groups: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]));
}

function checkParameter(
  id: string,
  parameter: Parameter,
  path: Readonly<Record<string, string>>,
  query: URLSearchParams,
  validate: Validate,
): readonly string[] {
  if (parameter.in === "header") return [];
  const text = parameter.in === "path" ? path[parameter.name] : (query.get(parameter.name) ?? undefined);
  if (text === undefined) return parameter.required ? [`parameter ${parameter.name} is missing`] : [];
  const key = keyOf(id, parameter.in, parameter.name);
  // What stands in an address is text: it fits when it does so in one of the ways it can be read.
  const errors = [...readings(text)].map((reading) => validate(key, reading));
  const isRight = errors.some((found) => found.length === 0);
  return isRight ? [] : (errors[0] ?? []).map(({ text: error }) => `parameter ${parameter.name}:${error}`);
}

function* readings(text: string): Generator {
  yield text;
  if (/^-?\d+$/u.test(text)) yield Number(text);
  if (text === "true" || text === "false") yield text === "true";
}

function checkBody(id: string, operation: Operation, body: unknown, validate: Validate): readonly Difference[] {
  if (operation.body === undefined) return body === undefined || isEmpty(body) ? [] : [ignored("no body is taken")];
  if (body === undefined) return operation.body.required ? [{ text: "the body is missing", isRefused: true }] : [];
  return validate(keyOf(id, "body"), body).map((error) => ({ ...error, text: `body${error.text}` }));
}

/** Clients send `{}` with a POST that has nothing to say. */
function isEmpty(body: unknown): boolean {
  return typeof body === "object" && body !== null && Object.keys(body).length === 0;
}

function checkAnswer(
  id: string,
  operation: Operation | undefined,
  status: number,
  body: unknown,
  validate: Validate,
): readonly string[] {
  if (BODILESS_EVERYWHERE.has(status)) return body === undefined ? [] : [`${status} has no body`];
  const schema = operation?.answers[String(status)];
  if (schema === undefined) return status >= 300 ? checkError(body) : [`${status} is not described`];
  if (schema === null) return body === undefined || status >= 300 ? [] : [`${status} has no body`];
  return validate(keyOf(id, String(status)), body).map(({ text }) => text);
}

/** Most refusals (401, 403, 404, 429, 5xx) are described nowhere; all of them have a message. */
function checkError(body: unknown): readonly string[] {
  const hasMessage = typeof body === "object" && body !== null && "message" in body && typeof body.message === "string";
  return hasMessage ? [] : ["an error has no message"];
}
