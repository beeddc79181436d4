import {
  nameCommand,
  type CommandKey,
  type CommandSource,
  type PullRequest,
  type RepositoryId,
  type Task,
} from "../model/index.ts";
import { closePullRequest } from "./close.ts";
import type { Sql } from "./connection.ts";
import { encodeJson, encodeText } from "./encode-json.ts";
import { QUEUE_SCHEMA } from "./task-jobs.ts";

export interface Comparison {
  readonly missed: readonly PullRequest[];
  /** What closing those that are not open any more asks for. */
  readonly tasks: readonly Task[];
}

/** Compares with what GitHub lists as open, see the port. Notes when each was opened, which decides whether it is quiet. */
export async function compareOpen(
  sql: Sql,
  repositoryId: RepositoryId,
  open: readonly PullRequest[],
  now: number,
): Promise<Comparison> {
  const listed = open.map((pull) => ({
    number: pull.number,
    head_sha: pull.headSha,
    base_ref: encodeText(pull.baseRef),
    created_at: pull.createdAt,
  }));
  const gone = await sql.query<{ number: number }>(
    `select number from drydock.pull_requests
     where repository_id = $1 and is_open and not number = any($2::int[]) order by number`,
    [repositoryId, listed.map(({ number }) => number)],
  );
  const tasks: Task[] = [];
  for (const { number } of gone) {
    tasks.push(
      { kind: "judge-merge", repositoryId, number },
      ...(await closePullRequest(sql, { repositoryId, number })),
    );
  }
  await sql.query(
    `insert into drydock.pull_requests as p (repository_id, number, created_at)
     select $1, x.number, x.created_at from jsonb_to_recordset($2::jsonb) as x (number int, created_at timestamptz)
     order by x.number
     on conflict (repository_id, number) do update set created_at = excluded.created_at
     where p.created_at is distinct from excluded.created_at`,
    [repositoryId, encodeJson(listed)],
  );
  const missed = await sql.query<{ number: number }>(
    `select x.number from jsonb_to_recordset($2::jsonb) as x (number int, head_sha text, base_ref text)
     where not exists (
       select 1 from drydock.pull_requests p join drydock.judgements j on j.id = p.judgement_id
       where p.repository_id = $1 and p.number = x.number and p.is_open
         and j.head_sha = x.head_sha and j.base_ref = x.base_ref
         and coalesce(jsonb_array_length(p.asked_exceptions), 0) = 0
         and coalesce(p.changes_at > to_timestamp($3::float8 / 1000), true))
     and not exists (
       select 1 from ${QUEUE_SCHEMA}.job t
       where t.name = 'judge' and t.state <= 'active' and t.singleton_key = $1::bigint || '/' || x.number)`,
    [repositoryId, encodeJson(listed), now],
  );
  const numbers = new Set(missed.map(({ number }) => number));
  return { missed: open.filter(({ number }) => numbers.has(number)), tasks };
}

export async function unknownCommands(
  sql: Sql,
  repositoryId: RepositoryId,
  keys: readonly CommandKey[],
): Promise<readonly CommandKey[]> {
  const stored = await sql.query<{ source: CommandSource; comment_id: number }>(
    "select source, comment_id from drydock.commands where repository_id = $1 and comment_id = any($2::bigint[])",
    [repositoryId, keys.map(({ commentId }) => commentId)],
  );
  const known = new Set(stored.map(({ source, comment_id: commentId }) => nameCommand({ source, commentId })));
  return keys.filter((key) => !known.has(nameCommand(key)));
}
