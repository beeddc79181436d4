import type { ClosedJudgement, FoundBypass } from "../jobs/ports.ts";
import type { PullRequestKey, RepositoryId, Task, Verdict } from "../model/index.ts";
import type { Sql } from "./connection.ts";
import { noteBypass } from "./pushes.ts";
import { wantOutgoing } from "./want-outgoing.ts";

interface ClosedRow {
  readonly verdict: Verdict | null;
  readonly since: Date | null;
  readonly reasons: readonly string[] | null;
  readonly group_verdict: Verdict | null;
  readonly permissions: Readonly<Record<string, string>> | null;
}

/** See the port. Rows of groups stay when their queue is done with them. */
export async function readClosed(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
  commit: string,
): Promise<ClosedJudgement> {
  const [row] = await sql.query<ClosedRow>(
    `select j.verdict, j.first_judged_at as since, p.closed_reasons as reasons, i.permissions,
       (select gj.verdict from drydock.merge_groups g join drydock.judgements gj on gj.id = g.judgement_id
        where g.repository_id = r.id and g.head_sha = $3) as group_verdict
     from drydock.repositories r
     left join drydock.installations i on i.id = r.installation_id
     left join drydock.pull_requests p on p.repository_id = r.id and p.number = $2
     left join drydock.judgements j on j.id = p.judgement_id
     where r.id = $1`,
    [repositoryId, number, commit],
  );
  return {
    verdict: row?.verdict ?? undefined,
    since: row?.since?.getTime(),
    reasons: row?.reasons ?? [],
    group: row?.group_verdict ?? undefined,
    permissions: row?.permissions ?? {},
  };
}

export async function keepWeighed(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
  { commit, found }: { readonly commit: string; readonly found: FoundBypass | undefined },
): Promise<Task[]> {
  await sql.query(
    `insert into drydock.pull_requests as p (repository_id, number, is_open, weighed_merge) values ($1, $2, false, $3)
     on conflict (repository_id, number) do update set weighed_merge = excluded.weighed_merge`,
    [repositoryId, number, commit],
  );
  const again = await sql.query<{ branch: string }>(
    `update drydock.pushes set weighed_at = null
     where repository_id = $1 and after_sha = $2 and is_reported and weighed_at is not null returning branch`,
    [repositoryId, commit],
  );
  const tasks = again.map(({ branch }): Task => ({ kind: "judge-push", repositoryId, branch }));
  if (found === undefined) return tasks;
  await noteBypass(sql, { what: "merged-outside", repositoryId, number, commit }, found);
  return [...tasks, ...(await wantOutgoing(sql, repositoryId, "people", found.outgoing))];
}

export async function askForMerges(
  sql: Sql,
  repositoryId: RepositoryId,
  numbers: readonly number[],
): Promise<readonly Task[]> {
  const weighed = await sql.query<{ number: number }>(
    `select number from drydock.pull_requests
     where repository_id = $1 and number = any($2::int[]) and weighed_merge is not null`,
    [repositoryId, numbers],
  );
  const known = new Set(weighed.map(({ number }) => number));
  return numbers
    .filter((number) => !known.has(number))
    .map((number) => ({ kind: "judge-merge", repositoryId, number }));
}
