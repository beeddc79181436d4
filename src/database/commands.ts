import type { Actor, CommandKey, CommandSource, Outgoing, RepositoryId, Task } from "../model/index.ts";
import type { StoredCommand } from "../jobs/ports.ts";
import type { Sql } from "./connection.ts";
import { REPOSITORY_COLUMNS, toRepositoryFacts } from "./facts.ts";
import type { RepositoryRow } from "./facts.ts";
import { wantOutgoing } from "./want-outgoing.ts";

interface CommandRow extends RepositoryRow {
  readonly number: number;
  readonly source: CommandSource;
  readonly comment_id: number;
  readonly actor: Actor;
  readonly text: string;
  readonly head_sha: string | null;
  readonly given_at: Date;
  readonly is_done: boolean;
}

export async function readCommand(
  sql: Sql,
  repositoryId: RepositoryId,
  { source, commentId }: CommandKey,
): Promise<StoredCommand | undefined> {
  const [row] = await sql.query<CommandRow>(
    `select ${REPOSITORY_COLUMNS}, c.number, c.source, c.comment_id, c.actor, c.text, c.head_sha,
       coalesce(c.posted_at, c.received_at) as given_at, c.is_done
     from drydock.commands c
     join drydock.repositories r on r.id = c.repository_id
     left join drydock.installations i on i.id = r.installation_id
     where c.repository_id = $1 and c.source = $2 and c.comment_id = $3
       and r.access_lost is null and not coalesce(i.is_suspended or i.is_gone, false)`,
    [repositoryId, source, commentId],
  );
  return row === undefined
    ? undefined
    : {
        repository: toRepositoryFacts(row),
        number: row.number,
        source: row.source,
        commentId: row.comment_id,
        actor: row.actor,
        text: row.text,
        headSha: row.head_sha ?? undefined,
        givenAt: row.given_at.getTime(),
        isDone: row.is_done,
      };
}

export async function finishCommand(
  sql: Sql,
  repositoryId: RepositoryId,
  { source, commentId }: CommandKey,
  answers: readonly Outgoing[],
): Promise<Task[]> {
  await sql.query(
    "update drydock.commands set is_done = true where repository_id = $1 and source = $2 and comment_id = $3",
    [repositoryId, source, commentId],
  );
  return wantOutgoing(sql, repositoryId, "people", answers);
}
