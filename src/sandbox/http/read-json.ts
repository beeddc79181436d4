import type { IncomingMessage } from "node:http";

const LARGEST_BODY = 25 * 1024 * 1024;

/** Reads a request's body; `value` is undefined for none. Rejects when it is too large. */
export async function readJson(
  request: IncomingMessage,
): Promise<{ readonly value: unknown; readonly isBroken: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new Error("the request is too large");
    chunks.push(chunk);
  }
  if (size === 0) return { value: undefined, isBroken: false };
  try {
    return { value: JSON.parse(Buffer.concat(chunks).toString("utf8")), isBroken: false };
  } catch {
    return { value: undefined, isBroken: true };
  }
}
