import type { Actor, Outgoing, RepositoryId, Task } from "../model/index.ts";
import type { StoredCommand } from "../jobs/ports.ts";
import type { Sql } from "./connection.ts";
import { REPOSITORY_COLUMNS, toRepositoryFacts } from "./facts.ts";
import type { RepositoryRow } from "./facts.ts";
import { wantOutgoing } from "./want-outgoing.ts";

interface CommandRow extends RepositoryRow {
  readonly number: number;
  readonly comment_id: number;
  readonly actor: Actor;
  readonly text: string;
  readonly head_sha: string | null;
  readonly is_done: boolean;
}

export async function readCommand(
  sql: Sql,
  repositoryId: RepositoryId,
  commentId: number,
): Promise<StoredCommand | undefined> {
  const [row] = await sql.query<CommandRow>(
    `select ${REPOSITORY_COLUMNS}, c.number, c.comment_id, c.actor, c.text, c.head_sha, c.is_done
     from drydock.commands c
     join drydock.repositories r on r.id = c.repository_id
     left join drydock.installations i on i.id = r.installation_id
     where c.repository_id = $1 and c.comment_id = $2
       and r.access_lost is null and not coalesce(i.is_suspended or i.is_gone, false)`,
    [repositoryId, commentId],
  );
  return row === undefined
    ? undefined
    : {
        repository: toRepositoryFacts(row),
        number: row.number,
        commentId: row.comment_id,
        actor: row.actor,
        text: row.text,
        headSha: row.head_sha ?? undefined,
        isDone: row.is_done,
      };
}

export async function finishCommand(
  sql: Sql,
  repositoryId: RepositoryId,
  commentId: number,
  answers: readonly Outgoing[],
): Promise<Task[]> {
  await sql.query("update drydock.commands set is_done = true where repository_id = $1 and comment_id = $2", [
    repositoryId,
    commentId,
  ]);
  return wantOutgoing(sql, repositoryId, "people", answers);
}
