import type { RepositoryId } from "../model/index.ts";
import { lockMark } from "./confirmed-locks.ts";
import type { Sql } from "./connection.ts";
import { noteEnds } from "./stops.ts";

const DELIVERY_DAYS = 30;
/** Losses after which nothing of a repository is kept; the others can end any day. */
const FORGOTTEN = ["uninstalled", "not-found"];

/** See the port. Called at least daily, it holds to "an uninstalled repository goes within a day". */
export async function tidy(sql: Sql, retentionDays: number, now: number): Promise<RepositoryId[]> {
  await noteEnds(sql, now);
  await removeOld(sql, retentionDays);
  const forgotten = await sql.query<{ id: number }>(
    "select id from drydock.repositories where access_lost = any($1::text[]) order by id for update",
    [FORGOTTEN],
  );
  const ids = forgotten.map(({ id }) => id);
  if (ids.length > 0) await removeRepositories(sql, ids);
  await sql.query(
    `delete from drydock.write_budgets w using drydock.installations i where i.id = w.installation_id and i.is_gone`,
  );
  await sql.query(
    `delete from drydock.installations i where i.is_gone
     and not exists (select 1 from drydock.repositories r where r.installation_id = i.id)`,
  );
  return ids;
}

/** What goes with the row of its pull request. */
const OF_PULL_REQUESTS = [
  "exception_approvals",
  "approvals",
  "overrides",
  "labelers",
  "openings",
  "merges",
  "merge_wishes",
];

async function removeOld(sql: Sql, retentionDays: number): Promise<void> {
  const retention = [retentionDays];
  await sql.query(
    `update drydock.judgements set body = null, json = null
     where judged_at < now() - $1::int * interval '1 day' and (body is not null or json is not null)`,
    retention,
  );
  await sql.query(
    `delete from drydock.judgements j where j.judged_at < now() - $1::int * interval '1 day'
     and not exists (select 1 from drydock.pull_requests p where p.judgement_id = j.id)
     and not exists (select 1 from drydock.merge_groups g where g.judgement_id = j.id and g.is_open)`,
    retention,
  );
  await sql.query(
    `delete from drydock.outgoing o using drydock.pull_requests p
     where p.repository_id = o.repository_id and p.number = o.number
       and not p.is_open and p.updated_at < now() - $1::int * interval '1 day'`,
    retention,
  );
  await sql.query(
    `delete from drydock.outgoing where kind in ('check', 'reaction') and not is_pending
       and wanted_at < now() - $1::int * interval '1 day'
       and not exists (select 1 from drydock.pull_requests p
         where p.repository_id = outgoing.repository_id and p.head_sha = outgoing.head_sha and p.is_open)`,
    retention,
  );
  for (const table of ["pull_requests", "merge_groups"]) {
    await sql.query(
      `delete from drydock.${table} where not is_open and updated_at < now() - $1::int * interval '1 day'`,
      retention,
    );
  }
  await sql.query(
    `delete from drydock.commands where is_done and received_at < now() - $1::int * interval '1 day'`,
    retention,
  );
  for (const table of OF_PULL_REQUESTS) {
    await sql.query(
      `delete from drydock.${table} a
       where not exists (select 1 from drydock.pull_requests p
         where p.repository_id = a.repository_id and p.number = a.number)`,
    );
  }
  await sql.query(
    `delete from drydock.pushers s
     where s.seen_at < now() - $1::int * interval '1 day' and not exists (select 1 from drydock.pull_requests p
       where p.repository_id = s.repository_id and p.is_open)`,
    retention,
  );
  // What still stands is never too old; a hold goes with its pull request.
  await sql.query(
    `delete from drydock.stops s
     where coalesce(s.lifted_at, case when s.is_end_noted then s.until end) < now() - $1::int * interval '1 day'
       or (s.number is not null and s.since < now() - $1::int * interval '1 day' and not exists (select 1 from drydock.pull_requests p
         where p.repository_id = s.repository_id and p.number = s.number))`,
    retention,
  );
  await sql.query(
    `delete from drydock.pushes p where p.seen_at < now() - $1::int * interval '1 day' and exists (
       select 1 from drydock.pushes n where n.repository_id = p.repository_id and n.branch = p.branch and n.id > p.id)`,
    retention,
  );
  await sql.query("delete from drydock.audit where at < now() - $1::int * interval '1 day'", retention);
  await sql.query(`delete from drydock.deliveries where received_at < now() - interval '${DELIVERY_DAYS} days'`);
  await sql.query("delete from drydock.sessions where expires_at < now()");
}

async function removeRepositories(sql: Sql, ids: readonly RepositoryId[]): Promise<void> {
  for (const table of [
    "judgements",
    "outgoing",
    "pull_requests",
    "merge_groups",
    "commands",
    "audit",
    "exception_approvals",
    "stops",
    "overrides",
    "approvals",
    "standings",
    "standing",
    "pushers",
    "labelers",
    "openings",
    "pushes",
    "merges",
    "merge_wishes",
    "merge_sayings",
  ]) {
    await sql.query(`delete from drydock.${table} where repository_id = any($1::bigint[])`, [ids]);
  }
  await sql.query("delete from drydock.marks where name = any($1::text[])", [
    ids.flatMap((id) => [`comments ${id}`, lockMark(id)]),
  ]);
  await sql.query("delete from drydock.repositories where id = any($1::bigint[])", [ids]);
}
