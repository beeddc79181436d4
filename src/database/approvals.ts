import type { Actor, ContentDigests, Intent, JudgedContent, PullRequestKey, RecordedWord } from "../model/index.ts";
import type { CommandedApproval } from "../jobs/ports.ts";
import type { Sql } from "./connection.ts";
import { encodeJson, encodeText } from "./encode-json.ts";

/**
 * A review is recorded with what it was given on when it was submitted, whatever later events of it say and in whatever
 * order they come. What was taken back stays so.
 */
export async function keepReview(sql: Sql, intent: Extract<Intent, { kind: "review" }>): Promise<void> {
  const { repository, number, reviewId, actor, state, given, submittedAt } = intent;
  await sql.query(
    `insert into drydock.approvals as a
       (repository_id, number, source, source_id, actor, state, head_sha, base_ref, base_sha, given_at)
     values ($1, $2, 'review', $3, $4::jsonb, $5, $6, $7, $8, $9::timestamptz)
     on conflict (repository_id, number, source, source_id, environment) do update set
       state = case when a.state in ('dismissed', 'withdrawn') then a.state else excluded.state end,
       head_sha = coalesce(a.head_sha, excluded.head_sha),
       base_ref = coalesce(a.base_ref, excluded.base_ref),
       base_sha = coalesce(a.base_sha, excluded.base_sha)`,
    [
      ...[repository.repositoryId, number, reviewId, encodeJson(actor), state, given?.headSha ?? null],
      ...[given === undefined ? null : encodeText(given.baseRef), given?.baseSha ?? null, submittedAt],
    ],
  );
}

/**
 * Records an approval by command: of what the judgement of that head said changes that stood when it was given (T14), for
 * the branch that it is to be merged into (T21). Once; false when there was none.
 */
export async function recordApproval(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
  { actor, sourceId, headSha, baseRef, givenAt, environment }: CommandedApproval,
): Promise<boolean> {
  const [judged] = await sql.query<{ id: number }>(
    `select id from drydock.judgements
     where repository_id = $1 and number = $2 and head_sha = $3 and base_ref = $5
       and first_judged_at < to_timestamp($4::float8 / 1000) + interval '1 second'
     order by id desc limit 1`,
    [repositoryId, number, headSha, givenAt, encodeText(baseRef)],
  );
  if (judged === undefined) return false;
  await sql.query(
    `with added as (
       insert into drydock.approvals (repository_id, number, source, source_id, environment, actor, state, head_sha,
         base_ref, base_sha, given_at, content, build)
       select repository_id, number, 'comment', $2, $3, $4::jsonb, 'approved', head_sha, base_ref, base_sha,
         to_timestamp($5::float8 / 1000), content, build
       from drydock.judgements where id = $1
       on conflict do nothing
       returning repository_id, number, source, source_id, environment, head_sha, actor)
     insert into drydock.audit (what, repository_id, number, detail)
     select 'change-approved', repository_id, number, to_jsonb(added) - 'repository_id' - 'number' from added`,
    [judged.id, sourceId, environment ?? "", encodeJson(actor), givenAt],
  );
  return true;
}

/** Somebody takes back all that they said for a change, reviews too; gives how many words that were. */
export async function withdrawApprovals(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
  actor: Actor,
): Promise<number> {
  const rows = await sql.query(
    `with taken as (
       update drydock.approvals set state = 'withdrawn'
       where repository_id = $1 and number = $2 and (actor->>'id')::bigint = $3 and state = 'approved'
       returning source, source_id, environment, actor),
     noted as (
       insert into drydock.audit (what, repository_id, number, detail)
       select 'approval-withdrawn', $1, $2, to_jsonb(taken) from taken)
     select 1 from taken`,
    [repositoryId, number, actor.id],
  );
  return rows.length;
}

interface WordRow {
  readonly source: RecordedWord["source"];
  readonly source_id: number;
  readonly environment: string;
  readonly actor: Actor;
  readonly state: RecordedWord["state"];
  readonly head_sha: string | null;
  readonly base_ref: string | null;
  readonly base_sha: string | null;
  readonly given_at: Date;
  readonly content: ContentDigests | null;
  readonly build: string | null;
  readonly content_base: string | null;
}

/**
 * All words of a pull request, each with what it was given for: the judgement of that head and base branch that stood
 * then, or when there was none yet, the first one after it on the very base that it was given on.
 */
export async function listWords(sql: Sql, { repositoryId, number }: PullRequestKey): Promise<readonly RecordedWord[]> {
  const rows = await sql.query<WordRow>(
    `select a.source, a.source_id, a.environment, a.actor, a.state, a.head_sha, a.base_ref, a.base_sha, a.given_at,
       coalesce(a.content, j.content) as content, coalesce(a.build, j.build) as build,
       coalesce(j.base_sha, a.base_sha) as content_base
     from drydock.approvals a
     left join lateral (
       select o.content, o.build, o.base_sha from drydock.judgements o
       where o.repository_id = a.repository_id and o.number = a.number and o.head_sha = a.head_sha
         and o.base_ref = a.base_ref and o.content is not null
         and (o.first_judged_at <= a.given_at or o.base_sha = a.base_sha)
       order by o.first_judged_at > a.given_at,
         case when o.first_judged_at > a.given_at then o.id else -o.id end
       limit 1) j on a.content is null
     where a.repository_id = $1 and a.number = $2
     order by a.given_at, a.source, a.source_id, a.environment`,
    [repositoryId, number],
  );
  return rows.map(toWord);
}

function toWord(row: WordRow): RecordedWord {
  const { head_sha: headSha, base_ref: baseRef, base_sha: baseSha, content, build, content_base: contentBase } = row;
  const isPlaced = headSha !== null && baseRef !== null && baseSha !== null;
  const isJudged = content !== null && build !== null && contentBase !== null;
  return {
    ...{ actor: row.actor, source: row.source, sourceId: row.source_id, state: row.state },
    environment: row.environment === "" ? undefined : row.environment,
    place: isPlaced ? { headSha, baseRef, baseSha } : undefined,
    givenAt: row.given_at.getTime(),
    judged: isJudged ? { digests: content, build, baseSha: contentBase } : undefined,
  };
}

/** Binds words to what they were given for, so that it need not be found out again. */
export async function bindWords(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
  words: readonly (Pick<RecordedWord, "source" | "sourceId"> & { readonly judged: JudgedContent })[],
): Promise<void> {
  const rows = words.map(({ source, sourceId, judged: { digests, build, baseSha } }) => {
    return { source, source_id: sourceId, content: digests, build, base_sha: baseSha };
  });
  await sql.query(
    `update drydock.approvals a set content = x.content, build = x.build, base_sha = x.base_sha
     from jsonb_to_recordset($3::jsonb) as x
       (source text, source_id bigint, content jsonb, build text, base_sha text)
     where a.repository_id = $1 and a.number = $2 and a.source = x.source and a.source_id = x.source_id`,
    [repositoryId, number, encodeJson(rows)],
  );
}
