import type { IncomingMessage } from "node:http";
import { readBody } from "./read-body.ts";

const LARGEST_BODY = 25 * 1024 * 1024;

/** Reads a request's body; `value` is undefined for none. Rejects when it is too large. */
export async function readJson(
  request: IncomingMessage,
): Promise<{ readonly value: unknown; readonly isBroken: boolean }> {
  const bytes = await readBody(request, LARGEST_BODY);
  if (bytes.length === 0) return { value: undefined, isBroken: false };
  try {
    return { value: JSON.parse(bytes.toString("utf8")), isBroken: false };
  } catch {
    return { value: undefined, isBroken: true };
  }
}
