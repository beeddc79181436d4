import { z } from "zod";
import { nearestName } from "./nearest-name.ts";
import { quoteText, readYaml } from "./read-yaml.ts";
import type { Position, YamlEntry, YamlNode } from "./read-yaml.ts";

/** Something in a file that keeps it from being used, or (as a notice) that should be changed some day. */
export interface ConfigProblem {
  readonly message: string;
  readonly line: number;
  readonly column: number;
  /** Keys and list indexes from the root of the file, empty for the file as a whole. */
  readonly path: readonly (string | number)[];
}

export type DocumentReading<Value> =
  | { readonly kind: "read"; readonly value: Value }
  | { readonly kind: "invalid"; readonly problems: readonly ConfigProblem[] };

/** Reads a YAML or JSON document as a schema has it. Every problem says its line and the nearest known name. */
export function readDocument<Value>(text: string, schema: z.ZodType<Value>): DocumentReading<Value> {
  const yaml = readYaml(text.replace(/^\ufeff/u, ""));
  if (yaml.kind === "read") return parseNode(yaml.root, schema);
  return { kind: "invalid", problems: yaml.problems.map(({ message, at }) => ({ message, ...at, path: [] })) };
}

/** The values of a document as a schema has them, or everything that is wrong with them, each with its place. */
export function parseNode<Value>(root: YamlNode, schema: z.ZodType<Value>): DocumentReading<Value> {
  const knownKeys = new Map<string, readonly string[]>();
  const parsed = schema.safeParse(toPlainValue(root), {
    error: (issue) => {
      if (issue.code === "unrecognized_keys" && issue.inst instanceof z.ZodObject) {
        knownKeys.set(JSON.stringify(issue.path ?? []), Object.keys(issue.inst.shape));
      }
      return describeIssue(issue);
    },
  });
  if (parsed.success) return { kind: "read", value: parsed.data };
  const problems = parsed.error.issues.flatMap(withoutUnions).flatMap((issue): ConfigProblem[] => {
    const path = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
    if (issue.code === "unrecognized_keys") {
      const known = knownKeys.get(JSON.stringify(path)) ?? [];
      return issue.keys.map((key) => unknownKeyProblem(root, path, key, known));
    }
    const message = path.length > 0 ? `${formatPath(path)}: ${issue.message}` : issue.message;
    return [{ message, ...placeOf(root, path), path }];
  });
  return { kind: "invalid", problems };
}

/** Of a value that may have several shapes, what is wrong with the one that comes nearest. */
function withoutUnions(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== "invalid_union") return [issue];
  const isOfShape = (issues: readonly z.core.$ZodIssue[]): boolean =>
    issues.every(({ code, path }) => path.length > 0 || (code !== "invalid_type" && code !== "invalid_value"));
  const nearest = issue.errors.find(isOfShape) ?? issue.errors[0] ?? [];
  return nearest.flatMap((one) => withoutUnions({ ...one, path: [...issue.path, ...one.path] }));
}

function unknownKeyProblem(
  root: YamlNode,
  path: readonly (string | number)[],
  key: string,
  known: readonly string[],
): ConfigProblem {
  const nearest = nearestName(key, known);
  const where = path.length > 0 ? ` in ${formatPath(path)}` : "";
  const hint = nearest === undefined ? `known keys are ${known.join(", ")}` : `did you mean ${nearest}?`;
  const keyPath = [...path, key];
  return { message: `unknown key ${quoteText(key)}${where}; ${hint}`, ...keyPlace(root, keyPath), path: keyPath };
}

/** One sentence for an issue of the schema; undefined leaves zod's own words. */
function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_value":
      return describeInvalidValue(issue.input, issue.values.map(String));
    case "invalid_type":
      return issue.input === undefined
        ? `this key is missing`
        : `expected ${nameType(issue.expected)}, found ${nameValue(issue.input)}`;
    case "too_small":
      return `expected at least ${issue.minimum}${issue.origin === "string" ? " character" : ""}`;
    case "too_big":
      return `expected at most ${issue.maximum}${issue.origin === "string" ? " characters" : ""}`;
    default:
      return undefined;
  }
}

function describeInvalidValue(input: unknown, values: readonly string[]): string {
  if (input === undefined) return `this key is missing; expected ${values.join(" or ")}`;
  const nearest = typeof input === "string" ? nearestName(input, values) : undefined;
  const hint = nearest === undefined ? "" : `did you mean ${nearest}? `;
  return `${nameValue(input)} is not known here; ${hint}expected ${values.join(", ")}`.replace(
    "? expected",
    "? Expected",
  );
}

function nameType(expected: string): string {
  const names: Readonly<Record<string, string>> = {
    array: "a list",
    object: "a mapping",
    record: "a mapping",
    string: "a string",
    boolean: "true or false",
    int: "a whole number",
    number: "a whole number",
  };
  return names[expected] ?? expected;
}

function nameValue(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  if (typeof value === "string") return quoteText(value);
  return typeof value === "number" ? `the number ${value}` : JSON.stringify(value);
}

/** A path as people write it: `apps[2].kind`. */
export function formatPath(path: readonly (string | number)[]): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += (text === "" ? "" : ".") + (/^[\w.-]{1,60}$/.test(step) ? step : quoteText(step));
  }
  return text;
}

function toPlainValue(node: YamlNode): unknown {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "sequence":
      return node.items.map(toPlainValue);
    case "mapping": {
      const plain: Record<string, unknown> = {};
      // `__proto__` was refused when the document was read.
      for (const [key, entry] of node.entries) plain[key] = toPlainValue(entry.value);
      return plain;
    }
  }
}

function entryAt(root: YamlNode, path: readonly (string | number)[]): YamlEntry {
  let entry: YamlEntry = { at: root.at, value: root };
  for (const step of path) {
    const next = stepInto(entry.value, step);
    if (next === undefined) break;
    entry = next;
  }
  return entry;
}

function stepInto(node: YamlNode, step: string | number): YamlEntry | undefined {
  if (node.kind === "mapping") return node.entries.get(String(step));
  if (node.kind !== "sequence" || typeof step !== "number") return undefined;
  const item = node.items[step];
  return item && { at: item.at, value: item };
}

/** Where the value at `path` stands, or the nearest thing around it that exists. */
export function placeOf(root: YamlNode, path: readonly (string | number)[]): Position {
  return entryAt(root, path).value.at;
}

export function keyPlace(root: YamlNode, path: readonly (string | number)[]): Position {
  return entryAt(root, path).at;
}
