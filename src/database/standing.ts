import { createHash } from "node:crypto";
import type { KnownStanding } from "../jobs/ports.ts";
import type { RepositoryId, StandingPlace, StandingValue } from "../model/index.ts";
import type { Sql } from "./connection.ts";
import { encodeJson, encodeText } from "./encode-json.ts";

/** What was last seen in a place; undefined before the first look. */
export async function readSeen(sql: Sql, place: StandingPlace): Promise<KnownStanding | undefined> {
  const key = keyOf(place);
  const [known] = await sql.query<{ state: string; changed_at: Date }>(
    "select state, changed_at from drydock.standings where repository_id = $1 and branch = $2 and environment = $3",
    key,
  );
  if (known === undefined) return undefined;
  const rows = await sql.query<Omit<StandingValue, "since"> & { since: Date }>(
    `select app, what, value, since from drydock.standing
     where repository_id = $1 and branch = $2 and environment = $3 order by app, what, value`,
    key,
  );
  const values = rows.map((row) => ({ ...row, since: row.since.getTime() }));
  return { state: known.state, values, changedAt: known.changed_at.getTime() };
}

/**
 * Notes everything that stands in a place. What stood there before keeps its moment, what is new has stood there since
 * `now`, and what is gone is forgotten. One that looked at an older commit can only set moments later.
 */
export async function noteSeen(
  sql: Sql,
  place: StandingPlace,
  state: string,
  values: readonly Omit<StandingValue, "since">[],
  now: number,
): Promise<void> {
  const key = keyOf(place);
  const moment = new Date(now).toISOString();
  // Two that note one place wait for each other here.
  await sql.query(
    `insert into drydock.standings (repository_id, branch, environment, state, changed_at) values ($1, $2, $3, $4, $5)
     on conflict (repository_id, branch, environment) do update set state = excluded.state`,
    [...key, state, moment],
  );
  const rows = values.map(({ app, what, value }) => ({ digest: digestOf([app, what, value]), app, what, value }));
  const [counted] = await sql.query<{ count: number }>(
    `with wanted as (
       select distinct on (digest) * from jsonb_to_recordset($4::jsonb) as x (digest text, app text, what text, value text)
     ), gone as (
       delete from drydock.standing s where repository_id = $1 and branch = $2 and environment = $3
         and not exists (select 1 from wanted where wanted.digest = s.digest)
       returning 1
     ), come as (
       insert into drydock.standing (repository_id, branch, environment, digest, app, what, value, since)
       select $1, $2, $3, wanted.*, $5::timestamptz from wanted
       on conflict do nothing
       returning 1
     ) select ((select count(*) from gone) + (select count(*) from come))::int as count`,
    [...key, encodeJson(rows), moment],
  );
  if (counted?.count === 0) return;
  await sql.query(
    `update drydock.standings set changed_at = $4
     where repository_id = $1 and branch = $2 and environment = $3`,
    [...key, moment],
  );
}

export async function isWatched(sql: Sql, repositoryId: RepositoryId, branch: string): Promise<boolean> {
  const rows = await sql.query("select 1 from drydock.standings where repository_id = $1 and branch = $2 limit 1", [
    repositoryId,
    encodeText(branch),
  ]);
  return rows.length > 0;
}

/** Environments that nobody is promoted from any more are not watched: should one be again, its moments begin anew. */
export async function keepSeen(sql: Sql, repositoryId: RepositoryId, environments: readonly string[]): Promise<void> {
  for (const table of ["standings", "standing"]) {
    await sql.query(`delete from drydock.${table} where repository_id = $1 and not environment = any($2::text[])`, [
      repositoryId,
      environments,
    ]);
  }
}

function keyOf({ repositoryId, branch, environment }: StandingPlace): readonly unknown[] {
  return [repositoryId, encodeText(branch), environment];
}

function digestOf(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
