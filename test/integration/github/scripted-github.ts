import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { openContract } from "../../../src/sandbox/contract/contract.ts";

export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Closes the connection instead of answering. */
  readonly breaksOff?: boolean;
}

const CONTRACTS = [openContract("api.github.com"), openContract("ghes-3.17")];
/** What GitHub's description of its REST API leaves out, or has under another address after a redirect. */
const UNDESCRIBED = /^\/(?:graphql$|login\/oauth\/|applications\/|repositories\/)/u;

type Replies = Reply | readonly Reply[] | ((asked: Asked) => Reply | Promise<Reply>);

export interface ScriptedGitHub {
  readonly origin: string;
  readonly asked: Asked[];
  /** Of all that was asked, method and path. */
  lines(): readonly string[];
}

/** One key for all tests: making one takes a while. */
export const PRIVATE_KEY = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
}).privateKey;

export const INSTALLATION = {
  id: 7,
  account: { login: "acme" },
  suspended_at: null,
  permissions: { checks: "write", contents: "read", issues: "write", metadata: "read", pull_requests: "write" },
  events: ["push"],
  created_at: "2026-01-01T00:00:00Z",
};

/** What every installation token needs; `token` is in the answer to the n-th request for one. */
export function tokenReplies(
  token = (count: number) => `ghs_${String(count).padStart(36, "0")}`,
): Record<string, Replies> {
  let count = 0;
  return {
    "GET /app/installations/7": { body: INSTALLATION },
    "POST /app/installations/7/access_tokens": () => ({
      status: 201,
      body: { token: token(++count), expires_at: new Date(Date.now() + 3_600_000).toISOString() },
    }),
  };
}

/**
 * A server that answers what a test says, by method and path with query, and holds each request to GitHub's description. A list is answered one after the other, its
 * last again and again; what is not in the script is answered 599, which no code expects.
 */
export async function startScriptedGitHub(
  test: { after(clean: () => void): void },
  script: Readonly<Record<string, Replies>>,
): Promise<ScriptedGitHub> {
  const asked: Asked[] = [];
  const differences: string[] = [];
  const turns = new Map<string, number>();
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      void (async () => {
        const text = Buffer.concat(pieces).toString("utf8");
        const one: Asked = {
          method: request.method ?? "",
          path: request.url ?? "",
          headers: request.headers as Record<string, string | undefined>,
          body: text === "" ? undefined : (JSON.parse(text) as unknown),
        };
        asked.push(one);
        differences.push(...differencesOf(one));
        const line = `${one.method} ${one.path}`;
        const replies = Object.hasOwn(script, line) ? script[line] : undefined;
        const turn = turns.get(line) ?? 0;
        turns.set(line, turn + 1);
        const reply = await replyOf(replies, one, turn);
        if (reply.breaksOff === true) return void request.socket.destroy();
        response.writeHead(reply.status ?? 200, { "content-type": "application/json", ...reply.headers });
        response.end(reply.body === undefined ? undefined : JSON.stringify(reply.body));
      })();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    server.closeAllConnections();
    server.close();
    assert.deepEqual(differences, []);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    asked,
    lines: () => asked.map(({ method, path }) => `${method} ${path}`),
  };
}

async function replyOf(replies: Replies | undefined, asked: Asked, turn: number): Promise<Reply> {
  if (replies === undefined)
    return { status: 599, body: { message: `${asked.method} ${asked.path} is not in the script` } };
  if (typeof replies === "function") return await replies(asked);
  if (!Array.isArray(replies)) return replies as Reply;
  const list = replies as readonly Reply[];
  return list[Math.min(turn, list.length - 1)] ?? { status: 599 };
}

function differencesOf({ method, path, body }: Asked): readonly string[] {
  const url = new URL(path, "http://x");
  if (UNDESCRIBED.test(url.pathname)) return [];
  return CONTRACTS.flatMap((contract) => {
    const matched = contract.match(method, url.pathname);
    if (matched === undefined) return [`${method} ${path} is not described`];
    return contract
      .checkRequest(matched, url.searchParams, body)
      .map((difference) => `${matched.id}: ${JSON.stringify(difference)}`);
  });
}
