import { CORE_SCHEMA, load, loadAll, mergeTag, realMapTag } from "js-yaml";

/** Longer texts are not parsed in discovery: what matters about them is seen by their lines. */
export const MAX_PARSED_LENGTH = 1024 * 1024;

// Aliases share what they stand for, so a bomb costs nothing until somebody walks it; nobody here walks deep.
const OPTIONS = { schema: CORE_SCHEMA.withTags(mergeTag, realMapTag), json: true, maxDepth: 100, maxAliases: 1000 };

/** One YAML document as a value; undefined when it cannot be read or is too long. Mappings are `Map`s. Never throws. */
export function parseYaml(text: string): unknown {
  if (text.length > MAX_PARSED_LENGTH) return undefined;
  try {
    return load(text, OPTIONS);
  } catch {
    return undefined;
  }
}

/** All documents of a YAML text; undefined when they cannot be read or are too long. Never throws. */
export function parseYamlDocuments(text: string): readonly unknown[] | undefined {
  if (text.length > MAX_PARSED_LENGTH) return undefined;
  try {
    return loadAll(text, OPTIONS);
  } catch {
    return undefined;
  }
}

/** The value of a key of a parsed mapping (of YAML or of JSON); undefined for everything else. */
export function field(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (current instanceof Map) current = current.get(key);
    else if (typeof current === "object" && current !== null && Object.hasOwn(current, key)) {
      current = (current as Record<string, unknown>)[key];
    } else return undefined;
  }
  return current;
}

export function isMapping(value: unknown): boolean {
  return value instanceof Map || (typeof value === "object" && value !== null && !Array.isArray(value));
}

export function text(value: unknown): string {
  return typeof value === "string" && value.length <= 1024 ? value : "";
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
