import { Agent as HttpAgent, request as requestHttp, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { getCACertificates } from "node:tls";
import { createGunzip } from "node:zlib";
import type { Readable } from "node:stream";

/** How GitHub is reached: through which proxy, and whose certificates count. */
export interface HttpWay {
  /** The proxy that an address is asked through, undefined for none. What it throws is why an address is not asked. */
  readonly proxyOf?: ((url: URL) => string | undefined) | undefined;
  /** Further certificate authorities, PEM. */
  readonly extraCa?: string | undefined;
}

/** What octokit asks of a `fetch`. Redirects are not followed. */
export interface FetchRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | null | undefined;
}

export type HttpFetch = (url: string, request?: FetchRequest) => Promise<Response>;

/** Bytes of one answer, unpacked. A page of 100 pull requests is about 2 MiB. */
const MAX_BYTES = 32 * 1024 * 1024;
/** Milliseconds without a byte; a signal alone does not end the wait for a proxy's tunnel. */
const IDLE = 30_000;
/** GitHub asks for no more than 100 requests at once. */
const MAX_SOCKETS = 32;
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * A `fetch` for GitHub's API that goes through the configured proxy and knows the configured certificate authorities.
 * Node's own `fetch` takes both from the environment of the process alone, when it starts. Rejects when GitHub cannot
 * be reached, breaks off or sends more than 32 MiB.
 */
export function createFetch({ proxyOf, extraCa }: HttpWay = {}): HttpFetch {
  const agentOf = createAgents(extraCa);
  return async (url, { method = "GET", headers = {}, body, signal } = {}) => {
    const address = new URL(url);
    const agent = agentOf(address, proxyOf?.(address));
    const send = address.protocol === "https:" ? requestHttps : requestHttp;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = send(url, {
        agent,
        method,
        headers: { ...headers, "accept-encoding": "gzip", ...lengthOf(method, body) },
        timeout: IDLE,
        ...(signal == null ? {} : { signal }),
      });
      request
        .on("response", resolve)
        .on("timeout", () => request.destroy(new Error("nothing came for 30 s")))
        .on("error", reject)
        .end(body);
    });
    return await readResponse(response);
  };
}

/** One agent for each way: connections are kept, and each goes through the proxy it was opened for. */
function createAgents(extraCa: string | undefined): (address: URL, proxy: string | undefined) => HttpAgent {
  const known = new Map<string, HttpAgent>();
  return ({ protocol }, proxy) => {
    const key = `${protocol} ${proxy ?? ""}`;
    const agent = known.get(key) ?? createAgent(protocol, proxy, extraCa);
    known.set(key, agent);
    return agent;
  };
}

function createAgent(protocol: string, proxy: string | undefined, extraCa: string | undefined): HttpAgent {
  const options = {
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    ...(proxy === undefined ? {} : { proxyEnv: { HTTPS_PROXY: proxy, HTTP_PROXY: proxy } }),
  };
  if (protocol !== "https:") return new HttpAgent(options);
  const ca = extraCa === undefined ? {} : { ca: [...getCACertificates("default"), extraCa] };
  return new HttpsAgent({ ...options, ...ca });
}

function lengthOf(method: string, body: string | undefined): Record<string, string> {
  if (body !== undefined) return { "content-length": String(Buffer.byteLength(body)) };
  return method === "GET" || method === "HEAD" ? {} : { "content-length": "0" };
}

async function readResponse(message: IncomingMessage): Promise<Response> {
  const status = message.statusCode ?? 0;
  const bytes = await readBody(message);
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  // The bytes are unpacked, and Response must not say otherwise.
  headers.delete("content-encoding");
  headers.delete("content-length");
  return new Response(WITHOUT_BODY.has(status) ? null : new Uint8Array(bytes), { status, headers });
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const isPacked = message.headers["content-encoding"] === "gzip";
  const source: Readable = isPacked ? message.on("error", () => undefined).pipe(createGunzip()) : message;
  if (isPacked) message.on("aborted", () => source.destroy(new Error("the answer broke off")));
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of source as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size > MAX_BYTES) throw new Error("the answer is larger than 32 MiB");
      pieces.push(piece);
    }
  } catch (error) {
    message.destroy();
    throw error;
  }
  return Buffer.concat(pieces);
}
