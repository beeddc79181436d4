import type { Actor, RepositoryId, Task } from "../model/index.ts";
import { askForAll } from "./ask-for-all.ts";
import type { Sql } from "./connection.ts";
import { encodeJson } from "./encode-json.ts";

/** The mark of a repository: environments of which an admin has said that they are not locked. Records that are new have none. */
export function lockMark(repositoryId: RepositoryId): string {
  return `unlocked ${repositoryId}`;
}

/** See the port. */
export async function listConfirmed(sql: Sql, repositoryId: RepositoryId): Promise<readonly string[]> {
  const [row] = await sql.query<{ names: readonly string[] }>(
    "select value::jsonb as names from drydock.marks where name = $1 for update",
    [lockMark(repositoryId)],
  );
  return row?.names ?? [];
}

/** See the port. */
export async function confirmUnlocked(
  sql: Sql,
  repositoryId: RepositoryId,
  environment: string,
  by: Actor,
): Promise<{ readonly value: boolean; readonly tasks: readonly Task[] }> {
  await sql.query("insert into drydock.marks (name, value) values ($1, '[]') on conflict (name) do nothing", [
    lockMark(repositoryId),
  ]);
  const known = await listConfirmed(sql, repositoryId);
  if (known.includes(environment)) return { value: false, tasks: [] };
  await sql.query("update drydock.marks set value = $2 where name = $1", [
    lockMark(repositoryId),
    encodeJson([...known, environment]),
  ]);
  await sql.query(
    "insert into drydock.audit (what, repository_id, detail) values ('unlocked-confirmed', $1, $2::jsonb)",
    [repositoryId, encodeJson({ environment, by })],
  );
  const place = { installationId: undefined, repositoryId, number: undefined };
  return { value: true, tasks: await askForAll(sql, place) };
}
