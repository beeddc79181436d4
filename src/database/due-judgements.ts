import type { RepositoryId, Task } from "../model/index.ts";
import type { Sql } from "./connection.ts";

/** Verdicts that are asked for in one look: an exception may end for a whole repository. The next look goes on. */
const MOST = 500;

/** Nobody asks about what cannot be reached; the sweep finds it when it can be again. */
const IS_REACHABLE = `exists (
  select 1 from drydock.repositories r left join drydock.installations i on i.id = r.installation_id
  where r.id = d.repository_id and r.access_lost is null and not coalesce(i.is_suspended or i.is_gone, false))`;

/**
 * Asks again for verdicts whose moment has come (see `Verdict.changesAt`): first for those that let something in, the
 * riskiest of them before others, then behind what people wait for. One that waits already is not asked for twice. `now` is in milliseconds since the epoch, by the clock that verdicts go by.
 */
export async function askForDue(sql: Sql, now: number): Promise<Task[]> {
  const pulls = await sql.query<{ repository_id: RepositoryId; number: number; risk: number }>(
    `update drydock.pull_requests p
     set generation = p.generation + 1, lane = case when p.risk > 0 then 'people' else 'bots' end, reasons = p.reasons || 'due'::text,
       waiting_since = coalesce(p.waiting_since, now()), updated_at = now()
     from (select d.repository_id, d.number from drydock.pull_requests d
           where d.is_open and d.changes_at <= to_timestamp($1::float8 / 1000) and not 'due' = any(d.reasons)
             and ${IS_REACHABLE}
           order by d.risk desc, d.changes_at, d.repository_id, d.number limit ${MOST} for update of d skip locked) due
     where p.repository_id = due.repository_id and p.number = due.number
     returning p.repository_id, p.number, p.risk`,
    [now],
  );
  const groups = await sql.query<{ repository_id: RepositoryId; head_sha: string }>(
    `update drydock.merge_groups g
     set generation = g.generation + 1, waiting_since = now(), updated_at = now()
     from (select d.repository_id, d.head_sha from drydock.merge_groups d
           where d.is_open and d.changes_at <= to_timestamp($1::float8 / 1000) and d.waiting_since is null
             and ${IS_REACHABLE}
           order by d.changes_at, d.repository_id, d.head_sha limit ${MOST} for update of d skip locked) due
     where g.repository_id = due.repository_id and g.head_sha = due.head_sha
     returning g.repository_id, g.head_sha`,
    [now],
  );
  return [
    ...groups.map((group): Task => ({
      kind: "judge-group",
      repositoryId: group.repository_id,
      headSha: group.head_sha,
    })),
    ...pulls
      .toSorted((left, right) => right.risk - left.risk)
      .map(({ repository_id: repositoryId, number, risk }): Task => {
        return { kind: "judge", repositoryId, number, lane: risk > 0 ? "people" : "bots" };
      }),
  ];
}
