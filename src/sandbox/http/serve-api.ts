import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Contract, MatchedOperation } from "../contract/contract.ts";
import {
  admitRequest,
  describeStatus,
  takeFault,
  type Failing,
  type Faults,
  type RateLimiter,
} from "../faults/index.ts";
import type { World } from "../world/index.ts";
import { fullName } from "../world/index.ts";
import { Refusal, type Answer } from "./answer.ts";
import { repositoryOf, requirePermission, type Call, type Handlers, type Permission } from "./call.ts";
import { identifyCaller, type Caller } from "./caller.ts";
import { readJson } from "./read-json.ts";

/** One request that came, and how it was answered; `status` 0 is a connection that got no answer. */
export interface ReceivedRequest {
  readonly method: string;
  /** Below the API's address, as it was sent. */
  readonly path: string;
  readonly operationId: string | undefined;
  readonly status: number;
  /** When it was answered, by this GitHub's clock: milliseconds since the epoch. */
  readonly at: number;
}

/** What the API answers with, and where it notes what happens. */
export interface Api {
  readonly world: World;
  readonly contract: Contract;
  readonly handlers: Handlers;
  readonly permissions: Readonly<Record<string, readonly Permission[] | undefined>>;
  readonly faults: Faults;
  readonly limiter: RateLimiter;
  /** Sent with every answer: what GitHub Enterprise Server says of itself. */
  readonly headers: Readonly<Record<string, string>>;
  readonly requests: ReceivedRequest[];
  readonly violations: string[];
}

const CONTENT_CREATIONS = new Set([
  "issues/create-comment",
  "pulls/create-review",
  "pulls/create-review-comment",
  "pulls/create-reply-for-review-comment",
]);

/** Answers one request to the REST API; `address` is its path and query below the API's own. */
export async function serveApi(
  api: Api,
  request: IncomingMessage,
  response: ServerResponse,
  address: string,
): Promise<void> {
  const method = request.method ?? "GET";
  const [sentPath = "", search = ""] = address.split("?", 2);
  const path = nameRepository(api.world, sentPath);
  const matched = api.contract.match(method, path);
  await serveOperation(api, request, response, { operationId: matched?.id, path: address }, async (body) => {
    const answer = await answerRequest(
      api,
      matched,
      { method, path, query: new URLSearchParams(search), body },
      request,
    );
    if (matched !== undefined) noteViolations(api, matched.id, answer);
    return answer;
  });
}

/** Reads a request, lets it meet what faults wait for it, answers and notes it. */
export async function serveOperation(
  api: Api,
  request: IncomingMessage,
  response: ServerResponse,
  { operationId, path }: Pick<ReceivedRequest, "operationId" | "path">,
  work: (body: unknown) => Promise<Answer>,
): Promise<void> {
  const body = await readJson(request);
  const failing = operationId === undefined ? undefined : takeFault(api.faults, operationId, path);
  const note = (status: number): unknown =>
    api.requests.push({ method: request.method ?? "GET", path, operationId, status, at: api.world.clock() });
  if (await isOver(failing, "before", response, note)) return;
  const answer =
    failingAnswer(failing, "before") ??
    (body.isBroken ? new Refusal(400, "Problems parsing JSON").answer : await work(body.value));
  if (await isOver(failing, "after", response, note)) return;
  note(sendAnswer(api, response, failingAnswer(failing, "after") ?? answer));
}

interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** `/repositories/{id}/…` is every repository's other address. */
function nameRepository(world: World, path: string): string {
  const [, id = "", rest = ""] = /^\/repositories\/(\d+)(\/.*)?$/u.exec(path) ?? [];
  const repository = world.repositories.get(Number(id));
  return repository === undefined ? path : `/repos/${fullName(world, repository)}${rest}`;
}

async function answerRequest(
  api: Api,
  matched: MatchedOperation | undefined,
  sent: SentRequest,
  request: IncomingMessage,
): Promise<Answer> {
  const { method, path, query, body } = sent;
  if (matched === undefined) {
    if (/^\/repositories\/\d+/u.test(path)) return new Refusal(404, "Not Found").answer;
    api.violations.push(`${method} ${path}: the stand-in does not know this operation`);
    return new Refusal(501, "The stand-in does not know this operation").answer;
  }
  const wrong = api.contract.checkRequest(matched, query, body);
  api.violations.push(...wrong.map(({ text }) => `${matched.id} ${method} ${path}: request: ${text}`));
  return await refusable(async () => {
    const caller = identifyCaller(api.world, request.headers.authorization);
    const fields = typeof body === "object" && body !== null ? (body as Call["body"]) : {};
    const call = {
      world: api.world,
      caller,
      method,
      path,
      parameters: matched.parameters,
      query,
      body: fields,
      knownTag: request.headers["if-none-match"],
    };
    return await admit(api, matched.id, call, async () => {
      const isRefused = wrong.some((difference) => difference.isRefused);
      return await handle(api, matched.id, call, isRefused);
    });
  });
}

/** Turns a refusal into the answer it is. */
export async function refusable(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

async function handle(api: Api, operationId: string, call: Call, isRefused: boolean): Promise<Answer> {
  const handler = api.handlers[operationId];
  if (handler === undefined) {
    api.violations.push(`${operationId}: the stand-in does not answer this operation`);
    throw new Refusal(501, "The stand-in does not answer this operation");
  }
  const permissions = api.permissions[operationId];
  if (permissions !== undefined) requirePermission(call, repositoryOf(call), permissions);
  if (isRefused) throw new Refusal(422, "Invalid request.", { errors: [] });
  return await handler(call);
}

/** Counts a request against its caller's limits; asking about the limits is free. */
export async function admit(api: Api, operationId: string, call: Call, work: () => Promise<Answer>): Promise<Answer> {
  if (operationId === "rate-limit/get") return await work();
  const admission = admitRequest(api.limiter, {
    caller: nameCaller(call.caller),
    isWrite: call.method !== "GET",
    isGraphql: operationId === "graphql",
    createsContent: CONTENT_CREATIONS.has(operationId),
  });
  if (admission.kind === "refused") {
    const { answer } = new Refusal(admission.status, admission.message);
    return { ...answer, headers: admission.headers };
  }
  try {
    const answer = await refusable(work);
    const known = unlessChanged(answer, call);
    return { ...known, headers: { ...known.headers, ...admission.finish(known.status) } };
  } catch (error) {
    admission.finish(500);
    throw error;
  }
}

/** Whose limits a request counts against. */
export function nameCaller(caller: Caller): string {
  switch (caller.kind) {
    case "installation":
      return `installation ID ${caller.installation.id}`;
    case "app":
      return `app ID ${caller.app.id}`;
    case "user":
      return `user ID ${caller.actor.id}`;
    case "anonymous":
      return "127.0.0.1";
  }
}

function noteViolations(api: Api, operationId: string, { status, body }: Answer): void {
  if (status === 501) return;
  // Seen as the client sees it: what is undefined is not sent.
  const seen: unknown = body === undefined ? undefined : JSON.parse(JSON.stringify(body));
  const wrong = api.contract.checkAnswer(operationId, status, seen);
  api.violations.push(...wrong.map((error) => `${operationId} ${status}: answer: ${error}`));
}

function failingAnswer(failing: Failing | undefined, when: "before" | "after"): Answer | undefined {
  if (failing?.kind !== "status" || failing.when !== when) return undefined;
  const { answer } = new Refusal(failing.status, failing.message ?? describeStatus(failing.status));
  return { ...answer, ...(failing.headers === undefined ? {} : { headers: failing.headers }) };
}

/** True when a fault left the connection without an answer. */
async function isOver(
  failing: Failing | undefined,
  when: "before" | "after",
  response: ServerResponse,
  note: (status: number) => unknown,
): Promise<boolean> {
  if (failing === undefined || failing.kind === "status") return false;
  if (failing.kind === "delay") {
    if (when === "before") await new Promise((resolve) => setTimeout(resolve, failing.milliseconds));
    return false;
  }
  if (failing.when !== when) return false;
  note(0);
  if (failing.kind === "drop") response.destroy();
  return true;
}

/** Reading what did not change is answered without a body, and costs nothing. */
function unlessChanged(answer: Answer, { method, knownTag }: Call): Answer {
  if (method !== "GET" || answer.status !== 200) return answer;
  const digest = createHash("sha256").update(JSON.stringify(answer.body)).digest("hex");
  const etag = `W/"${digest}"`;
  const headers = { ...answer.headers, etag, "cache-control": "private, max-age=60, s-maxage=60" };
  return knownTag === etag ? { status: 304, headers } : { ...answer, headers };
}

function sendAnswer(api: Api, response: ServerResponse, { status, body, headers }: Answer): number {
  response.writeHead(status, {
    ...api.headers,
    date: new Date(api.world.clock()).toUTCString(),
    "x-github-request-id": randomUUID(),
    "x-github-media-type": "github.v3; format=json",
    ...(body === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
    ...headers,
  });
  response.end(body === undefined ? undefined : JSON.stringify(body));
  return status;
}
