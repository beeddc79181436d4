import type { InstallationId, RepositoryRef, Task } from "../model/index.ts";
import type { Sql } from "./connection.ts";
import { encodeText } from "./encode-json.ts";

/** Remembers an installation that was not known; says whether it was new. */
export async function meetInstallation(sql: Sql, installationId: InstallationId, account: string): Promise<boolean> {
  const added = await sql.query(
    "insert into drydock.installations (id, account) values ($1, $2) on conflict (id) do nothing returning id",
    [installationId, account],
  );
  return added.length > 0;
}

/**
 * Remembers a repository that an event speaks of. An event may be old, so one that is known elsewhere moves only when
 * access was lost there; in any other case a sweep of the installation finds out what holds (T49).
 */
export async function meetRepository(sql: Sql, repository: RepositoryRef): Promise<Task[]> {
  const { installationId, repositoryId } = repository;
  const [owner, name] = [encodeText(repository.owner), encodeText(repository.name)];
  const isNewInstallation = await meetInstallation(sql, installationId, owner);
  const stored = await sql.query<{ installation_id: number; owner: string; name: string }>(
    `insert into drydock.repositories as r (id, installation_id, owner, name) values ($1, $2, $3, $4)
     on conflict (id) do update set
       installation_id = case when r.access_lost is not null then $2 else r.installation_id end,
       access_lost = case when r.installation_id <> $2 then null else r.access_lost end
     where r.installation_id <> $2 and r.access_lost is not null
     returning installation_id, owner, name`,
    [repositoryId, installationId, owner, name],
  );
  const isStored = stored.length > 0;
  const known = isStored
    ? []
    : await sql.query(
        "select 1 from drydock.repositories where id = $1 and installation_id = $2 and owner = $3 and name = $4",
        [repositoryId, installationId, owner, name],
      );
  return isNewInstallation || isStored || known.length === 0 ? [{ kind: "sweep", installationId }] : [];
}

/** Work goes on where it stopped once the suspension is over. */
export async function suspendInstallation(
  sql: Sql,
  installationId: InstallationId,
  isSuspended: boolean,
): Promise<Task[]> {
  await sql.query("update drydock.installations set is_suspended = $2 where id = $1", [installationId, isSuspended]);
  return isSuspended ? [] : [{ kind: "sweep", installationId }];
}
