import type { IncomingMessage } from "node:http";

const LARGEST_BODY = 65_536;

/** The fields of a form or of a flat JSON object; empty for anything else. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= LARGEST_BODY) chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  if (!String(request.headers["content-type"]).includes("json")) return new URLSearchParams(text);
  try {
    const value: unknown = JSON.parse(text);
    const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
    return new URLSearchParams(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  } catch {
    return new URLSearchParams();
  }
}
