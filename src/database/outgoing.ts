import type { InstallationId, Outgoing, Published, Task } from "../model/index.ts";
import type { OutgoingItem, WriteGrant } from "../jobs/ports.ts";
import type { Sql } from "./connection.ts";
import { encodeJson, encodeText } from "./encode-json.ts";
import { REPOSITORY_COLUMNS, toRepositoryFacts } from "./facts.ts";
import type { RepositoryRow } from "./facts.ts";
import { RANK_OF_REST, hashOutgoing } from "./outgoing-slot.ts";
import { takeWrite, type WantedWrite } from "./write-budget.ts";

interface OutgoingRow extends RepositoryRow {
  readonly id: number;
  readonly wanted: Outgoing;
  readonly published: Published | null;
  readonly is_uncertain: boolean;
  readonly is_partial: boolean;
  readonly wanted_at: Date;
  readonly permissions: Readonly<Record<string, string>> | null;
}

/**
 * What may be written now. What a request has left is looked for ten seconds after it: a process that is gone, or that was
 * taken for dead, may have sent it in its last moment.
 */
const IS_READY = `o.is_pending and (o.not_before is null or o.not_before <= now())
  and (not o.is_uncertain or o.attempted_at is null or o.attempted_at <= clock_timestamp() - interval '10 seconds')
  and r.access_lost is null and not coalesce(i.is_suspended or i.is_gone, false)`;

const ORDERS = { "most-important": "o.rank, o.lane, o.wanted_at, o.id", oldest: "o.wanted_at, o.id" } as const;

export async function nextOutgoing(
  sql: Sql,
  installationId: InstallationId,
  first: keyof typeof ORDERS = "most-important",
): Promise<OutgoingItem | undefined> {
  const [row] = await sql.query<OutgoingRow>(
    `select ${REPOSITORY_COLUMNS}, o.id, o.wanted, o.published, o.is_uncertain, o.wanted_at, i.permissions,
       o.is_partial and o.wanted_hash = o.published_hash as is_partial
     from drydock.outgoing o
     join drydock.repositories r on r.id = o.repository_id
     left join drydock.installations i on i.id = o.installation_id
     where o.installation_id = $1 and ${IS_READY}
     order by ${ORDERS[first]} limit 1`,
    [installationId],
  );
  return row === undefined
    ? undefined
    : {
        id: String(row.id),
        repository: toRepositoryFacts(row),
        permissions: row.permissions ?? {},
        outgoing: row.wanted,
        published: row.published ?? undefined,
        isUncertain: row.is_uncertain,
        isPartial: row.is_partial,
        wantedAt: row.wanted_at.toISOString(),
      };
}

/** A write for this item, unless something newer is wanted in its place: then nothing is taken from the bucket. */
export async function takeWriteFor(
  sql: Sql,
  item: OutgoingItem,
  { isBegun, ...write }: WantedWrite & { readonly isBegun: boolean },
): Promise<WriteGrant> {
  const wanted = await sql.query("select 1 from drydock.outgoing where id = $1 and wanted_hash = $2 and is_pending", [
    item.id,
    hashOutgoing(item.outgoing),
  ]);
  return wanted.length === 0 && !isBegun
    ? { kind: "overtaken" }
    : takeWrite(sql, item.repository.installationId, write);
}

export async function holdBack(sql: Sql, item: OutgoingItem, until: number): Promise<void> {
  await sql.query(
    "update drydock.outgoing set not_before = to_timestamp($3::float8 / 1000) where id = $1 and wanted_hash = $2",
    [item.id, hashOutgoing(item.outgoing), until],
  );
}

/** False, and nothing noted, where the item has gone or something newer is wanted, unless it is begun. */
export async function markAttempt(sql: Sql, item: OutgoingItem, isBegun = false): Promise<boolean> {
  const marked = await sql.query(
    `update drydock.outgoing set is_uncertain = true, attempted_at = clock_timestamp()
     where id = $1 and ($3::boolean or (wanted_hash = $2 and is_pending)) returning 1`,
    [item.id, hashOutgoing(item.outgoing), isBegun],
  );
  return marked.length > 0;
}

/**
 * A wish that changed while the older one was on its way stays to be written, also where it came back to what stood
 * before and had nothing to write then: that is not what stands now. So do labels that were seen to differ meanwhile
 * (`wantOutgoing`). What is left of labels, which are partial from their beginning, is no rest: somebody may act on it.
 */
export async function markPublished(
  sql: Sql,
  item: OutgoingItem,
  published: Published,
  isDone: boolean,
): Promise<void> {
  await sql.query(
    `update drydock.outgoing
     set published = $2::jsonb, published_hash = $3, is_uncertain = false, is_partial = not $4::boolean,
       failures = 0, not_before = null,
       is_pending = refused is null and (wanted_hash <> $3 or not $4::boolean
         or (kind = 'labels' and is_partial and published_hash is null)),
       rank = case when kind <> 'labels' and wanted_hash = $3 and not $4::boolean then ${RANK_OF_REST} else rank end
     where id = $1`,
    [item.id, encodeJson(published), hashOutgoing(item.outgoing), isDone],
  );
}

/** Seconds before the first repetition; each further one waits twice as long. */
const FIRST_WAIT = 15;
const LONGEST_WAIT = 3600;

export async function postpone(sql: Sql, item: OutgoingItem, reason: string): Promise<void> {
  await sql.query(
    `update drydock.outgoing
     set failures = failures + 1,
       not_before = now() + least(${LONGEST_WAIT}, ${FIRST_WAIT} * 2 ^ least(failures, 12)) * interval '1 second'
     where id = $1`,
    [item.id],
  );
  await noteTrouble(sql, item, "postponed", reason);
}

/** The tasks that write what was put off, or may have been written, and is due by now. */
export async function listDue(sql: Sql): Promise<Task[]> {
  const rows = await sql.query<{ installation_id: number }>(
    `select distinct o.installation_id from drydock.outgoing o
     join drydock.repositories r on r.id = o.repository_id
     left join drydock.installations i on i.id = o.installation_id
     where (o.not_before <= now() or o.is_uncertain) and ${IS_READY}`,
  );
  return rows.map(({ installation_id: installationId }) => ({ kind: "publish", installationId }));
}

/** What may have come of an earlier request is as unknown as before. */
export async function markRefused(sql: Sql, item: OutgoingItem, reason: string): Promise<void> {
  await sql.query(
    `update drydock.outgoing
     set refused = $2, is_pending = false, is_uncertain = $4, attempted_at = null where id = $1 and wanted_hash = $3`,
    [item.id, encodeText(reason), hashOutgoing(item.outgoing), item.isUncertain],
  );
  await noteTrouble(sql, item, "refused", reason);
}

async function noteTrouble(
  sql: Sql,
  { repository, outgoing }: OutgoingItem,
  what: string,
  reason: string,
): Promise<void> {
  await sql.query(
    `insert into drydock.audit (what, installation_id, repository_id, number, detail)
     values ($1, $2, $3, $4, $5::jsonb)`,
    [
      what,
      repository.installationId,
      repository.repositoryId,
      "number" in outgoing ? outgoing.number : null,
      encodeJson({ kind: outgoing.kind, reason }),
    ],
  );
}
