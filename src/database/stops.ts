import type { KeptStop, NewStop, StopLift, StopPlace, StopSetting, StopsPlace, WriteReminder } from "../jobs/ports.ts";
import type { Actor, RepositoryId, Stop, Task } from "../model/index.ts";
import { askForAll } from "./ask-for-all.ts";
import type { Sql } from "./connection.ts";
import { encodeJson, encodeText } from "./encode-json.ts";
import { wantOutgoing } from "./want-outgoing.ts";

interface StopRow {
  readonly id: number;
  readonly kind: Stop["kind"];
  readonly said_by: "command" | "server";
  readonly installation_id: number | null;
  readonly repository_id: number | null;
  readonly number: number | null;
  readonly environment: string | null;
  readonly actor: Actor | null;
  readonly reason: string;
  readonly since: Date;
  readonly until: Date | null;
}

const COLUMNS = "id, kind, said_by, installation_id, repository_id, number, environment, actor, reason, since, until";
/** `$1` is the moment that it is asked for, in milliseconds since the epoch. */
const STANDS = "lifted_at is null and coalesce(until > to_timestamp($1::float8 / 1000), true)";

/** What follows from a change of stops, and the tasks of that. */
export interface Changed<Value> {
  readonly value: Value;
  readonly tasks: readonly Task[];
}

/** See the port. Two that set at once take turns: each sees what the other one kept. */
export async function setStop(sql: Sql, stop: NewStop): Promise<Changed<StopSetting>> {
  const { kind, from, place, by, reason, since, until, source, saidOn } = stop;
  await takeTurn(sql);
  if (await isSaid(sql, stop)) return { value: { kind: "set" }, tasks: [] };
  const same = (await listSame(sql, stop)).filter((other) => kind !== "freeze" || isBySame(other, stop));
  const others = same.find((other) => !isBySame(other, stop));
  if (others !== undefined) return { value: { kind: "standing", stop: others }, tasks: [] };
  await sql.query("update drydock.stops set lifted_at = now() where id = any($1::bigint[])", [
    same.map(({ id }) => id),
  ]);
  const [row] = await sql.query<StopRow>(
    `insert into drydock.stops
       (kind, said_by, installation_id, repository_id, number, environment, actor, reason, since, until, source,
       said_on)
     values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, to_timestamp($9::float8 / 1000), to_timestamp($10::float8 / 1000),
       $11, $12)
     returning ${COLUMNS}`,
    [
      ...[kind, from, place.installationId ?? null, place.repositoryId ?? null, place.number ?? null],
      ...[place.environment === undefined ? null : encodeText(place.environment)],
      ...[
        by === undefined ? null : encodeJson(by),
        encodeText(reason),
        since,
        until ?? null,
        source ?? null,
        saidOn ?? null,
      ],
    ],
  );
  if (row === undefined) throw new Error("an insert gave no row");
  await noteStop(sql, "stop-set", toStop(row), { by, source });
  return { value: { kind: "set" }, tasks: await askForAll(sql, place) };
}

/** See the port. */
export async function liftStops(sql: Sql, { ids, by, source }: StopLift): Promise<Changed<readonly KeptStop[]>> {
  await takeTurn(sql);
  const rows = await sql.query<StopRow>(
    `update drydock.stops s set lifted_at = now() where id = any($1::bigint[]) and lifted_at is null
       and not exists (select 1 from drydock.audit a where a.what = 'stop-lifted'
         and a.repository_id = s.repository_id and a.detail->>'source' = $2
         and a.detail->>'kind' = s.kind and a.detail->>'environment' is not distinct from s.environment
         and (a.detail->>'id')::bigint <> all($1::bigint[]))
     returning ${COLUMNS}`,
    [ids, source ?? null],
  );
  const lifted = rows.map(toStop);
  const tasks: Task[] = [];
  for (const stop of lifted) {
    await noteStop(sql, "stop-lifted", stop, { by, source });
    tasks.push(...(await askForAll(sql, stop.place)));
  }
  return { value: lifted, tasks };
}

export async function listStops(
  sql: Sql,
  { installationId, repositoryId, numbers }: StopsPlace,
  now: number,
): Promise<readonly KeptStop[]> {
  const rows = await sql.query<StopRow>(
    `select ${COLUMNS} from drydock.stops where ${STANDS}
       and (repository_id is null or repository_id = $2)
       and (installation_id is null or repository_id is not null or installation_id = $3)
       and (number is null or $4::int[] is null or number = any($4::int[]))
     order by id`,
    [now, repositoryId, installationId, numbers ?? null],
  );
  return rows.map(toStop);
}

export async function listServerStops(sql: Sql, now: number): Promise<readonly KeptStop[]> {
  const rows = await sql.query<StopRow>(
    `select ${COLUMNS} from drydock.stops where ${STANDS} and repository_id is null order by id`,
    [now],
  );
  return rows.map(toStop);
}

/** See the port. */
export async function remindOfLocks(
  sql: Sql,
  repositoryId: RepositoryId,
  before: number,
  write: WriteReminder,
): Promise<Task[]> {
  const rows = await sql.query<StopRow & { readonly said_on: number | null }>(
    `update drydock.stops set reminded_at = now()
     where repository_id = $1 and kind = 'lock' and lifted_at is null and reminded_at is null
       and since <= to_timestamp($2::float8 / 1000)
     returning ${COLUMNS}, said_on`,
    [repositoryId, before],
  );
  const wishes = rows.flatMap((row) => (row.said_on === null ? [] : [write(toStop(row), row.said_on)]));
  return wantOutgoing(sql, repositoryId, "bots", wishes);
}

/** The ends that nobody said anything about, for the audit trail. */
export async function noteEnds(sql: Sql, now: number): Promise<void> {
  const rows = await sql.query<StopRow>(
    `update drydock.stops set is_end_noted = true
     where lifted_at is null and not is_end_noted and until <= to_timestamp($1::float8 / 1000)
     returning ${COLUMNS}`,
    [now],
  );
  for (const row of rows) await noteStop(sql, "stop-ended", toStop(row), {});
}

async function takeTurn(sql: Sql): Promise<void> {
  await sql.query("select pg_advisory_xact_lock(hashtextextended('drydock stops', 0))");
}

async function isSaid(sql: Sql, { kind, place, source }: NewStop): Promise<boolean> {
  if (source === undefined) return false;
  const found = await sql.query(
    `select 1 from drydock.stops
     where repository_id = $1 and source = $2 and kind = $3 and environment is not distinct from $4 limit 1`,
    [place.repositoryId ?? null, source, kind, place.environment ?? null],
  );
  return found.length > 0;
}

/** What stands of the same kind in exactly the same place. */
async function listSame(sql: Sql, { kind, place, since }: NewStop): Promise<readonly KeptStop[]> {
  const rows = await sql.query<StopRow>(
    `select ${COLUMNS} from drydock.stops where ${STANDS} and kind = $2
       and installation_id is not distinct from $3 and repository_id is not distinct from $4
       and number is not distinct from $5::int and environment is not distinct from $6
     order by id`,
    [
      ...[since, kind, place.installationId ?? null, place.repositoryId ?? null, place.number ?? null],
      place.environment ?? null,
    ],
  );
  return rows.map(toStop);
}

function isBySame({ by: left }: Pick<Stop, "by">, { by: right }: Pick<Stop, "by">): boolean {
  return left?.id === right?.id;
}

async function noteStop(
  sql: Sql,
  what: "stop-set" | "stop-lifted" | "stop-ended",
  { id, place, kind, reason, until, by: setBy }: KeptStop,
  { by, source }: { readonly by?: Actor | undefined; readonly source?: string | undefined },
): Promise<void> {
  const detail = { id, kind, environment: place.environment ?? null, reason, until: until ?? null, setBy, by, source };
  await sql.query(
    "insert into drydock.audit (what, installation_id, repository_id, number, detail) values ($1, $2, $3, $4, $5::jsonb)",
    [what, place.installationId ?? null, place.repositoryId ?? null, place.number ?? null, encodeJson(detail)],
  );
}

function toStop(row: StopRow): KeptStop {
  const place: StopPlace = {
    installationId: row.installation_id ?? undefined,
    repositoryId: row.repository_id ?? undefined,
    number: row.number ?? undefined,
    environment: row.environment ?? undefined,
  };
  return {
    ...{ id: row.id, kind: row.kind, from: row.said_by, place, environment: place.environment },
    ...{ by: row.actor ?? undefined, reason: row.reason },
    ...{ since: row.since.getTime(), until: row.until?.getTime() },
  };
}
