import type { DesiredCheck, Lane, PullRequest, PullRequestKey, Verdict } from "../model/index.ts";
import type { CombineVerdicts, FinishedJudgement, Kept, StartedJudgement } from "../jobs/ports.ts";
import type { AddTasks } from "./add-tasks.ts";
import { closePullRequest } from "./close.ts";
import type { CompressedReport } from "./compress-report.ts";
import type { Sql, Transaction } from "./connection.ts";
import { encodeText } from "./encode-json.ts";
import { keepEnvironmentFacts } from "./environment-facts.ts";
import { keepExceptions } from "./exceptions.ts";
import { REPOSITORY_COLUMNS, toRepositoryFacts } from "./facts.ts";
import type { RepositoryRow } from "./facts.ts";
import { endOverrides, keepOverrideFacts } from "./overrides.ts";
import { hasVerdict, keepJudgement, lockHead, wantChecks } from "./judgements.ts";
import { beginAnew, wantLabels, wantOutgoing, wantPublication } from "./want-outgoing.ts";

interface PullRow extends RepositoryRow {
  readonly generation: number;
  readonly reasons: readonly string[];
  readonly is_open: boolean;
  readonly is_quiet: boolean;
  readonly released_sha: string | null;
  readonly needs_exceptions: boolean;
  readonly wants_merge: boolean;
  readonly permissions: Readonly<Record<string, string>> | null;
  readonly verdict: Verdict | null;
  readonly judged_at: Date | null;
}

/** Quiet ends with the installation's own moment: what was opened after it was never there before it. */
export async function startJudgement(sql: Sql, key: PullRequestKey): Promise<StartedJudgement | undefined> {
  const [row] = await sql.query<PullRow>(
    `select ${REPOSITORY_COLUMNS}, p.generation, p.reasons, p.is_open, p.released_sha,
       p.is_quiet and coalesce(p.created_at <= i.created_at, true) as is_quiet,
       coalesce(jsonb_array_length(p.asked_exceptions), 0) > 0 as needs_exceptions,
       exists (select 1 from drydock.merge_wishes w
         where w.repository_id = p.repository_id and w.number = p.number) as wants_merge,
       i.permissions, j.verdict, j.judged_at
     from drydock.pull_requests p
     join drydock.repositories r on r.id = p.repository_id
     left join drydock.installations i on i.id = r.installation_id
     left join drydock.judgements j on j.id = p.judgement_id
     where p.repository_id = $1 and p.number = $2
       and r.access_lost is null and not coalesce(i.is_suspended or i.is_gone, false)`,
    [key.repositoryId, key.number],
  );
  // One that was closed is looked at again when something was heard of it since: GitHub says whether it is open.
  if (row === undefined || (!row.is_open && row.reasons.length === 0)) return undefined;
  return {
    repository: toRepositoryFacts(row),
    generation: row.generation,
    reasons: row.reasons,
    isQuiet: row.is_quiet,
    releasedSha: row.released_sha ?? undefined,
    needsExceptions: row.needs_exceptions,
    wantsMerge: row.wants_merge,
    permissions: row.permissions ?? {},
    last:
      row.verdict === null || row.judged_at === null
        ? undefined
        : { verdict: row.verdict, judgedAt: row.judged_at.toISOString() },
  };
}

interface LockedPull {
  readonly generation: number;
  readonly lane: Lane;
  readonly head_sha: string | null;
  readonly reasons: readonly string[];
}

async function lockPull(sql: Sql, key: PullRequestKey, generation: number): Promise<LockedPull | undefined> {
  const [row] = await sql.query<LockedPull>(
    `select generation, lane, head_sha, reasons from drydock.pull_requests
     where repository_id = $1 and number = $2 for update`,
    [key.repositoryId, key.number],
  );
  return row?.generation === generation ? row : undefined;
}

export async function notePullRequest(
  transaction: Transaction,
  addTasks: AddTasks,
  pullRequest: PullRequest,
  generation: number,
): Promise<Kept> {
  const { repositoryId, number, headSha, baseRef, baseSha, createdAt } = pullRequest;
  if ((await lockPull(transaction, pullRequest, generation)) === undefined) return "outdated";
  if (!pullRequest.isOpen) {
    await addTasks(transaction, await closePullRequest(transaction, pullRequest));
    return "kept";
  }
  await transaction.query(
    `update drydock.pull_requests
     set is_open = true, head_sha = $3, base_ref = $4, base_sha = $5, created_at = $6::timestamptz, updated_at = now()
     where repository_id = $1 and number = $2`,
    [repositoryId, number, headSha, encodeText(baseRef), baseSha, createdAt],
  );
  return "kept";
}

export async function showProgress(
  transaction: Transaction,
  addTasks: AddTasks,
  key: PullRequestKey,
  generation: number,
  checks: readonly DesiredCheck[],
): Promise<Kept> {
  const pull = await lockPull(transaction, key, generation);
  if (pull === undefined) return "outdated";
  const { head_sha: headSha, lane, reasons } = pull;
  if (headSha === null) return "kept";
  const isAsked = reasons.includes("asked");
  if (!isAsked && (await hasVerdict(transaction, key.repositoryId, headSha))) return "kept";
  if (isAsked) await beginAnew(transaction, key.repositoryId, headSha);
  const wishes = checks.map((check) => ({ kind: "check", headSha, check }) as const);
  await addTasks(transaction, await wantOutgoing(transaction, key.repositoryId, lane, wishes));
  return "kept";
}

function placeOf({ headSha, baseRef, baseSha }: Verdict): readonly string[] {
  return [headSha, encodeText(baseRef), baseSha];
}

/** All in one: the verdict, its place in the history, the checks of the commit and the rest of what should stand. */
export async function finishJudgement(
  transaction: Transaction,
  addTasks: AddTasks,
  key: PullRequestKey,
  {
    generation,
    verdict,
    publication,
    labels,
    report,
    exceptions,
    overrides,
    content,
    facts,
    risk,
  }: Omit<FinishedJudgement, "report"> & { report: CompressedReport | undefined },
  combine: CombineVerdicts,
): Promise<Kept> {
  await lockHead(transaction, key.repositoryId, verdict.headSha);
  const pull = await lockPull(transaction, key, generation);
  if (pull === undefined) return "outdated";
  const judgementId = await keepJudgement(transaction, key, verdict, report, content);
  await transaction.query(
    `update drydock.pull_requests
     set judgement_id = $3, head_sha = $4, base_ref = $5, base_sha = $6, is_open = true,
       changes_at = to_timestamp($7::float8 / 1000), risk = $8, reasons = '{}', waiting_since = null,
       updated_at = now()
     where repository_id = $1 and number = $2`,
    [...[key.repositoryId, key.number, judgementId], ...placeOf(verdict), verdict.changesAt ?? null, risk ?? 0],
  );
  await keepExceptions(transaction, key, verdict.headSha, exceptions);
  if (facts !== undefined) await keepEnvironmentFacts(transaction, key, facts);
  if (overrides !== undefined) {
    await keepOverrideFacts(transaction, key, { id: judgementId, headSha: verdict.headSha }, overrides);
    await endOverrides(transaction, key, verdict, overrides.reportDigest);
  }
  const tasks = await wantChecks(transaction, key.repositoryId, verdict.headSha, pull.lane, combine);
  if (publication !== undefined) {
    tasks.push(...(await wantPublication(transaction, key, pull.lane, verdict.headSha, publication)));
  }
  if (labels !== undefined) {
    const wish = { kind: "labels", number: key.number, ...labels } as const;
    tasks.push(...(await wantLabels(transaction, key.repositoryId, pull.lane, wish)));
  }
  await addTasks(transaction, tasks);
  return "kept";
}
