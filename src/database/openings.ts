import type { Opening, PullRequestKey } from "../model/index.ts";
import type { Actor } from "../model/index.ts";
import type { Sql } from "./connection.ts";
import { encodeJson } from "./encode-json.ts";

/** See the port. */
export async function keepOpening(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
  { kind, requestedBy }: Opening,
): Promise<void> {
  await sql.query(
    `insert into drydock.openings (repository_id, number, kind, requested_by) values ($1, $2, $3, $4::jsonb)
     on conflict do nothing`,
    [repositoryId, number, kind ?? null, requestedBy === undefined ? null : encodeJson(requestedBy)],
  );
}

/** See the port. */
export async function readOpening(sql: Sql, { repositoryId, number }: PullRequestKey): Promise<Opening | undefined> {
  const [row] = await sql.query<{ kind: Opening["kind"] | null; requested_by: Actor | null }>(
    "select kind, requested_by from drydock.openings where repository_id = $1 and number = $2",
    [repositoryId, number],
  );
  return row === undefined ? undefined : { kind: row.kind ?? undefined, requestedBy: row.requested_by ?? undefined };
}
