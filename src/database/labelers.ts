import type { Actor, Intent, LabelSetter, PullRequestKey } from "../model/index.ts";
import type { Sql } from "./connection.ts";
import { encodeJson, encodeText } from "./encode-json.ts";

/**
 * Keeps who set a label last, or that it was taken off. Events come in any order and GitHub tells whole seconds: where two
 * of the same second differ, nobody is known to be the last.
 */
export async function keepLabeler(sql: Sql, intent: Extract<Intent, { kind: "labeled" }>): Promise<void> {
  const { repository, number, label, actor, changedAt } = intent;
  await sql.query(
    `insert into drydock.labelers as l (repository_id, number, label, actor, changed_at)
     values ($1, $2, $3, $4::jsonb, $5::timestamptz)
     on conflict (repository_id, number, label) do update set
       actor = case when l.changed_at < excluded.changed_at or l.actor is not distinct from excluded.actor
         then excluded.actor end,
       changed_at = excluded.changed_at
     where l.changed_at <= excluded.changed_at`,
    [
      ...[repository.repositoryId, number, encodeText(label.toLowerCase())],
      ...[actor === undefined ? null : encodeJson(actor), changedAt],
    ],
  );
}

/** Labels of which it is known who set them last. */
export async function listLabelers(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
): Promise<readonly LabelSetter[]> {
  return await sql.query<{ label: string; actor: Actor }>(
    `select label, actor from drydock.labelers
     where repository_id = $1 and number = $2 and actor is not null order by label`,
    [repositoryId, number],
  );
}
