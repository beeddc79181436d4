import type { CheckName, RepositoryId, Task } from "../model/index.ts";
import type { UnfinishedPlan } from "../jobs/ports.ts";
import type { Sql } from "./connection.ts";
import { wantOutgoing } from "./want-outgoing.ts";

const IN_PROGRESS = "o.repository_id = $1 and o.kind = 'check' and o.wanted->'check'->>'state' = 'in_progress'";
const IS_BEGUN = "o.published is not null and coalesce(o.published->'run'->>'isCompleted', 'false') = 'false'";
const HAS_PULL_REQUEST = `exists (select 1 from drydock.pull_requests p
  where p.repository_id = o.repository_id and p.head_sha = o.head_sha and p.is_open)`;

/** See the port. Heads of merge groups are left alone: nobody sees the commit of a group that is gone. */
export async function tendUnfinished(
  sql: Sql,
  repositoryId: RepositoryId,
  { abandonedBefore, abandoned, begunBefore }: UnfinishedPlan,
): Promise<Task[]> {
  const isAbandoned = `${IN_PROGRESS} and o.wanted_at < $2::timestamptz and not ${HAS_PULL_REQUEST} and not exists (
    select 1 from drydock.merge_groups g where g.repository_id = o.repository_id and g.head_sha = o.head_sha)`;
  const values = [repositoryId, abandonedBefore];
  await sql.query(
    `delete from drydock.outgoing o where ${isAbandoned} and o.published is null and not o.is_uncertain`,
    values,
  );
  const left = await sql.query<{ head_sha: string; name: CheckName }>(
    `select o.head_sha, o.wanted->'check'->>'name' as name from drydock.outgoing o
     where ${isAbandoned} and (o.is_uncertain or (${IS_BEGUN})) order by o.id`,
    values,
  );
  const wishes = left.flatMap(({ head_sha: headSha, name }) =>
    abandoned.filter((check) => check.name === name).map((check) => ({ kind: "check", headSha, check }) as const),
  );
  return [...(await wantOutgoing(sql, repositoryId, "bots", wishes)), ...(await renew(sql, repositoryId, begunBefore))];
}

async function renew(sql: Sql, repositoryId: RepositoryId, begunBefore: string): Promise<Task[]> {
  const renewed = await sql.query<{ installation_id: number }>(
    `update drydock.outgoing o set published_hash = null, is_pending = true, wanted_at = now()
     where ${IN_PROGRESS} and ${IS_BEGUN} and ${HAS_PULL_REQUEST} and not o.is_pending and o.refused is null
       and (o.published->'run'->>'begunAt')::timestamptz < $2::timestamptz
     returning o.installation_id`,
    [repositoryId, begunBefore],
  );
  return renewed.slice(0, 1).map(({ installation_id: installationId }) => ({ kind: "publish", installationId }));
}
