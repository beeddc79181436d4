import type { ContentDigests, HeadVerdict, Lane, PullRequestKey, RepositoryId, Task, Verdict } from "../model/index.ts";
import type { CombineVerdicts, FinishedJudgement } from "../jobs/ports.ts";
import type { CompressedReport } from "./compress-report.ts";
import type { Sql } from "./connection.ts";
import { encodeJson, encodeText } from "./encode-json.ts";
import { wantOutgoing } from "./want-outgoing.ts";

/** Two that judge one commit at once would each combine without the other's verdict: they take turns. */
export async function lockHead(sql: Sql, repositoryId: RepositoryId, headSha: string): Promise<void> {
  await sql.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`${repositoryId}/${headSha}`]);
}

/** The open pull requests and merge groups on one commit, each with its verdict on exactly this head and base. */
const ON_HEAD = `
  select p.number, p.base_ref, j.verdict
  from drydock.pull_requests p
  left join drydock.judgements j
    on j.id = p.judgement_id and j.head_sha = p.head_sha and j.base_ref = p.base_ref
  where p.repository_id = $1 and p.head_sha = $2 and p.is_open
  union all
  select null, g.base_ref, j.verdict
  from drydock.merge_groups g left join drydock.judgements j on j.id = g.judgement_id
  where g.repository_id = $1 and g.head_sha = $2 and g.is_open
  order by 1`;

export async function hasVerdict(sql: Sql, repositoryId: RepositoryId, headSha: string): Promise<boolean> {
  const found = await sql.query(`select 1 from (${ON_HEAD}) h where h.verdict is not null limit 1`, [
    repositoryId,
    headSha,
  ]);
  return found.length > 0;
}

/** One name has one verdict per commit: what all of them say together (T22). */
export async function wantChecks(
  sql: Sql,
  repositoryId: RepositoryId,
  headSha: string,
  lane: Lane,
  combine: CombineVerdicts,
): Promise<Task[]> {
  const verdicts = await readHeadVerdicts(sql, repositoryId, headSha);
  const wishes = combine(headSha, verdicts).map((check) => ({ kind: "check", headSha, check }) as const);
  return wantOutgoing(sql, repositoryId, lane, wishes);
}

export async function readHeadVerdicts(sql: Sql, repositoryId: RepositoryId, headSha: string): Promise<HeadVerdict[]> {
  const rows = await sql.query<{ number: number | null; base_ref: string | null; verdict: Verdict | null }>(ON_HEAD, [
    repositoryId,
    headSha,
  ]);
  return rows.map(({ number, base_ref: baseRef, verdict }) => ({
    number: number ?? undefined,
    baseRef: baseRef ?? "",
    verdict: verdict ?? undefined,
  }));
}

const WORST_FIRST = ["failure", "in_progress", "success"] as const;

/** What a line in the history says: the worst part's. */
function summarize({ parts }: Verdict): { readonly state: string; readonly title: string } {
  const sorted = parts.toSorted((a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state));
  const [worst] = sorted;
  return worst === undefined ? { state: "failure", title: "" } : { state: worst.state, title: worst.title };
}

/**
 * Adds to the history; the same again on the same head, with the same content, only renews the line that is there. Gives
 * its id. Content that is not told is as it was.
 */
export async function keepJudgement(
  sql: Sql,
  { repositoryId, number }: Omit<PullRequestKey, "number"> & { readonly number: number | null },
  verdict: Verdict,
  report: CompressedReport | undefined,
  content?: FinishedJudgement["content"],
): Promise<number> {
  const { state, title } = summarize(verdict);
  const { headSha, baseSha, hash } = verdict;
  const baseRef = encodeText(verdict.baseRef);
  const json = encodeJson(verdict);
  const [body, reportJson] = [report?.body ?? null, report?.json ?? null];
  const [digests, build] = [content === undefined ? null : encodeJson(content.digests), content?.build ?? null];
  const [renewed] = await sql.query<{ id: number }>(
    `update drydock.judgements
     set base_sha = $5, verdict = $6::jsonb, judged_at = now(),
       body = coalesce($7::bytea, body), json = coalesce($8::bytea, json)
     where id = (select max(id) from drydock.judgements where repository_id = $1 and number is not distinct from $2::int
                 and ($2::int is not null or head_sha = $3))
       and head_sha = $3 and base_ref = $4 and hash = $9
       and ($10::jsonb is null or (content = $10::jsonb and build = $11::text))
     returning id`,
    [repositoryId, number, headSha, baseRef, baseSha, json, body, reportJson, hash, digests, build],
  );
  if (renewed !== undefined) return renewed.id;
  const [added] = await sql.query<{ id: number }>(
    `insert into drydock.judgements
       (repository_id, number, head_sha, base_ref, base_sha, verdict, body, json, hash, content, build, state, title)
     values ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9, $10::jsonb, $11, $12, $13) returning id`,
    [
      ...[repositoryId, number, headSha, baseRef, baseSha, json, body, reportJson, hash, digests, build],
      ...[state, encodeText(title)],
    ],
  );
  if (added === undefined) throw new Error("an insert gave no row");
  return added.id;
}

export async function listContents(
  sql: Sql,
  repositoryId: RepositoryId,
  baseRef: string,
): Promise<readonly { readonly number: number; readonly digests: ContentDigests }[]> {
  return await sql.query(
    `select p.number, j.content as digests from drydock.pull_requests p
     join drydock.judgements j on j.id = p.judgement_id
     where p.repository_id = $1 and p.base_ref = $2 and p.is_open and j.content is not null order by p.number`,
    [repositoryId, encodeText(baseRef)],
  );
}
