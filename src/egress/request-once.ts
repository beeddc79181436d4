import type { LookupAddress } from "node:dns";
import { Agent as HttpAgent, request as requestHttp, type IncomingMessage, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
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
  /** After this the signal says so at the latest. */
  readonly milliseconds: number;
}

/** Addresses that have been looked at, or the proxy that connects in our place. */
export type Way = { readonly addresses: readonly LookupAddress[] } | { readonly proxy: string };

/**
 * Asks one address with GET, connecting to the addresses or the proxy of `way` and to nothing else. Nothing goes along that could identify a
 * user: no cookie, no credentials. Rejects when the server cannot be reached or breaks off, or when the signal says so.
 */
export async function requestOnce(
  url: URL,
  way: Way,
  { maxBytes, signal, milliseconds }: RequestBounds,
): Promise<Answer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = url.protocol === "https:" ? requestHttps : requestHttp;
    request(url, {
      ...connectBy(way, url, milliseconds),
      // Compressed content could be far larger than it looks.
      headers: { accept: "*/*", "accept-encoding": "identity", "user-agent": "drydock" },
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

/** Node's own proxy support (TLS goes through a tunnel), told of the one proxy and of no exception. */
function connectBy(way: Way, { protocol }: URL, milliseconds: number): RequestOptions {
  if ("addresses" in way) return { agent: false, lookup: pinAddresses(way.addresses) };
  const options = { keepAlive: false, proxyEnv: { HTTPS_PROXY: way.proxy, HTTP_PROXY: way.proxy } };
  const agent = protocol === "https:" ? new HttpsAgent(options) : new HttpAgent(options);
  // A signal does not end the wait for a tunnel.
  return { agent, timeout: milliseconds };
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
