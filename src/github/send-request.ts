import { setTimeout as delay } from "node:timers/promises";
import { ProbotOctokit } from "probot";
import type { CallNote } from "../jobs/ports.ts";
import { Fault, RefusedFault, scrubTokens } from "../model/index.ts";
import type { HttpFetch } from "./http-fetch.ts";

/** What GitHub answered, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A route as GitHub's documentation has it, `GET /repos/{owner}/{repo}`, or a method with a whole address. */
export interface ApiRequest {
  readonly route: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** The whole `Authorization` header; undefined for none. */
  readonly authorization: string | undefined;
  readonly etag?: string | undefined;
  /** The repository that a redirect must lead to; without it no redirect is followed. */
  readonly repositoryId?: number | undefined;
}

export interface Sender {
  /** The address that a request would go to; it names an answer in the cache. */
  addressOf(request: ApiRequest): string;
  /** Rejects with a retryable Fault when no answer came, with an Answer in every other case. */
  send(request: ApiRequest): Promise<Answer>;
  /** Milliseconds that GitHub's clock is ahead of ours, by its last answer; 0 before the first. */
  readonly clockDrift: () => number;
}

export interface SenderOptions {
  readonly api: string;
  readonly fetch: HttpFetch;
  readonly now: () => number;
  readonly onCall?: ((call: CallNote) => void) | undefined;
}

/** Milliseconds that one request may take. */
const LONGEST_REQUEST = 30_000;
/** Milliseconds before the one repetition of a GET. */
const PAUSE = 250;
const MOST_REDIRECTS = 3;

interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly route: string;
}

/** Octokit logs deprecations and, through probot, bodies; what is worth a line is logged where it is handled. */
const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * Probot's octokit without what keeps state in one process. Throttling is off: writes pass the queue in the database,
 * which holds limits across replicas, and octokit would sleep through a limit that a job should give its place up for.
 * The retry plugin is off: jobs are tried again by their queue, a write is looked for before it is sent again, and a
 * GET gets one quick second chance here. Authorization is chosen for each request: tokens are of one repository.
 */
function createOctokit({ api, fetch }: SenderOptions): ProbotOctokit {
  return new ProbotOctokit({
    baseUrl: api,
    userAgent: "drydock",
    authStrategy: () => Object.assign(() => Promise.resolve({ type: "unauthenticated" }), { hook: passThrough }),
    throttle: { enabled: false },
    retry: { enabled: false },
    log: SILENT,
    request: { fetch, log: SILENT },
  });
}

function passThrough(request: (options: unknown) => unknown, options: unknown): unknown {
  return request(options);
}

/** Sends requests to GitHub's API, one at a time for each call, each within 30 s, and says what came back. */
export function createSender(options: SenderOptions): Sender {
  const octokit = createOctokit(options);
  let drift = 0;

  const expand = (request: ApiRequest): Exchange => {
    const { authorization, etag, parameters } = request;
    requireNames(request.route, parameters ?? {});
    const expanded = octokit.request.endpoint(request.route, { ...parameters });
    const headers = {
      ...(expanded.headers as Record<string, string>),
      ...(authorization === undefined ? {} : { authorization }),
      ...(etag === undefined ? {} : { "if-none-match": etag }),
    };
    return {
      method: expanded.method,
      url: expanded.url,
      headers,
      body: expanded.body as unknown,
      route: request.route,
    };
  };

  const exchange = async ({ method, url, headers, body, route }: Exchange): Promise<Answer> => {
    const startedAt = options.now();
    const answer = await askOctokit(octokit, { method, url, headers, body, route });
    const date = Date.parse(answer instanceof Error ? "" : (answer.headers["date"] ?? ""));
    // The header has whole seconds: half a second is the best guess.
    if (!Number.isNaN(date)) drift = date + 500 - options.now();
    options.onCall?.(noteCall(method, route, (options.now() - startedAt) / 1000, answer));
    if (answer instanceof Error) {
      const reason = scrubTokens(answer.message).slice(0, 200);
      throw new Fault(`GitHub did not answer ${route}: ${reason}`, { isRetryable: true, cause: answer });
    }
    return answer;
  };

  const exchangeTwice = async (first: Exchange): Promise<Answer> => {
    if (first.method !== "GET") return await exchange(first);
    const answer = await exchange(first).catch((fault: unknown) => fault);
    if (!(answer instanceof Fault) && (answer as Answer).status < 500) return answer as Answer;
    await delay(PAUSE);
    return await exchange(first);
  };

  const send = async (request: ApiRequest): Promise<Answer> => {
    let next = expand(request);
    for (let hop = 0; ; hop++) {
      const answer = await exchangeTwice(next);
      const url = request.repositoryId === undefined ? undefined : redirectOf(next, answer, options.api, request);
      if (url === undefined || hop === MOST_REDIRECTS) return answer;
      next = { ...next, url };
    }
  };

  return { addressOf: (request) => expand(request).url, send, clockDrift: () => drift };
}

/**
 * A label, a branch or a user called `.`, `..` or nothing would make the address of something else of it: all labels of
 * a pull request in place of one. Addresses are resolved where they are sent, so encoding the dots does not help.
 */
function requireNames(route: string, parameters: Readonly<Record<string, unknown>>): void {
  for (const [, name = ""] of route.matchAll(/\{(\w+)\}/gu)) {
    const value = parameters[name] ?? "";
    if (value === "" || value === "." || value === "..") {
      throw new RefusedFault(`GitHub cannot be asked about a ${name} that is called so`);
    }
  }
}

/** The answer, or why none came, without the request: octokit's errors carry bodies and headers along. */
async function askOctokit(octokit: ProbotOctokit, { method, url, headers, body }: Exchange): Promise<Answer | Error> {
  try {
    const response = (await octokit.request({
      method: method as "GET",
      url,
      headers: { ...headers },
      ...(body === undefined ? {} : { data: body }),
      request: { signal: AbortSignal.timeout(LONGEST_REQUEST), redirect: "manual" },
    })) as { status: number; headers: Record<string, string>; data: unknown };
    return { status: response.status, headers: response.headers, body: response.data };
  } catch (error) {
    const response = responseOf(error);
    if (response !== undefined) return response;
    return new Error(error instanceof Error ? scrubTokens(error.message) : "unknown");
  }
}

function responseOf(error: unknown): Answer | undefined {
  if (!(error instanceof Error) || !("response" in error)) return undefined;
  const response = error.response as { status: number; headers: Record<string, string>; data: unknown } | undefined;
  return response && { status: response.status, headers: response.headers, body: response.data };
}

/**
 * Where a redirect leads, if it may be followed: GitHub sends requests for a repository by its old name to
 * `/repositories/{id}/…` of the same origin. Another id means that the repository was made anew under this name;
 * another origin would be told our token. Both end as the redirect's own status, which is mapped to "not found".
 */
function redirectOf(sent: Exchange, answer: Answer, api: string, request: ApiRequest): string | undefined {
  const isKept = answer.status === 307 || answer.status === 308;
  const isRead = (answer.status === 301 || answer.status === 302) && sent.method === "GET";
  const location = answer.headers["location"];
  if (location === undefined || !(isKept || isRead) || !URL.canParse(location, sent.url)) return undefined;
  const target = new URL(location, sent.url);
  const base = new URL(api);
  if (target.origin !== base.origin || target.username !== "" || target.password !== "") return undefined;
  const path = `${base.pathname.replace(/\/+$/u, "")}/repositories/${String(request.repositoryId)}`;
  return target.pathname === path || target.pathname.startsWith(`${path}/`) ? target.href : undefined;
}

/** The path alone, also of what is asked at a whole address. */
function templateOf(route: string): string {
  const path = route.slice(route.indexOf(" ") + 1);
  return URL.canParse(path) ? new URL(path).pathname : path;
}

function noteCall(method: string, route: string, seconds: number, answer: Answer | Error): CallNote {
  const headers = answer instanceof Error ? {} : answer.headers;
  const numberOf = (name: string): number | undefined => {
    const value = Number(headers[name] ?? "x");
    return Number.isFinite(value) ? value : undefined;
  };
  return {
    method,
    route: templateOf(route),
    status: answer instanceof Error ? 0 : answer.status,
    seconds,
    remaining: numberOf("x-ratelimit-remaining"),
    limit: numberOf("x-ratelimit-limit"),
    resource: headers["x-ratelimit-resource"],
  };
}
