import type { Intent, Task } from "../model/index.ts";
import type { Sql } from "./connection.ts";
import { encodeJson } from "./encode-json.ts";

/**
 * Asks again for the verdicts of an account that may rest on what somebody said, when that somebody came to a team, left
 * one, or may do more or less: before what other people wait for, since a merge may be waiting for just that verdict.
 * Where nobody is named, for all that asked the rules. Who is in a team is asked once an hour all the same.
 */
export async function askForPeople(
  sql: Sql,
  { installationId, actor }: Extract<Intent, { kind: "people-moved" }>,
): Promise<Task[]> {
  const said = ["approvals", "exception_approvals", "overrides"].map(
    (table) => `exists (select 1 from drydock.${table} w where w.repository_id = d.repository_id
      and w.number = d.number and w.actor @> $2::jsonb)`,
  );
  const pulls = await sql.query<{ repository_id: number; number: number }>(
    `update drydock.pull_requests p
     set generation = p.generation + 1, lane = 'people', waiting_since = coalesce(p.waiting_since, now()),
       reasons = case when 'edited' = any(p.reasons) then p.reasons else p.reasons || 'edited'::text end,
       updated_at = now()
     from (select d.repository_id, d.number from drydock.pull_requests d
           join drydock.repositories r on r.id = d.repository_id
           left join drydock.judgements j on j.id = d.judgement_id
           where d.is_open and r.installation_id = $1
             and case when $2::jsonb is null then coalesce((j.verdict->>'isRuled')::boolean, false)
                   or coalesce(jsonb_array_length(d.asked_exceptions), 0) > 0
                 else ${said.join(" or ")} end
           order by d.repository_id, d.number for update of d) found
     where p.repository_id = found.repository_id and p.number = found.number
     returning p.repository_id, p.number`,
    [installationId, actor === undefined ? null : encodeJson({ id: actor.id })],
  );
  return pulls.map(({ repository_id: repositoryId, number }): Task => {
    return { kind: "judge", repositoryId, number, lane: "people" };
  });
}
