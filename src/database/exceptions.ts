import { createHash } from "node:crypto";
import type { FinishedJudgement } from "../jobs/ports.ts";
import type {
  Actor,
  AskedException,
  ExceptionApproval,
  ExceptionUse,
  PullRequestKey,
  RepositoryId,
} from "../model/index.ts";
import type { Sql } from "./connection.ts";
import { encodeJson, encodeText } from "./encode-json.ts";

export async function readAsked(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
): Promise<{ readonly headSha: string; readonly asked: readonly AskedException[] }> {
  const [row] = await sql.query<{ asked_sha: string | null; asked_exceptions: readonly AskedException[] | null }>(
    "select asked_sha, asked_exceptions from drydock.pull_requests where repository_id = $1 and number = $2",
    [repositoryId, number],
  );
  return { headSha: row?.asked_sha ?? "", asked: row?.asked_exceptions ?? [] };
}

interface ApprovalRow {
  readonly rule: string;
  readonly resource: string;
  readonly exception: string;
  readonly source: ExceptionApproval["source"];
  readonly source_id: number;
  readonly head_sha: string;
  readonly actor: Actor;
  readonly approved_at: Date;
}

export async function listApprovals(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
): Promise<readonly ExceptionApproval[]> {
  const rows = await sql.query<ApprovalRow>(
    `select rule, resource, exception, source, source_id, head_sha, actor, approved_at from drydock.exception_approvals
     where repository_id = $1 and number = $2 order by approved_at, source, source_id, asked_digest`,
    [repositoryId, number],
  );
  return rows.map((row) => ({
    asked: { rule: row.rule, resource: row.resource, text: row.exception },
    ...{ actor: row.actor, source: row.source, sourceId: row.source_id, headSha: row.head_sha },
    givenAt: row.approved_at.getTime(),
  }));
}

export async function listApproved(
  sql: Sql,
  repositoryId: RepositoryId,
  baseRef: string,
): Promise<readonly PullRequestKey[]> {
  const rows = await sql.query<{ number: number }>(
    `select p.number from drydock.pull_requests p
     where p.repository_id = $1 and p.base_ref = $2 and p.is_open
       and exists (select 1 from drydock.exception_approvals a
         where a.repository_id = p.repository_id and a.number = p.number)
     order by p.number`,
    [repositoryId, encodeText(baseRef)],
  );
  return rows.map(({ number }) => ({ repositoryId, number }));
}

export async function keepApprovals(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
  approvals: readonly ExceptionApproval[],
): Promise<void> {
  const rows = approvals.map(({ asked, actor, source, sourceId, headSha, givenAt }) => ({
    asked_digest: digestOf(asked),
    ...{ rule: asked.rule, resource: asked.resource, exception: asked.text, source, source_id: sourceId },
    ...{ head_sha: headSha, actor, approved_at: new Date(givenAt).toISOString() },
  }));
  await sql.query(
    `with added as (
       insert into drydock.exception_approvals
         (repository_id, number, asked_digest, rule, resource, exception, source, source_id, head_sha, actor,
          approved_at)
       select $1, $2, x.* from jsonb_to_recordset($3::jsonb) as x (asked_digest text, rule text, resource text,
         exception text, source text, source_id bigint, head_sha text, actor jsonb, approved_at timestamptz)
       on conflict do nothing
       returning rule, resource, exception, source, source_id, head_sha, actor)
     insert into drydock.audit (what, repository_id, number, detail)
     select 'exception-approved', $1, $2, to_jsonb(added) from added`,
    [repositoryId, number, encodeJson(rows)],
  );
}

function digestOf({ rule, resource, text }: ExceptionApproval["asked"]): string {
  return createHash("sha256")
    .update(JSON.stringify([rule, resource, text]))
    .digest("hex");
}

/** What the judgement asked for stands beside it; each use is in the audit trail once for each commit. */
export async function keepExceptions(
  sql: Sql,
  { repositoryId, number }: { readonly repositoryId: RepositoryId; readonly number: number | null },
  headSha: string,
  exceptions: FinishedJudgement["exceptions"],
): Promise<void> {
  if (exceptions === undefined) return;
  if (number !== null) {
    await sql.query(
      `update drydock.pull_requests set asked_exceptions = $3::jsonb, asked_sha = $4
       where repository_id = $1 and number = $2`,
      [repositoryId, number, encodeJson(exceptions.asked), headSha],
    );
  }
  if (exceptions.uses.length > 0) await noteUses(sql, repositoryId, number, headSha, exceptions.uses);
}

async function noteUses(
  sql: Sql,
  repositoryId: RepositoryId,
  number: number | null,
  headSha: string,
  uses: readonly ExceptionUse[],
): Promise<void> {
  await sql.query(
    `insert into drydock.audit (what, repository_id, number, detail)
     select 'exception-used', $1, $2::int, x.detail from jsonb_array_elements($3::jsonb) as x (detail)
     where not exists (select 1 from drydock.audit a
       where a.repository_id = $1 and a.number is not distinct from $2::int
         and a.what = 'exception-used' and a.detail = x.detail)`,
    [repositoryId, number, encodeJson(uses.map((use) => ({ headSha, ...use })))],
  );
}
