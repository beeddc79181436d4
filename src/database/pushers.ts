import type { Intent, PullRequest, RecordedPush } from "../model/index.ts";
import type { Actor } from "../model/index.ts";
import type { Sql } from "./connection.ts";
import { encodeJson, encodeText } from "./encode-json.ts";

/**
 * Keeps who pushed what. Gives open pull requests with this head where nobody was known to have pushed it: their verdict
 * was made without that.
 */
export async function keepPusher(
  sql: Sql,
  { repository: { repositoryId }, number, branch, before, after, actor }: Extract<Intent, { kind: "pushed" }>,
): Promise<readonly number[]> {
  const rows = await sql.query<{ number: number }>(
    `with known as (
       select 1 from drydock.pushers
       where repository_id = $1 and after_sha = $5 and (number <> 0 or branch = $3 or $2 <> 0) limit 1),
     added as (
       insert into drydock.pushers (repository_id, number, branch, before_sha, after_sha, actor_id, actor)
       values ($1, $2, $3, $4, $5, $6, $7::jsonb)
       on conflict do nothing
       returning 1)
     select p.number from drydock.pull_requests p
     where p.repository_id = $1 and p.head_sha = $5 and p.is_open
       and not exists (select 1 from known) and exists (select 1 from added)`,
    [
      ...[repositoryId, number ?? 0, branch === undefined ? "" : encodeText(branch), before ?? "", after],
      ...[actor.id, encodeJson(actor)],
    ],
  );
  return rows.map((row) => row.number);
}

/** Every push to the branch of a pull request that is known; a fork's are told by its own events alone. */
export async function listPushes(
  sql: Sql,
  { repositoryId, number, headRef, isFork }: Pick<PullRequest, "repositoryId" | "number" | "headRef" | "isFork">,
): Promise<readonly RecordedPush[]> {
  const rows = await sql.query<{ before_sha: string; after_sha: string; actor: Actor }>(
    `select before_sha, after_sha, actor from drydock.pushers
     where repository_id = $1 and (number = $2 or (number = 0 and branch = $3 and not $4::boolean))
     order by seen_at, after_sha, actor_id`,
    [repositoryId, number, encodeText(headRef), isFork],
  );
  return rows.map(({ before_sha: before, after_sha: after, actor }) => {
    return { before: before === "" ? undefined : before, after, actor };
  });
}
