import type { NewOverride, OverrideFacts } from "../jobs/ports.ts";
import type { Actor, ContentDigests, GivenOverride, PullRequestKey } from "../model/index.ts";
import type { Sql } from "./connection.ts";
import { encodeJson, encodeText } from "./encode-json.ts";

interface OverrideRow {
  readonly rule: string;
  readonly actor: Actor;
  readonly reason: string;
  readonly given_at: Date;
  readonly head_sha: string;
  readonly base_ref: string;
  readonly content: ContentDigests | null;
  readonly report_digest: string | null;
}

/** See the port. */
export async function keepOverride(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
  { source, rule, actor, reason, givenAt, headSha, baseRef }: NewOverride,
): Promise<boolean> {
  const judged = await sql.query<{ id: number }>(
    `select id from drydock.judgements
     where repository_id = $1 and number = $2 and head_sha = $3 and base_ref = $4 and report_digest is not null
     order by id desc limit 1`,
    [repositoryId, number, headSha, encodeText(baseRef)],
  );
  const [judgement] = judged;
  if (judgement === undefined) return false;
  await sql.query(
    `with added as (
       insert into drydock.overrides (repository_id, number, source, rule, actor, reason, given_at, head_sha, base_ref,
         content, report_digest)
       select $1, $2, $3, $4, $5::jsonb, $6, to_timestamp($7::float8 / 1000), head_sha, base_ref, content,
         report_digest
       from drydock.judgements where id = $8
       on conflict do nothing
       returning source, rule, reason, head_sha, actor)
     insert into drydock.audit (what, repository_id, number, detail)
     select 'override-given', $1, $2, to_jsonb(added) from added`,
    [...[repositoryId, number, source, encodeText(rule), encodeJson(actor), encodeText(reason), givenAt], judgement.id],
  );
  return true;
}

/** See the port. */
export async function listOverrides(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
): Promise<readonly GivenOverride[]> {
  const rows = await sql.query<OverrideRow>(
    `select rule, actor, reason, given_at, head_sha, base_ref, content, report_digest from drydock.overrides
     where repository_id = $1 and number = $2 order by given_at, source, rule`,
    [repositoryId, number],
  );
  return rows.map(({ rule, actor, reason, content, ...row }) => ({
    ...{ rule, actor, reason, givenAt: row.given_at.getTime(), headSha: row.head_sha, baseRef: row.base_ref },
    ...{ content: content ?? undefined, reportDigest: row.report_digest ?? undefined },
  }));
}

/**
 * Ends for good what was given for an earlier commit into the same branch that changed something else: a later push of
 * the same content does not bring it back.
 */
export async function endOverrides(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
  { headSha, baseRef }: Pick<GivenOverride, "headSha" | "baseRef">,
  reportDigest: string,
): Promise<void> {
  await sql.query(
    `update drydock.overrides set content = null, report_digest = null
     where repository_id = $1 and number = $2 and base_ref = $3 and head_sha <> $4 and report_digest <> $5`,
    [repositoryId, number, encodeText(baseRef), headSha, reportDigest],
  );
}

/** See the port. */
export async function listOverridden(sql: Sql, repositoryId: number, baseRef: string): Promise<readonly number[]> {
  const rows = await sql.query<{ number: number }>(
    `select number from drydock.pull_requests p
     where repository_id = $1 and base_ref = $2 and is_open and exists (select 1 from drydock.overrides o
       where o.repository_id = p.repository_id and o.number = p.number)
     order by number`,
    [repositoryId, encodeText(baseRef)],
  );
  return rows.map(({ number }) => number);
}

/** What a judgement was about, beside its verdict, and which overrides let it pass: once for each commit. */
export async function keepOverrideFacts(
  sql: Sql,
  { repositoryId, number }: { readonly repositoryId: number; readonly number: number | null },
  { id, headSha }: { readonly id: number; readonly headSha: string },
  { reportDigest, used }: OverrideFacts,
): Promise<void> {
  await sql.query("update drydock.judgements set report_digest = $2 where id = $1", [id, reportDigest]);
  const details = used.map(({ rule, reason, actor }) => ({ headSha, rule, reason, by: actor }));
  if (details.length === 0) return;
  await sql.query(
    `insert into drydock.audit (what, repository_id, number, detail)
     select 'override-used', $1, $2::int, x.detail from jsonb_array_elements($3::jsonb) as x (detail)
     where not exists (select 1 from drydock.audit a
       where a.repository_id = $1 and a.number is not distinct from $2::int
         and a.what = 'override-used' and a.detail = x.detail)`,
    [repositoryId, number, encodeJson(details)],
  );
}
