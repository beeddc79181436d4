import type { FoundBypass, SeenPush } from "../jobs/ports.ts";
import type { Actor, InstallationId, Intent, RepositoryId, Task } from "../model/index.ts";
import type { Sql } from "./connection.ts";
import { encodeJson, encodeText } from "./encode-json.ts";
import { wantOutgoing } from "./want-outgoing.ts";

/** A merge is a push first, and GitHub may show the pull request as open for a moment. Seconds. */
const SETTLES_AFTER = 5;

/**
 * Keeps a push to a branch that may hold an environment. One that nobody knows the beginning of begins where the branch
 * was seen last; a branch that was never seen is met, and what it holds came before.
 */
export async function keepPush(sql: Sql, intent: Extract<Intent, { kind: "base-moved" }>): Promise<Task[]> {
  const { repositoryId } = intent.repository;
  const branch = encodeText(intent.branch);
  // It may bring other rules: until those are read, what comes to any branch is kept.
  await sql.query("update drydock.repositories set guarded = null where id = $1 and default_branch = $2", [
    repositoryId,
    branch,
  ]);
  const kept = await sql.query<{ is_open: boolean }>(
    `with last as (
       select coalesce($3, (select after_sha from drydock.pushes
         where repository_id = $1 and branch = $2 order by id desc limit 1)) as sha)
     insert into drydock.pushes as p (repository_id, branch, before_sha, after_sha, actor, weighed_at)
     select $1, $2, coalesce(l.sha, ''), $4, $5::jsonb, case when l.sha is null then now() end
     from drydock.repositories r, last l
     where r.id = $1 and l.sha is distinct from $4 and (r.guarded is null or r.default_branch = $2 or $2 = any(r.guarded))
     on conflict (repository_id, branch, after_sha, before_sha) do update set
       actor = coalesce(p.actor, excluded.actor),
       weighed_at = case when p.actor is null and excluded.actor is not null and p.is_reported then null else p.weighed_at end
     returning weighed_at is null as is_open`,
    [
      ...[repositoryId, branch, intent.before ?? null, intent.after],
      intent.actor === undefined ? null : encodeJson(intent.actor),
    ],
  );
  return kept.some(({ is_open: isOpen }) => isOpen) ? [{ kind: "judge-push", repositoryId, branch }] : [];
}

/** The rules of an account moved: which branches hold environments has to be read again. */
export async function forgetGuarded(sql: Sql, installationId: InstallationId): Promise<void> {
  await sql.query("update drydock.repositories set guarded = null where installation_id = $1", [installationId]);
}

/**
 * As they were read for a push; a later one to the default branch, that nobody weighed yet, may have brought others. A push
 * that was not weighed stays, whatever is guarded now: the rules of its own moment count for it.
 */
export async function setGuarded(
  sql: Sql,
  { repositoryId, id }: Pick<SeenPush, "repositoryId" | "id">,
  branches: readonly string[],
): Promise<void> {
  const names = branches.map(encodeText);
  const set = await sql.query(
    `update drydock.repositories r set guarded = $2::text[] where r.id = $1 and not exists (
       select 1 from drydock.pushes n
       where n.repository_id = $1 and n.branch = r.default_branch and n.weighed_at is null and n.id > $3)
     returning 1`,
    [repositoryId, names, id],
  );
  if (set.length === 0) return;
  await sql.query(
    `delete from drydock.pushes p using drydock.repositories r
     where p.repository_id = $1 and r.id = $1 and p.branch <> r.default_branch and not p.branch = any($2::text[])
       and p.weighed_at is not null`,
    [repositoryId, names],
  );
}

interface PushRow {
  readonly id: number;
  readonly before_sha: string;
  readonly after_sha: string;
  readonly actor: Actor | null;
  readonly is_reported: boolean;
  readonly settles_at: Date | null;
  readonly rules_sha: string | null;
}

export async function listUnweighed(
  sql: Sql,
  repositoryId: RepositoryId,
  branch: string,
): Promise<readonly SeenPush[]> {
  const rows = await sql.query<PushRow>(
    `select p.id, p.before_sha, p.after_sha, p.actor, p.is_reported,
       coalesce(
         (select d.after_sha from drydock.pushes d where d.repository_id = p.repository_id
           and d.branch = r.default_branch and d.id < p.id order by d.id desc limit 1),
         (select nullif(d.before_sha, '') from drydock.pushes d where d.repository_id = p.repository_id
           and d.branch = r.default_branch and d.id > p.id order by d.id limit 1)) as rules_sha,
       case when p.seen_at > now() - interval '${SETTLES_AFTER} seconds'
         then p.seen_at + interval '${SETTLES_AFTER} seconds' end as settles_at
     from drydock.pushes p join drydock.repositories r on r.id = p.repository_id
     where p.repository_id = $1 and p.branch = $2 and p.weighed_at is null order by p.id`,
    [repositoryId, encodeText(branch)],
  );
  return rows.map((row) => ({
    ...{ id: row.id, repositoryId, branch, before: row.before_sha, after: row.after_sha },
    ...{ actor: row.actor ?? undefined, isReported: row.is_reported, settlesAt: row.settles_at?.getTime() },
    rulesSha: row.rules_sha ?? undefined,
  }));
}

export async function listTips(
  sql: Sql,
  repositoryId: RepositoryId,
): Promise<readonly { readonly branch: string; readonly commit: string | undefined }[]> {
  const rows = await sql.query<{ branch: string; commit: string | null }>(
    `select b.branch, (select p.after_sha from drydock.pushes p
       where p.repository_id = $1 and p.branch = b.branch order by p.id desc limit 1) as commit
     from drydock.repositories r,
       lateral (select distinct unnest(coalesce(r.guarded, '{}') || r.default_branch) as branch) b
     where r.id = $1 and b.branch <> '' order by b.branch`,
    [repositoryId],
  );
  return rows.map(({ branch, commit }) => ({ branch, commit: commit ?? undefined }));
}

export async function weighPush(sql: Sql, push: SeenPush, found: FoundBypass | undefined): Promise<Task[]> {
  const { id, repositoryId, after } = push;
  await sql.query("update drydock.pushes set weighed_at = now(), is_reported = is_reported or $2 where id = $1", [
    id,
    found !== undefined,
  ]);
  if (found === undefined) return [];
  await noteBypass(sql, { what: "pushed-outside", repositoryId, number: null, commit: after }, found);
  return wantOutgoing(sql, repositoryId, "people", found.outgoing);
}

/** Once for each commit and what is said of it. */
export async function noteBypass(
  sql: Sql,
  place: {
    readonly what: "pushed-outside" | "merged-outside";
    readonly repositoryId: RepositoryId;
    readonly number: number | null;
    readonly commit: string;
  },
  { installationId, detail }: FoundBypass,
): Promise<void> {
  const { what, repositoryId, number, commit } = place;
  await sql.query(
    `insert into drydock.audit (what, installation_id, repository_id, number, detail)
     select $1, $2, $3, $4::int, $5::jsonb
     where not exists (select 1 from drydock.audit a where a.repository_id = $3
       and a.number is not distinct from $4::int and a.what = $1 and a.detail->>'commit' = $6 and a.detail = $5::jsonb)`,
    [what, installationId, repositoryId, number, encodeJson({ ...detail, commit }), commit],
  );
}
