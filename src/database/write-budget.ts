import type { InstallationId } from "../model/index.ts";
import type { WriteGrant } from "../jobs/ports.ts";
import type { Sql } from "./connection.ts";

/** Seconds of writes that may come at once. */
const SAVED_SECONDS = 10;
/** More than any bucket holds. */
const FULL = 1000;
/** GitHub's documented limits. */
const CONTENTS: readonly { readonly most: number; readonly withinMs: number }[] = [
  { most: 80, withinMs: 60_000 },
  { most: 500, withinMs: 3_600_000 },
];
const LONGEST_WINDOW_MS = 3_600_000;

interface BudgetRow {
  readonly tokens: number;
  readonly blocked_until: Date | null;
  readonly contents: readonly number[];
  readonly now_ms: number;
  readonly refilled_ms: number;
}

export interface WantedWrite {
  /** Comments and the like, which GitHub limits apart. */
  readonly isContent: boolean;
  /** What the bucket gains; about one is the pace that GitHub asks for. */
  readonly writesASecond: number;
}

/**
 * One write out of the bucket of an installation, which all replicas share; else when there will be one, by the
 * database's clock.
 */
export async function takeWrite(
  sql: Sql,
  installationId: InstallationId,
  { isContent, writesASecond }: WantedWrite,
): Promise<WriteGrant> {
  await meetBudget(sql, installationId);
  const [row] = await sql.query<BudgetRow>(
    `select tokens, blocked_until, contents,
       extract(epoch from clock_timestamp())::float8 * 1000 as now_ms,
       extract(epoch from refilled_at)::float8 * 1000 as refilled_ms
     from drydock.write_budgets where installation_id = $1 for update`,
    [installationId],
  );
  if (row === undefined) throw new Error("a budget that was just added is gone");
  const now = row.now_ms;
  const tokens = Math.min(
    SAVED_SECONDS * writesASecond,
    row.tokens + (Math.max(0, now - row.refilled_ms) / 1000) * writesASecond,
  );
  const contents = row.contents.filter((at) => at > now - LONGEST_WINDOW_MS);
  const refill = tokens >= 1 ? 0 : now + ((1 - tokens) / writesASecond) * 1000;
  const until = Math.ceil(Math.max(row.blocked_until?.getTime() ?? 0, refill));
  if (until > now) return { kind: "wait", until, limit: "writes" };
  const contentUntil = isContent ? Math.ceil(Math.max(...CONTENTS.map((limit) => freeAt(contents, now, limit)))) : 0;
  if (contentUntil > now) return { kind: "wait", until: contentUntil, limit: "contents" };
  await sql.query(
    `update drydock.write_budgets set tokens = $2, refilled_at = to_timestamp($3::float8 / 1000), contents = $4::bigint[]
     where installation_id = $1`,
    [installationId, tokens - 1, now, isContent ? [...contents, Math.round(now)] : contents],
  );
  return { kind: "granted" };
}

/** When one more fits into a sliding window; a moment that is over when it does now. */
function freeAt(contents: readonly number[], now: number, { most, withinMs }: (typeof CONTENTS)[number]): number {
  const recent = contents.filter((at) => at > now - withinMs);
  const blocking = recent.length < most ? undefined : recent[recent.length - most];
  return blocking === undefined ? 0 : blocking + withinMs + 1;
}

/** Until a moment (milliseconds since the epoch) nothing is granted; a shorter pause never ends a longer one. */
export async function pauseWrites(sql: Sql, installationId: InstallationId, until: number): Promise<void> {
  await meetBudget(sql, installationId);
  await sql.query(
    `update drydock.write_budgets
     set blocked_until = greatest(blocked_until, to_timestamp($2::float8 / 1000)) where installation_id = $1`,
    [installationId, until],
  );
}

/** One that is not known yet is full, however large it may be. */
async function meetBudget(sql: Sql, installationId: InstallationId): Promise<void> {
  await sql.query(
    `insert into drydock.write_budgets (installation_id, tokens, refilled_at) values ($1, ${FULL}, clock_timestamp())
     on conflict (installation_id) do nothing`,
    [installationId],
  );
}
