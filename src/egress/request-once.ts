import type { LookupAddress } from "node:dns";
import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { pinAddresses } from "./guarded-lookup.ts";

/** One answer of a server, redirects not followed. */
export type Answer =
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  | { readonly kind: "redirect"; readonly location: string }
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "too-large" }
  | { readonly kind: "encoded"; readonly encoding: string };

export interface RequestBounds {
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/**
 * Asks one address with GET, connecting to `addresses` and to nothing else. Nothing goes along that could identify a
 * user: no cookie, no credentials. Rejects when the server cannot be reached or breaks off, or when the signal says so.
 */
export async function requestOnce(
  url: URL,
  addresses: readonly LookupAddress[],
  { maxBytes, signal }: RequestBounds,
): Promise<Answer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = url.protocol === "https:" ? requestHttps : requestHttp;
    request(url, {
      agent: false,
      // Compressed content could be far larger than it looks.
      headers: { accept: "*/*", "accept-encoding": "identity", "user-agent": "drydock" },
      lookup: pinAddresses(addresses),
      maxHeaderSize: 16 * 1024,
      signal,
    })
      .on("response", resolve)
      .on("error", reject)
      .end();
  });
  try {
    return await readAnswer(response, maxBytes);
  } finally {
    response.destroy();
  }
}

async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<Answer> {
  const { statusCode = 0, headers } = response;
  if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
    return { kind: "redirect", location: headers.location };
  }
  if (statusCode !== 200) return { kind: "status", status: statusCode };
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") return { kind: "encoded", encoding };
  if (Number(headers["content-length"] ?? 0) > maxBytes) return { kind: "too-large" };
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > maxBytes) return { kind: "too-large" };
    pieces.push(piece);
  }
  return { kind: "bytes", bytes: Buffer.concat(pieces) };
}
