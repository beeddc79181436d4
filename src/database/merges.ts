import type { KeptMerge, MergedLabels } from "../jobs/ports.ts";
import type { PullRequestKey, Task } from "../model/index.ts";
import type { Sql } from "./connection.ts";
import { encodeJson } from "./encode-json.ts";
import { wantLabels } from "./want-outgoing.ts";

/** See the port. */
export async function readMerge(sql: Sql, { repositoryId, number }: PullRequestKey): Promise<KeptMerge | undefined> {
  const [row] = await sql.query<{ merge_sha: string; head_sha: string; environments: readonly string[] }>(
    "select merge_sha, head_sha, environments from drydock.merges where repository_id = $1 and number = $2",
    [repositoryId, number],
  );
  return row && { mergeSha: row.merge_sha, headSha: row.head_sha, environments: row.environments };
}

/** See the port. */
export async function keepMerge(sql: Sql, { repositoryId, number }: PullRequestKey, merge: KeptMerge): Promise<void> {
  const { mergeSha, headSha, environments } = merge;
  await sql.query(
    `with kept as (
       insert into drydock.merges as m (repository_id, number, merge_sha, head_sha, environments)
       values ($1, $2, $3, $4, $5::jsonb)
       on conflict (repository_id, number) do update set
         merge_sha = excluded.merge_sha, head_sha = excluded.head_sha, environments = excluded.environments
       where m.merge_sha <> excluded.merge_sha
       returning 1)
     insert into drydock.audit (what, repository_id, number, detail)
     select 'merge-judged', $1, $2, $6::jsonb from kept`,
    [repositoryId, number, mergeSha, headSha, encodeJson(environments), encodeJson(merge)],
  );
}

/** See the port. */
export async function wantMergedLabels(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
  { labels, standing }: MergedLabels,
): Promise<Task[]> {
  return await wantLabels(sql, repositoryId, "people", { kind: "labels", number, of: "merge", labels, standing });
}

/** See the port. Said once a reason. */
export async function noteUnknownMerge(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
  reason: string,
): Promise<void> {
  await sql.query(
    `insert into drydock.audit (what, repository_id, number, detail)
     select 'merge-unknown', $1::bigint, $2::int, $3::jsonb
     where not exists (select 1 from drydock.audit
       where repository_id = $1 and number = $2 and what = 'merge-unknown' and detail = $3::jsonb)`,
    [repositoryId, number, encodeJson({ reason })],
  );
}
