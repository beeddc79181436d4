import type { FailedDelivery } from "../jobs/ports.ts";
import type { AppCaller } from "./call-app.ts";
import { deliverySchema } from "./schemas.ts";

/** A delivery that failed, and how: `statusCode` 0 is no answer, `status` is in GitHub's words. */
export interface UndeliveredWebhook extends FailedDelivery {
  readonly statusCode: number;
  readonly status: string;
}

/** 100,000 attempts: a burst and its redeliveries fit, and a list without an end does not. */
const MOST_PAGES = 1000;

/**
 * Deliveries since a moment whose newest attempt failed, oldest first. GitHub lists attempts, newest first; those of one
 * delivery share its guid, and one that succeeded later is not failed any more.
 */
export async function findFailedDeliveries(app: AppCaller, since: string): Promise<readonly UndeliveredWebhook[]> {
  const start = Date.parse(since);
  const attempts = await app.list("GET /app/hook/deliveries", {
    entry: deliverySchema,
    isEnd: (attempt) => Date.parse(attempt.delivered_at) < start,
    mostPages: MOST_PAGES,
  });
  const newest = new Map<string, (typeof attempts)[number]>();
  for (const attempt of attempts) {
    const other = newest.get(attempt.guid);
    if (other === undefined || isNewer(attempt, other)) newest.set(attempt.guid, attempt);
  }
  return [...newest.values()]
    .filter(({ status_code: status }) => status < 200 || status > 299)
    .map(({ id, guid, event, delivered_at: deliveredAt, status_code: statusCode, status }) => ({
      attempt: id,
      guid,
      event,
      deliveredAt,
      statusCode,
      status,
    }))
    .reverse();
}

interface Attempt {
  readonly id: string;
  readonly delivered_at: string;
}

function isNewer(one: Attempt, other: Attempt): boolean {
  const difference = Date.parse(one.delivered_at) - Date.parse(other.delivered_at);
  return difference === 0 ? BigInt(one.id) > BigInt(other.id) : difference > 0;
}
