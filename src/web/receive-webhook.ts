import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Log } from "../jobs/ports.ts";
import type { Delivery } from "../model/index.ts";
import { describeCause } from "./describe-cause.ts";
import type { DeliveryOutcome, Metrics } from "./metrics.ts";
import type { Intake } from "./ports.ts";
import { createBodyRoom, readBody, type BodyReading, type BodyRoom } from "./read-body.ts";

export interface WebhookParts {
  readonly appId: number;
  readonly secret: string;
  readonly intake: Intake;
  readonly verifySignature: (secret: string, body: Uint8Array, header: string | undefined) => boolean;
  /** What the payload means. */
  readonly readDelivery: (
    headers: { readonly id: string; readonly event: string },
    payload: unknown,
    appId: number,
  ) => Delivery;
  readonly metrics: Pick<Metrics, "delivery">;
  readonly log: Log;
  readonly now: () => number;
  readonly limits?: Partial<WebhookLimits>;
}

export interface WebhookLimits {
  readonly bodyBytes: number;
  readonly bodyMilliseconds: number;
  readonly intakeMilliseconds: number;
  /** Bytes of all bodies that are held at once. */
  readonly roomBytes: number;
}

/** GitHub sends no payload above 25 MB and waits 10 s for the answer. The rest is ours. */
const LIMITS: WebhookLimits = {
  bodyBytes: 26 * 1024 * 1024,
  bodyMilliseconds: 8000,
  intakeMilliseconds: 8000,
  roomBytes: 128 * 1024 * 1024,
};
/** Milliseconds within which an answer is on its way. */
const LONGEST = 9000;

export interface WebhookAnswer {
  readonly status: 202 | 400 | 401 | 408 | 413 | 415 | 500 | 503;
  readonly text: string;
}

/** Everything that is told about one delivery, and nothing of its payload but names of GitHub's own. */
interface Ending extends WebhookAnswer {
  readonly outcome: DeliveryOutcome;
  readonly delivery?: Delivery;
  readonly repository?: string | undefined;
  readonly cause?: unknown;
}

/**
 * Answers GitHub's webhooks: 202 once a delivery is stored, 503 when it could not be, so that it is never acknowledged
 * and lost. Size and time are bounded before anything is computed, the signature is held before anything is parsed.
 * Never rejects.
 */
export function createWebhookReceiver(parts: WebhookParts): (incoming: IncomingMessage) => Promise<WebhookAnswer> {
  const limits = { ...LIMITS, ...parts.limits };
  const room = createBodyRoom(limits.roomBytes);
  return async (incoming) => {
    const startedAt = parts.now();
    const head = readHead(incoming.headers);
    const ending = await receive(incoming, head, { ...parts, limits, room, startedAt }).catch(
      (cause: unknown): Ending => ({ status: 500, text: "Something went wrong here.", outcome: "failed", cause }),
    );
    tellEnding(parts, head, ending, (parts.now() - startedAt) / 1000);
    return { status: ending.status, text: ending.text };
  };
}

interface Head {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly signature: string | undefined;
  readonly isJson: boolean;
  readonly type: string;
}

/** Node joins a header that is sent twice, and what is joined has none of these shapes. */
function readHead(headers: IncomingHttpHeaders): Head {
  const match = (name: string, shape: RegExp): string | undefined => {
    const value = headers[name];
    return typeof value === "string" && shape.test(value) ? value : undefined;
  };
  const type = (headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return {
    id: match("x-github-delivery", /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/iu),
    event: match("x-github-event", /^[a-z][a-z_]{0,63}$/u),
    signature: match("x-hub-signature-256", /^sha256=[\da-f]{64}$/u),
    isJson: type === "application/json",
    type,
  };
}

interface Receiving extends WebhookParts {
  readonly limits: WebhookLimits;
  readonly room: BodyRoom;
  readonly startedAt: number;
}

async function receive(incoming: IncomingMessage, head: Head, parts: Receiving): Promise<Ending> {
  const { id, event, signature } = head;
  if (signature === undefined) return refuse(401, "A valid X-Hub-Signature-256 is needed.");
  if (!head.isJson) return refuse(415, describeType(head.type));
  if (id === undefined || event === undefined) {
    return refuse(400, "X-GitHub-Delivery and X-GitHub-Event are needed, as GitHub sends them.");
  }
  const { bodyBytes, bodyMilliseconds } = parts.limits;
  const body = await readBody(incoming, { bytes: bodyBytes, milliseconds: bodyMilliseconds }, parts.room);
  if (body.kind !== "read") return refuseBody(body.kind);
  try {
    if (!parts.verifySignature(parts.secret, body.bytes, signature)) return refuse(401, "The signature is wrong.");
    return await keep({ id, event }, body.bytes, parts);
  } finally {
    parts.room.give(body.bytes.length);
  }
}

async function keep(head: { id: string; event: string }, bytes: Buffer, parts: Receiving): Promise<Ending> {
  const payload = parseJson(bytes);
  if (payload === undefined) return refuse(400, "The body is not a JSON object.");
  const delivery = parts.readDelivery(head, payload, parts.appId);
  const repository = nameRepository(payload);
  const left = Math.min(parts.limits.intakeMilliseconds, LONGEST - (parts.now() - parts.startedAt));
  try {
    await within(parts.intake.receive(delivery), Math.max(left, 500));
    return { status: 202, text: "Stored.", outcome: "stored", delivery, repository };
  } catch (cause) {
    const text = "The delivery could not be stored; please send it again.";
    return { status: 503, text, outcome: "not-stored", delivery, repository, cause };
  }
}

function refuse(status: WebhookAnswer["status"], text: string): Ending {
  return { status, text, outcome: "refused" };
}

function describeType(type: string): string {
  const wanted = "The webhook's content type has to be application/json";
  return type === "application/x-www-form-urlencoded"
    ? `${wanted}; it is set to application/x-www-form-urlencoded. Change it in the App's settings.`
    : `${wanted}.`;
}

function refuseBody(kind: Exclude<BodyReading["kind"], "read">): Ending {
  switch (kind) {
    case "too-large":
      return refuse(413, "The body is larger than any that GitHub sends.");
    case "too-slow":
      return refuse(408, "The body came too slowly.");
    case "broken-off":
      return refuse(400, "The body broke off.");
    case "no-room":
      return { status: 503, text: "Too much is being received right now.", outcome: "not-stored" };
  }
}

function parseJson(bytes: Buffer): object | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function nameRepository(payload: object): string | undefined {
  const { repository } = payload as { repository?: { full_name?: unknown } | null };
  const name = repository?.full_name;
  return typeof name === "string" && /^[\w.-]{1,100}\/[\w.-]{1,100}$/u.test(name) ? name : undefined;
}

/** The work itself goes on: should it end well after all, the same delivery sent again changes nothing. */
async function within(work: Promise<void>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not stored within ${milliseconds} ms`)), milliseconds);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function tellEnding(parts: WebhookParts, head: Head, ending: Ending, seconds: number): void {
  const { outcome, status, delivery, repository, cause } = ending;
  parts.metrics.delivery(delivery?.event, outcome, seconds);
  const facts = {
    delivery: head.id,
    event: head.event,
    action: delivery?.action,
    installation: delivery?.installationId,
    repository,
    outcome,
    status,
    seconds,
    ...(delivery?.problem === undefined ? {} : { problem: delivery.problem }),
    ...(outcome === "refused" ? { reason: ending.text } : {}),
    ...(cause === undefined ? {} : { cause: describeCause(cause) }),
  };
  if (outcome === "stored") parts.log.info(facts, "delivery");
  else if (outcome === "refused") parts.log.warn(facts, "delivery");
  else parts.log.error(facts, "delivery");
}
