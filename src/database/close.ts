import { PUSH_CHECK_NAME, type PullRequestKey, type RepositoryId, type Task } from "../model/index.ts";
import type { Sql } from "./connection.ts";

/**
 * A pull request was closed: what still was to be written to it is let go. What stands on GitHub is remembered, so
 * that a reopened one goes on with its own comment. Others with the same head are judged again: this one's verdict no
 * longer counts among theirs. Whether it was merged GitHub says again when its labels are looked at.
 */
export async function closePullRequest(sql: Sql, { repositoryId, number }: PullRequestKey): Promise<Task[]> {
  const label: Task = { kind: "label-merge", repositoryId, number };
  const closed = await sql.query<{ head_sha: string | null; was_open: boolean }>(
    `update drydock.pull_requests p
     set is_open = false,
       closed_reasons = case when p.is_open or 'opened' = any(p.reasons) then p.reasons else p.closed_reasons end,
       reasons = '{}', waiting_since = null, generation = p.generation + 1, updated_at = now()
     from (select is_open as was_open from drydock.pull_requests
           where repository_id = $1 and number = $2 for update) before
     where repository_id = $1 and number = $2 returning p.head_sha, was_open`,
    [repositoryId, number],
  );
  await letGo(sql, "repository_id = $1 and number = $2 and kind in ('comment', 'review', 'labels', 'merge')", [
    repositoryId,
    number,
  ]);
  await sql.query("delete from drydock.merge_wishes where repository_id = $1 and number = $2", [repositoryId, number]);
  const headSha = closed[0]?.head_sha ?? undefined;
  if (headSha === undefined || closed[0]?.was_open !== true) return [label];
  const others = await sql.query<{ number: number; lane: "groups" | "people" | "bots" }>(
    `update drydock.pull_requests
     set generation = generation + 1, waiting_since = coalesce(waiting_since, now()),
       reasons = case when 'edited' = any(reasons) then reasons else reasons || 'edited'::text end
     where repository_id = $1 and head_sha = $2 and is_open
     returning number, lane`,
    [repositoryId, headSha],
  );
  if (others.length === 0) await letGoOfChecks(sql, repositoryId, headSha);
  const judge = others.map((other): Task => ({ kind: "judge", repositoryId, number: other.number, lane: other.lane }));
  return [label, ...judge];
}

export async function dropGroup(sql: Sql, repositoryId: RepositoryId, headSha: string): Promise<void> {
  await sql.query(
    `update drydock.merge_groups
     set is_open = false, waiting_since = null, generation = generation + 1, updated_at = now()
     where repository_id = $1 and head_sha = $2`,
    [repositoryId, headSha],
  );
  await letGoOfChecks(sql, repositoryId, headSha);
}

async function letGoOfChecks(sql: Sql, repositoryId: RepositoryId, headSha: string): Promise<void> {
  await letGo(
    sql,
    `repository_id = $1 and head_sha = $2 and kind = 'check' and slot <> $2 || '/${PUSH_CHECK_NAME}'
     and not exists (select 1 from drydock.pull_requests p
       where p.repository_id = $1 and p.head_sha = $2 and p.is_open)
     and not exists (select 1 from drydock.merge_groups g
       where g.repository_id = $1 and g.head_sha = $2 and g.is_open)`,
    [repositoryId, headSha],
  );
}

async function letGo(sql: Sql, where: string, values: readonly unknown[]): Promise<void> {
  await sql.query(`update drydock.outgoing set is_pending = false where is_pending and ${where}`, values);
  await sql.query(`delete from drydock.outgoing where published is null and not is_uncertain and ${where}`, values);
}
