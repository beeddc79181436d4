import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { SendResult } from "./send-webhook.ts";
import type { Json } from "./shapes/json.ts";

/** One try to deliver a webhook: the id is the try's own, the GUID stays with the webhook. */
export interface Attempt {
  readonly id: number;
  readonly guid: string;
  readonly appId: number;
  readonly event: string;
  readonly action: string | undefined;
  readonly installationId: number | undefined;
  readonly repositoryId: number | undefined;
  /** ISO 8601. */
  readonly deliveredAt: string;
  /** The same to the millisecond, since the epoch. */
  readonly endedAt: number;
  readonly isRedelivery: boolean;
  readonly throttledAt: string | undefined;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Deflated: a burst makes thousands. */
  readonly packed: Buffer;
  readonly result: SendResult;
}

export interface AttemptQuery {
  readonly cursor?: string | undefined;
  /** 30 unless told; at most 100. */
  readonly perPage?: number | undefined;
  readonly status?: "success" | "failure" | undefined;
}

export function packBody(body: Buffer): Buffer {
  return deflateRawSync(body, { level: 1 });
}

export function unpackBody({ packed }: Attempt): Buffer {
  return inflateRawSync(packed);
}

/** A page of an App's attempts, newest first, and the cursor of the next page. Throws on a cursor that is not ours. */
export function pageAttempts(
  attempts: Iterable<Attempt>,
  query: AttemptQuery,
): { readonly items: readonly Json[]; readonly next: string | undefined } {
  const before = query.cursor === undefined ? Number.POSITIVE_INFINITY : readCursor(query.cursor);
  const perPage = Math.min(Math.max(query.perPage ?? 30, 1), 100);
  const found = [...attempts]
    .filter((attempt) => attempt.id <= before && hasStatus(attempt, query.status))
    .sort((one, other) => other.id - one.id);
  const following = found[perPage];
  return {
    items: found.slice(0, perPage).map(describeAttempt),
    next: following === undefined ? undefined : `v1_${following.id}`,
  };
}

/** An attempt as `GET /app/hook/deliveries` lists it. */
export function describeAttempt(attempt: Attempt): Json {
  return {
    id: attempt.id,
    guid: attempt.guid,
    delivered_at: attempt.deliveredAt,
    redelivery: attempt.isRedelivery,
    duration: attempt.result.seconds,
    status: attempt.result.status,
    status_code: attempt.result.statusCode,
    event: attempt.event,
    action: attempt.action ?? null,
    installation_id: attempt.installationId ?? null,
    repository_id: attempt.repositoryId ?? null,
    throttled_at: attempt.throttledAt ?? null,
  };
}

/** An attempt as `GET /app/hook/deliveries/{id}` shows it. */
export function describeWholeAttempt(attempt: Attempt): Json {
  return {
    ...describeAttempt(attempt),
    url: attempt.url,
    request: { headers: attempt.headers, payload: JSON.parse(unpackBody(attempt).toString("utf8")) as unknown },
    response: { headers: attempt.result.headers, payload: attempt.result.text },
  };
}

function hasStatus({ result }: Attempt, status: AttemptQuery["status"]): boolean {
  return status === undefined || (result.status === "OK") === (status === "success");
}

function readCursor(cursor: string): number {
  const [, id] = /^v1_(\d+)$/u.exec(cursor) ?? [];
  if (id === undefined) throw new RangeError("Invalid cursor");
  return Number(id);
}
