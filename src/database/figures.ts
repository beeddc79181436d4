import type { PullRequestKey } from "../model/index.ts";
import type { Sql } from "./connection.ts";
import { QUEUES, QUEUE_SCHEMA } from "./task-jobs.ts";

export interface QueueFigures {
  /** By queue; judgements by lane too, as `judge groups`, `judge people` and `judge bots`. */
  readonly queues: readonly { readonly queue: string; readonly waiting: number; readonly active: number }[];
  /** How long the head that has waited longest for its verdict has, in seconds; 0 when none waits. */
  readonly oldestWaitingSeconds: number;
  /** Writes to GitHub that are still to be made, and those that GitHub refused. */
  readonly outgoing: { readonly pending: number; readonly refused: number };
}

export async function readQueueFigures(sql: Sql): Promise<QueueFigures> {
  const rows = await sql.query<{ queue: string; waiting: number; active: number }>(
    `select case when name = 'judge' then 'judge ' || (data->>'lane') else name end as queue,
       count(*) filter (where state < 'active')::int as waiting, count(*) filter (where state = 'active')::int as active
     from ${QUEUE_SCHEMA}.job where state <= 'active' and name = any($1::text[]) group by 1`,
    [QUEUES],
  );
  const names = QUEUES.flatMap((name) => (name === "judge" ? ["judge groups", "judge people", "judge bots"] : [name]));
  const [age] = await sql.query<{ seconds: number }>(
    `select coalesce(extract(epoch from now() - min(since)), 0)::float8 as seconds from (
       select p.waiting_since as since from drydock.pull_requests p
         join drydock.repositories r on r.id = p.repository_id and r.access_lost is null
         left join drydock.installations i on i.id = r.installation_id
       where p.waiting_since is not null and not coalesce(i.is_suspended or i.is_gone, false)
       union all
       select g.waiting_since from drydock.merge_groups g
         join drydock.repositories r on r.id = g.repository_id and r.access_lost is null
       where g.waiting_since is not null and g.is_open) waiting`,
  );
  const [outgoing] = await sql.query<{ pending: number; refused: number }>(
    `select (select count(*)::int from drydock.outgoing where is_pending) as pending,
       (select count(*)::int from drydock.outgoing where refused is not null) as refused`,
  );
  return {
    queues: names.map((queue) => rows.find((row) => row.queue === queue) ?? { queue, waiting: 0, active: 0 }),
    oldestWaitingSeconds: age?.seconds ?? 0,
    outgoing: outgoing ?? { pending: 0, refused: 0 },
  };
}

/** All that is known of one pull request, newest first, for `doctor --pr`. Times are ISO 8601. */
export interface PullRequestStory {
  readonly state:
    | {
        readonly isOpen: boolean;
        readonly isQuiet: boolean;
        readonly headSha: string | undefined;
        readonly baseRef: string | undefined;
        readonly reasons: readonly string[];
        readonly waitingSince: string | undefined;
        readonly accessLost: string | undefined;
      }
    | undefined;
  readonly deliveries: readonly {
    readonly id: string;
    readonly event: string;
    readonly action: string | undefined;
    readonly receivedAt: string;
    readonly problem: string | undefined;
  }[];
  readonly tasks: readonly {
    readonly queue: string;
    readonly state: string;
    readonly failures: number;
    readonly notBefore: string;
    readonly lastFault: string | undefined;
  }[];
  readonly outgoing: readonly {
    readonly kind: string;
    readonly slot: string;
    readonly isPending: boolean;
    readonly refused: string | undefined;
    readonly notBefore: string | undefined;
    readonly wantedAt: string;
  }[];
  /** Until when GitHub asked for silence; undefined when it did not. */
  readonly writesPausedUntil: string | undefined;
  /** What went wrong for good, and what was put off. */
  readonly troubles: readonly { readonly at: string; readonly what: string; readonly detail: unknown }[];
}

const MOST = 50;

interface StateRow {
  readonly is_open: boolean;
  readonly is_quiet: boolean;
  readonly head_sha: string | null;
  readonly base_ref: string | null;
  readonly reasons: readonly string[];
  readonly waiting_since: Date | null;
  readonly access_lost: string | null;
  readonly blocked_until: Date | null;
}

export async function explainPullRequest(sql: Sql, key: PullRequestKey): Promise<PullRequestStory> {
  const [row] = await sql.query<StateRow>(
    `select p.is_open, p.is_quiet, p.head_sha, p.base_ref, p.reasons, p.waiting_since, r.access_lost, w.blocked_until
     from drydock.pull_requests p
     left join drydock.repositories r on r.id = p.repository_id
     left join drydock.write_budgets w on w.installation_id = r.installation_id and w.blocked_until > now()
     where p.repository_id = $1 and p.number = $2`,
    [key.repositoryId, key.number],
  );
  return {
    state: row && {
      isOpen: row.is_open,
      isQuiet: row.is_quiet,
      headSha: row.head_sha ?? undefined,
      baseRef: row.base_ref ?? undefined,
      reasons: row.reasons,
      waitingSince: row.waiting_since?.toISOString(),
      accessLost: row.access_lost ?? undefined,
    },
    deliveries: await listDeliveries(sql, key),
    tasks: await listTasks(sql, key),
    outgoing: await listOutgoing(sql, key, row?.head_sha ?? null),
    writesPausedUntil: row?.blocked_until?.toISOString(),
    troubles: await listTroubles(sql, key),
  };
}

async function listDeliveries(sql: Sql, key: PullRequestKey): Promise<PullRequestStory["deliveries"]> {
  const rows = await sql.query<{
    id: string;
    event: string;
    action: string | null;
    received_at: Date;
    problem: string | null;
  }>(
    `select id, event, action, received_at, problem from drydock.deliveries
     where intents @> $1::jsonb order by received_at desc limit ${MOST}`,
    [JSON.stringify([{ number: key.number, repository: { repositoryId: key.repositoryId } }])],
  );
  return rows.map(({ action, received_at: receivedAt, problem, ...rest }) => ({
    ...rest,
    action: action ?? undefined,
    receivedAt: receivedAt.toISOString(),
    problem: problem ?? undefined,
  }));
}

async function listTasks(sql: Sql, key: PullRequestKey): Promise<PullRequestStory["tasks"]> {
  const rows = await sql.query<{
    name: string;
    state: string;
    failures: number;
    start_after: Date;
    output: { readonly message?: unknown } | null;
  }>(
    `select name, state::text, (data->>'failures')::int + retry_count as failures, start_after, output
     from ${QUEUE_SCHEMA}.job
     where (name = 'judge' and singleton_key = $1)
       or (name = 'command' and singleton_key = any(
         select repository_id || '/' || case source when 'comment' then '' else source || '-' end || comment_id
         from drydock.commands where repository_id = $2 and number = $3))
       or (name = 'publish' and singleton_key = (
         select installation_id::text from drydock.repositories where id = $2))
     order by created_on desc limit ${MOST}`,
    [`${key.repositoryId}/${key.number}`, key.repositoryId, key.number],
  );
  return rows.map(({ name, state, failures, start_after: notBefore, output }) => ({
    queue: name,
    state,
    failures,
    notBefore: notBefore.toISOString(),
    lastFault: typeof output?.message === "string" ? output.message : undefined,
  }));
}

async function listOutgoing(
  sql: Sql,
  key: PullRequestKey,
  headSha: string | null,
): Promise<PullRequestStory["outgoing"]> {
  const rows = await sql.query<{
    kind: string;
    slot: string;
    is_pending: boolean;
    refused: string | null;
    not_before: Date | null;
    wanted_at: Date;
  }>(
    `select kind, slot, is_pending, refused, not_before, wanted_at from drydock.outgoing
     where repository_id = $1 and (number = $2 or head_sha = $3) order by wanted_at desc limit ${MOST}`,
    [key.repositoryId, key.number, headSha],
  );
  return rows.map((row) => ({
    kind: row.kind,
    slot: row.slot,
    isPending: row.is_pending,
    refused: row.refused ?? undefined,
    notBefore: row.not_before?.toISOString(),
    wantedAt: row.wanted_at.toISOString(),
  }));
}

async function listTroubles(sql: Sql, key: PullRequestKey): Promise<PullRequestStory["troubles"]> {
  const rows = await sql.query<{ at: Date; what: string; detail: unknown }>(
    `select at, what, detail from drydock.audit
     where repository_id = $1 and number = $2 and not starts_with(what, 'exception-') order by id desc limit ${MOST}`,
    [key.repositoryId, key.number],
  );
  return rows.map(({ at, ...rest }) => ({ ...rest, at: at.toISOString() }));
}
