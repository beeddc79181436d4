/** A JSON number written exactly as given; never read as a double. */
export class RawNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What can be written. Keys that come from input stand in a Map, so that `__proto__` is a key like any other. */
export type Json =
  null | boolean | number | string | RawNumber | readonly Json[] | ReadonlyMap<string, Json> | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

// Valid inside JSON strings, but acting on a terminal or on the eye: DEL and C1, format characters, line separators.
const HIDDEN = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** JSON with an indent of two spaces, keys in the order given, members that are undefined left out, ASCII controls only. */
export function writeJson(value: Json): string {
  return `${write(value, "\n")}\n`;
}

function write(value: Json, newline: string): string {
  if (value === null || typeof value === "boolean" || typeof value === "number") return JSON.stringify(value);
  if (typeof value === "string") return writeString(value);
  if (value instanceof RawNumber) return value.text;
  const inner = `${newline}  `;
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map((item) => write(item, inner));
    return items.length === 0 ? "[]" : `[${inner}${items.join(`,${inner}`)}${newline}]`;
  }
  const entries =
    value instanceof Map ? [...(value as ReadonlyMap<string, Json>)] : Object.entries(value as JsonObject);
  const members = entries.flatMap(([key, item]) =>
    item === undefined ? [] : [`${writeString(key)}: ${write(item, inner)}`],
  );
  return members.length === 0 ? "{}" : `{${inner}${members.join(`,${inner}`)}${newline}}`;
}

function writeString(text: string): string {
  return JSON.stringify(text).replace(HIDDEN, (character) => {
    // UTF-16 code units, since JSON knows no other escape (RFC 8259 §7).
    return character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join("");
  });
}
