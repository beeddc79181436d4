import type { Task } from "../model/index.ts";
import type { StopPlace } from "../jobs/ports.ts";
import type { Sql } from "./connection.ts";

/**
 * Asks at once for the verdicts of everything open in a place: one that is being worked out is outdated, whatever it
 * comes to. Merge groups first, since GitHub merges them by itself.
 */
export async function askForAll(
  sql: Sql,
  { installationId, repositoryId, number }: Omit<StopPlace, "environment">,
): Promise<Task[]> {
  const place = [installationId ?? null, repositoryId ?? null];
  const isThere = `exists (
    select 1 from drydock.repositories r left join drydock.installations i on i.id = r.installation_id
    where r.id = d.repository_id and r.access_lost is null and not coalesce(i.is_suspended or i.is_gone, false)
      and coalesce(r.id = $2::bigint, r.installation_id = $1::bigint, true))`;
  const groups = await sql.query<{ repository_id: number; head_sha: string }>(
    `update drydock.merge_groups g
     set generation = g.generation + 1, waiting_since = coalesce(g.waiting_since, now()), updated_at = now()
     from (select d.repository_id, d.head_sha from drydock.merge_groups d where d.is_open and ${isThere}
           order by d.repository_id, d.head_sha for update of d) found
     where g.repository_id = found.repository_id and g.head_sha = found.head_sha
     returning g.repository_id, g.head_sha`,
    place,
  );
  const pulls = await sql.query<{ repository_id: number; number: number }>(
    `update drydock.pull_requests p
     set generation = p.generation + 1, lane = 'people', waiting_since = coalesce(p.waiting_since, now()),
       reasons = case when 'stopped' = any(p.reasons) then p.reasons else p.reasons || 'stopped'::text end,
       updated_at = now()
     from (select d.repository_id, d.number from drydock.pull_requests d
           where d.is_open and coalesce(d.number = $3::int, true) and ${isThere}
           order by d.repository_id, d.number for update of d) found
     where p.repository_id = found.repository_id and p.number = found.number
     returning p.repository_id, p.number`,
    [...place, number ?? null],
  );
  return [
    ...groups.map((group): Task => {
      return { kind: "judge-group", repositoryId: group.repository_id, headSha: group.head_sha };
    }),
    ...pulls.map((pull): Task => {
      return { kind: "judge", repositoryId: pull.repository_id, number: pull.number, lane: "people" };
    }),
  ];
}
