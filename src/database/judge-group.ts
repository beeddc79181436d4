import type { DesiredCheck, MergeGroup, RepositoryId } from "../model/index.ts";
import type { CombineVerdicts, FinishedJudgement, Kept, StartedGroup } from "../jobs/ports.ts";
import type { AddTasks } from "./add-tasks.ts";
import type { CompressedReport } from "./compress-report.ts";
import type { Sql, Transaction } from "./connection.ts";
import { keepOverrideFacts } from "./overrides.ts";
import { keepExceptions } from "./exceptions.ts";
import { REPOSITORY_COLUMNS, toRepositoryFacts } from "./facts.ts";
import type { RepositoryRow } from "./facts.ts";
import { hasVerdict, keepJudgement, lockHead, wantChecks } from "./judgements.ts";
import { wantOutgoing } from "./want-outgoing.ts";

interface GroupRow extends RepositoryRow {
  readonly generation: number;
  readonly head_sha: string;
  readonly head_ref: string;
  readonly base_sha: string;
  readonly base_ref: string;
  readonly permissions: Readonly<Record<string, string>> | null;
}

export async function startGroup(
  sql: Sql,
  repositoryId: RepositoryId,
  headSha: string,
): Promise<StartedGroup | undefined> {
  const [row] = await sql.query<GroupRow>(
    `select ${REPOSITORY_COLUMNS}, g.generation, g.head_sha, g.head_ref, g.base_sha, g.base_ref, i.permissions
     from drydock.merge_groups g
     join drydock.repositories r on r.id = g.repository_id
     left join drydock.installations i on i.id = r.installation_id
     where g.repository_id = $1 and g.head_sha = $2 and g.is_open
       and r.access_lost is null and not coalesce(i.is_suspended or i.is_gone, false)`,
    [repositoryId, headSha],
  );
  if (row === undefined) return undefined;
  const group: MergeGroup = {
    repositoryId,
    headSha: row.head_sha,
    headRef: row.head_ref,
    baseSha: row.base_sha,
    baseRef: row.base_ref,
  };
  return { repository: toRepositoryFacts(row), generation: row.generation, group, permissions: row.permissions ?? {} };
}

async function lockGroup(sql: Sql, repositoryId: RepositoryId, { group, generation }: StartedGroup): Promise<boolean> {
  const [row] = await sql.query<{ generation: number }>(
    `select generation from drydock.merge_groups where repository_id = $1 and head_sha = $2 and is_open for update`,
    [repositoryId, group.headSha],
  );
  return row?.generation === generation;
}

export async function showGroupProgress(
  transaction: Transaction,
  addTasks: AddTasks,
  repositoryId: RepositoryId,
  started: StartedGroup,
  checks: readonly DesiredCheck[],
): Promise<Kept> {
  if (!(await lockGroup(transaction, repositoryId, started))) return "outdated";
  const { headSha } = started.group;
  if (await hasVerdict(transaction, repositoryId, headSha)) return "kept";
  const wishes = checks.map((check) => ({ kind: "check", headSha, check }) as const);
  await addTasks(transaction, await wantOutgoing(transaction, repositoryId, "groups", wishes));
  return "kept";
}

export async function finishGroup(
  transaction: Transaction,
  addTasks: AddTasks,
  repositoryId: RepositoryId,
  started: StartedGroup,
  {
    verdict,
    report,
    exceptions,
    overrides,
  }: Omit<FinishedJudgement, "report"> & { report: CompressedReport | undefined },
  combine: CombineVerdicts,
): Promise<Kept> {
  const { headSha } = started.group;
  await lockHead(transaction, repositoryId, headSha);
  if (!(await lockGroup(transaction, repositoryId, started))) return "outdated";
  const judgementId = await keepJudgement(transaction, { repositoryId, number: null }, verdict, report);
  await transaction.query(
    `update drydock.merge_groups
     set judgement_id = $3, changes_at = to_timestamp($4::float8 / 1000), waiting_since = null, updated_at = now()
     where repository_id = $1 and head_sha = $2`,
    [repositoryId, headSha, judgementId, verdict.changesAt ?? null],
  );
  await keepExceptions(transaction, { repositoryId, number: null }, headSha, exceptions);
  if (overrides !== undefined) {
    await keepOverrideFacts(transaction, { repositoryId, number: null }, { id: judgementId, headSha }, overrides);
  }
  await addTasks(transaction, await wantChecks(transaction, repositoryId, headSha, "groups", combine));
  return "kept";
}
