import { createHash } from "node:crypto";

/**
 * JSON that PostgreSQL takes whatever the text in it: `jsonb` and `text` hold neither U+0000 nor half of a surrogate
 * pair, and both can come out of a webhook.
 */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === "string" ? encodeText(part) : part));
}

export function encodeText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

/** The same for equal values whatever the order of their keys: `jsonb` does not keep it. */
export function hashJson(value: unknown): string {
  const sorted = (_key: string, part: unknown): unknown =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : typeof part === "string"
        ? encodeText(part)
        : part;
  return createHash("sha256").update(JSON.stringify(value, sorted)).digest("hex");
}
