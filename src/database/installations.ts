import type { InstallationId, RepositoryId, RepositoryRef, Task } from "../model/index.ts";
import type { InstallationFacts, RepositoryFacts } from "../jobs/ports.ts";
import type { Sql } from "./connection.ts";
import { encodeJson, encodeText } from "./encode-json.ts";
import { REPOSITORY_COLUMNS, toInstallationFacts, toRepositoryFacts } from "./facts.ts";
import type { InstallationRow, RepositoryRow } from "./facts.ts";

/**
 * What GitHub lists is what holds: repositories that are not listed any more are lost, those that are can be worked on
 * again. Gives the task that writes what had to wait meanwhile.
 */
export async function noteInstallation(
  sql: Sql,
  facts: InstallationFacts,
  repositories: readonly RepositoryFacts[],
): Promise<Task[]> {
  const { installationId, account, isSuspended, permissions, events, createdAt } = facts;
  const [before] = await sql.query<{ is_same: boolean }>(
    "select permissions = $2::jsonb as is_same from drydock.installations where id = $1",
    [installationId, encodeJson(permissions)],
  );
  await sql.query(
    `insert into drydock.installations (id, account, is_suspended, permissions, events, created_at)
     values ($1, $2, $3, $4::jsonb, $5::jsonb, $6::timestamptz)
     on conflict (id) do update set account = excluded.account, is_suspended = excluded.is_suspended, is_gone = false,
       permissions = excluded.permissions, events = excluded.events, created_at = excluded.created_at`,
    [installationId, encodeText(account), isSuspended, encodeJson(permissions), encodeJson(events), createdAt],
  );
  await noteRepositories(sql, repositories, before?.is_same !== true);
  if (before?.is_same === false) await wantRefusedAgain(sql, installationId);
  await sql.query(
    `update drydock.repositories set access_lost = 'uninstalled'
     where installation_id = $1 and access_lost is null and not id = any($2::bigint[])`,
    [installationId, repositories.map(({ repositoryId }) => repositoryId)],
  );
  const pending = await sql.query("select 1 from drydock.outgoing where installation_id = $1 and is_pending limit 1", [
    installationId,
  ]);
  return pending.length === 0 || isSuspended ? [] : [{ kind: "publish", installationId }];
}

/** What was refused may have been for want of a permission that is there now: one more try, where it still matters. */
async function wantRefusedAgain(sql: Sql, installationId: InstallationId): Promise<void> {
  await sql.query(
    `update drydock.outgoing o set refused = null, is_pending = true
     where o.installation_id = $1 and o.refused is not null and exists (
       select 1 from drydock.pull_requests p
       where p.repository_id = o.repository_id and p.is_open and (p.number = o.number or p.head_sha = o.head_sha))`,
    [installationId],
  );
}

/** Access that was refused for want of a permission is tried again once permissions are others. */
export async function noteRepositories(
  sql: Sql,
  repositories: readonly RepositoryFacts[],
  arePermissionsNew: boolean,
): Promise<void> {
  await sql.query(
    `insert into drydock.repositories as r
       (id, installation_id, owner, name, default_branch, is_private, is_archived, noted_at)
     select x.id, x.installation_id, x.owner, x.name, x.default_branch, x.is_private, x.is_archived, now()
     from jsonb_to_recordset($1::jsonb) as x (id bigint, installation_id bigint, owner text, name text,
       default_branch text, is_private boolean, is_archived boolean)
     order by x.id
     on conflict (id) do update set
       installation_id = excluded.installation_id, owner = excluded.owner, name = excluded.name,
       default_branch = excluded.default_branch, is_private = excluded.is_private,
       is_archived = excluded.is_archived, noted_at = now(),
       access_lost = case
         when excluded.is_archived then 'archived'
         when r.access_lost = 'permission' and not $2::boolean then r.access_lost end`,
    [
      encodeJson(
        repositories.map((facts) => ({
          id: facts.repositoryId,
          installation_id: facts.installationId,
          owner: facts.owner,
          name: facts.name,
          default_branch: facts.defaultBranch,
          is_private: facts.isPrivate,
          is_archived: facts.isArchived,
        })),
      ),
      arePermissionsNew,
    ],
  );
  await sql.query(
    `update drydock.outgoing o set installation_id = r.installation_id from drydock.repositories r
     where r.id = o.repository_id and o.installation_id <> r.installation_id and r.id = any($1::bigint[])`,
    [repositories.map(({ repositoryId }) => repositoryId)],
  );
}

export async function noteAccessLost(
  sql: Sql,
  { installationId, repositoryId, owner, name }: RepositoryRef,
  loss: string,
): Promise<boolean> {
  const lost = await sql.query(
    `update drydock.repositories set access_lost = $2
     where id = $1 and installation_id = $3 and owner = $4 and name = $5 returning 1`,
    [repositoryId, encodeText(loss), installationId, encodeText(owner), encodeText(name)],
  );
  if (lost.length === 0) return false;
  await sql.query(
    `insert into drydock.audit (what, installation_id, repository_id, detail)
     values ('access-lost', $1, $2, $3::jsonb)`,
    [installationId, repositoryId, encodeJson({ loss })],
  );
  return true;
}

export async function listInstallations(sql: Sql): Promise<InstallationFacts[]> {
  const rows = await sql.query<InstallationRow>(
    `select id, account, is_suspended, permissions, events, created_at
     from drydock.installations where not is_gone order by id`,
  );
  return rows.map(toInstallationFacts);
}

export async function listRepositories(sql: Sql, installationId: InstallationId): Promise<RepositoryFacts[]> {
  const rows = await sql.query<RepositoryRow>(
    `select ${REPOSITORY_COLUMNS} from drydock.repositories r
     where r.installation_id = $1 and r.access_lost is null order by r.id`,
    [installationId],
  );
  return rows.map(toRepositoryFacts);
}

export async function readRepository(sql: Sql, repositoryId: RepositoryId): Promise<RepositoryFacts | undefined> {
  const [row] = await sql.query<RepositoryRow>(
    `select ${REPOSITORY_COLUMNS} from drydock.repositories r
     left join drydock.installations i on i.id = r.installation_id
     where r.id = $1 and r.access_lost is null and not coalesce(i.is_suspended or i.is_gone, false)`,
    [repositoryId],
  );
  return row === undefined ? undefined : toRepositoryFacts(row);
}
