import type { CombineVerdicts, MergeEnd, MergeOutgoing, MergeWish, NewMergeWish, OutgoingItem } from "../jobs/ports.ts";
import type { Actor, PullRequestKey, Task } from "../model/index.ts";
import type { Sql } from "./connection.ts";
import { encodeJson, encodeText } from "./encode-json.ts";
import { readHeadVerdicts } from "./judgements.ts";
import { hashOutgoing } from "./outgoing-slot.ts";
import { wantOutgoing } from "./want-outgoing.ts";

/** See the port. */
export async function keepMergeWish(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
  { source, actor, givenAt, headSha, baseRef }: NewMergeWish,
): Promise<boolean> {
  const judged = await sql.query<{ report_digest: string }>(
    `select report_digest from drydock.judgements
     where repository_id = $1 and number = $2 and head_sha = $3 and base_ref = $4 and report_digest is not null
     order by id desc limit 1`,
    [repositoryId, number, headSha, encodeText(baseRef)],
  );
  const [judgement] = judged;
  if (judgement === undefined) return false;
  if (!(await sayOnce(sql, repositoryId, source))) return true;
  await sql.query(
    `insert into drydock.merge_wishes as w
       (repository_id, number, source, actor, given_at, head_sha, base_ref, report_digest)
     values ($1, $2, $3, $4::jsonb, to_timestamp($5::float8 / 1000), $6, $7, $8)
     on conflict (repository_id, number) do update set
       source = excluded.source, actor = excluded.actor, given_at = excluded.given_at,
       head_sha = excluded.head_sha, base_ref = excluded.base_ref, report_digest = excluded.report_digest`,
    [
      ...[repositoryId, number, source, encodeJson(actor), givenAt, headSha, encodeText(baseRef)],
      judgement.report_digest,
    ],
  );
  await noteMerge(sql, { repositoryId, number }, "merge-wanted", { by: actor, headSha, baseRef });
  return true;
}

/** A comment that is read again, after a crash or a redelivery, brings back no wish that is over (T16). */
async function sayOnce(sql: Sql, repositoryId: number, source: string): Promise<boolean> {
  const said = await sql.query(
    "insert into drydock.merge_sayings (repository_id, source) values ($1, $2) on conflict do nothing returning 1",
    [repositoryId, source],
  );
  return said.length > 0;
}

interface WishRow {
  readonly actor: Actor;
  readonly given_at: Date;
  readonly head_sha: string;
  readonly base_ref: string;
  readonly report_digest: string;
}

/** See the port. */
export async function readMergeWish(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
): Promise<MergeWish | undefined> {
  const [row] = await sql.query<WishRow>(
    "select actor, given_at, head_sha, base_ref, report_digest from drydock.merge_wishes where repository_id = $1 and number = $2",
    [repositoryId, number],
  );
  if (row === undefined) return undefined;
  const { actor, given_at: givenAt, head_sha: headSha, base_ref: baseRef, report_digest: reportDigest } = row;
  return { actor, givenAt: givenAt.getTime(), headSha, baseRef, reportDigest };
}

/** See the port. */
export async function endMergeWish(
  sql: Sql,
  key: PullRequestKey,
  { what, tell, source, ...detail }: MergeEnd,
): Promise<{ readonly value: boolean; readonly tasks: readonly Task[] }> {
  const { repositoryId, number } = key;
  if (source !== undefined && !(await sayOnce(sql, repositoryId, source))) return { value: true, tasks: [] };
  const [ended] = await sql.query<{ source: string; actor: Actor }>(
    "delete from drydock.merge_wishes where repository_id = $1 and number = $2 returning source, actor",
    [repositoryId, number],
  );
  // The webhook of the merge may have come before GitHub's answer, and taken the wish away.
  if (ended !== undefined || (what === "merged" && !(await isMergeNoted(sql, key, detail.headSha)))) {
    await noteMerge(sql, key, what, { ...detail, askedBy: ended?.actor });
  }
  if (ended === undefined) return { value: false, tasks: [] };
  await dropMerge(sql, key);
  if (tell === undefined) return { value: true, tasks: [] };
  const answer = { kind: "answer", number, to: `merge ${ended.source}`, body: tell } as const;
  return { value: true, tasks: await wantOutgoing(sql, repositoryId, "people", [answer]) };
}

/** What is under way is asked before GitHub is: `beginMerge`. */
async function dropMerge(sql: Sql, { repositoryId, number }: PullRequestKey): Promise<void> {
  await sql.query(
    `update drydock.outgoing set is_pending = false
     where repository_id = $1 and number = $2 and kind = 'merge' and is_pending and not is_uncertain`,
    [repositoryId, number],
  );
}

/** See the port. */
export async function wantMerge(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
  merge: MergeOutgoing,
  combine: CombineVerdicts,
): Promise<readonly Task[]> {
  const current = await sql.query(
    `select 1 from drydock.pull_requests p
     join drydock.merge_wishes w on w.repository_id = p.repository_id and w.number = p.number
     where p.repository_id = $1 and p.number = $2 and p.generation = $3 and p.is_open`,
    [repositoryId, number, merge.generation],
  );
  if (current.length === 0) return [];
  const checks = combine(merge.headSha, await readHeadVerdicts(sql, repositoryId, merge.headSha));
  if (!checks.every(({ state }) => state === "success")) return [];
  return await wantOutgoing(sql, repositoryId, "people", [merge]);
}

/** See the port. */
export async function beginMerge(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
  item: OutgoingItem,
  { generation }: MergeOutgoing,
  now: number,
): Promise<boolean> {
  const begun = await sql.query(
    `update drydock.outgoing o set is_uncertain = true
     from drydock.pull_requests p
     join drydock.merge_wishes w on w.repository_id = p.repository_id and w.number = p.number
     where o.id = $1 and o.wanted_hash = $2 and o.is_pending
       and p.repository_id = $3 and p.number = $4 and p.generation = $5 and p.is_open
       and coalesce(p.changes_at > to_timestamp($6::float8 / 1000), true)
     returning 1`,
    [item.id, hashOutgoing(item.outgoing), repositoryId, number, generation, now],
  );
  return begun.length > 0;
}

/** See the port. */
export async function deferMerge(sql: Sql, { repositoryId, number }: PullRequestKey, at: number): Promise<void> {
  await sql.query(
    `update drydock.pull_requests
     set changes_at = least(coalesce(changes_at, to_timestamp($3::float8 / 1000)), to_timestamp($3::float8 / 1000))
     where repository_id = $1 and number = $2 and is_open
       and exists (select 1 from drydock.merge_wishes where repository_id = $1 and number = $2)`,
    [repositoryId, number, at],
  );
}

/** Whoever goes on after a crash tells it again. */
async function isMergeNoted(sql: Sql, { repositoryId, number }: PullRequestKey, headSha = ""): Promise<boolean> {
  const noted = await sql.query(
    `select 1 from drydock.audit
     where repository_id = $1 and number = $2 and what = 'merged' and detail->>'headSha' = $3 limit 1`,
    [repositoryId, number, headSha],
  );
  return noted.length > 0;
}

async function noteMerge(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
  what: string,
  detail: object,
): Promise<void> {
  await sql.query("insert into drydock.audit (what, repository_id, number, detail) values ($1, $2, $3, $4::jsonb)", [
    ...[what, repositoryId, number, encodeJson(detail)],
  ]);
}
