import type { Lane, Outgoing, Publication, PullRequestKey, RepositoryId, Task } from "../model/index.ts";
import type { Sql } from "./connection.ts";
import { encodeJson, encodeText } from "./encode-json.ts";
import { ORDER_OF_LANE, bearsUnwanted, hashOutgoing, lacksWanted, rankOf, slotOf } from "./outgoing-slot.ts";

/**
 * Notes what should stand on GitHub. What stands already, or is wanted already, changes nothing (T33); a wish that was
 * refused is tried again once it differs. Labels are not only Drydock's to set: what somebody saw on GitHub since counts
 * more than what was written last (T54), once for each look. Gives the task that writes, if there is anything to write.
 */
export async function wantOutgoing(
  sql: Sql,
  repositoryId: RepositoryId,
  lane: Lane,
  wishes: readonly Outgoing[],
): Promise<Task[]> {
  if (wishes.length === 0) return [];
  const rows = wishes.map((outgoing) => ({
    kind: outgoing.kind,
    slot: encodeText(slotOf(outgoing)),
    number: "number" in outgoing ? outgoing.number : null,
    head_sha: outgoing.kind === "check" ? outgoing.headSha : null,
    wanted: outgoing,
    wanted_hash: hashOutgoing(outgoing),
    rank: rankOf(outgoing),
  }));
  const kept = await sql.query<{ installation_id: number; is_pending: boolean }>(WANT, [
    repositoryId,
    ORDER_OF_LANE[lane],
    encodeJson(rows),
    ...listUnmet(wishes),
  ]);
  const pending = kept.find(({ is_pending: isPending }) => isPending);
  return pending === undefined ? [] : [{ kind: "publish", installationId: pending.installation_id }];
}

/** Slots of labels that were seen to differ from what is wanted, and of those that bear what nobody may act on. */
function listUnmet(wishes: readonly Outgoing[]): readonly [unmet: readonly string[], bearing: readonly string[]] {
  const labels = wishes.filter((outgoing) => outgoing.kind === "labels");
  const bearing = labels.filter(bearsUnwanted);
  const unmet = [...bearing, ...labels.filter(lacksWanted)];
  return [unmet.map(slotOf), bearing.map(slotOf)];
}

const IS_UNMET = "(o.kind = 'labels' and o.slot = any($4::text[]))";
const BEARS_UNWANTED = "(o.kind = 'labels' and o.slot = any($5::text[]))";

/**
 * A check that goes from "in progress" to its verdict keeps the moment it began at; any other new wish begins now. A
 * partial one whose wish came back to what stands has its rest still to send. Labels that are being written while somebody
 * sees them differ are written once more: `markPublished` finds no hash of the writing that it ends.
 */
const WANT = `
  insert into drydock.outgoing as o
    (repository_id, installation_id, kind, slot, number, head_sha, wanted, wanted_hash, rank, lane)
  select $1, r.installation_id, x.kind, x.slot, x.number, x.head_sha, x.wanted, x.wanted_hash, x.rank, $2
  from jsonb_to_recordset($3::jsonb) as x
    (kind text, slot text, number int, head_sha text, wanted jsonb, wanted_hash text, rank smallint)
  join drydock.repositories r on r.id = $1
  order by x.kind, x.slot
  on conflict (repository_id, kind, slot) do update set
    installation_id = excluded.installation_id,
    wanted = excluded.wanted,
    wanted_hash = excluded.wanted_hash,
    rank = case when o.wanted_hash = excluded.wanted_hash and o.kind <> 'labels' then o.rank else excluded.rank end,
    lane = excluded.lane,
    wanted_at = case
      when o.wanted_hash = excluded.wanted_hash and (o.is_pending or not ${IS_UNMET}) then o.wanted_at
      when o.wanted->'check'->>'state' = 'in_progress' and excluded.wanted->'check'->>'state' <> 'in_progress'
        then o.wanted_at
      else now() end,
    refused = case when o.wanted_hash = excluded.wanted_hash and not ${BEARS_UNWANTED} then o.refused end,
    failures = case when o.wanted_hash = excluded.wanted_hash then o.failures else 0 end,
    not_before = case when o.wanted_hash = excluded.wanted_hash then o.not_before end,
    published_hash = case when not (o.is_partial and ${IS_UNMET}) then o.published_hash end,
    is_pending = (o.published_hash is distinct from excluded.wanted_hash or o.is_partial or o.is_uncertain or ${IS_UNMET})
      and not (o.wanted_hash = excluded.wanted_hash and o.refused is not null and not ${BEARS_UNWANTED})
  returning installation_id, is_pending`;

/**
 * Has the next wish for the completed checks of a commit written as runs of their own, whatever it says: GitHub takes
 * who pressed the button at their word, and waits for a run that begins. A verdict that is known before "in progress"
 * was written would else be what stands already, and the press be lost.
 */
export async function beginAnew(sql: Sql, repositoryId: RepositoryId, headSha: string): Promise<void> {
  await sql.query(
    `update drydock.outgoing
     set published_hash = null, published = jsonb_set(published, '{run,annotationsDigest}', '""')
     where repository_id = $1 and head_sha = $2 and kind = 'check' and not is_uncertain
       and (published->'run'->>'isCompleted')::boolean`,
    [repositoryId, headSha],
  );
}

/** What a publication wants beside checks, with the end of what the last one wanted and this one does not. */
export async function wantPublication(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
  lane: Lane,
  headSha: string,
  { comments, review, labels, standingLabels: standing }: Publication,
): Promise<Task[]> {
  const known = await sql.query<{ kind: string; index: number | null; is_unknown: boolean }>(
    `select kind, (wanted->>'index')::int as index, published is null and not is_uncertain as is_unknown
     from drydock.outgoing where repository_id = $1 and number = $2 and kind in ('comment', 'review', 'labels')`,
    [repositoryId, number],
  );
  const isKnown = (kind: string) => known.some((row) => row.kind === kind && !row.is_unknown);
  const wishes: Outgoing[] = comments.map((body, index) => ({ kind: "comment", number, index, body }));
  for (const { kind, index, is_unknown: isUnknown } of known) {
    if (kind !== "comment" || index === null || index < comments.length || isUnknown) continue;
    wishes.push({ kind: "comment", number, index, body: "" });
  }
  if (review.threads.length > 0 || review.overflow > 0 || isKnown("review")) {
    wishes.push({ kind: "review", number, headSha, review });
  }
  if (labels.length > 0 || standing.length > 0 || isKnown("labels")) {
    wishes.push({ kind: "labels", number, labels, standing });
  }
  await sql.query(
    `delete from drydock.outgoing
     where repository_id = $1 and number = $2 and published is null and not is_uncertain
       and ((kind = 'comment' and (wanted->>'index')::int >= $3)
         or (kind = 'review' and not $4::boolean) or (kind = 'labels' and not $5::boolean))`,
    [
      repositoryId,
      number,
      comments.length,
      wishes.some(({ kind }) => kind === "review"),
      wishes.some(({ kind }) => kind === "labels"),
    ],
  );
  return wantOutgoing(sql, repositoryId, lane, wishes);
}

/** What labels should stand where nothing else is written of a pull request. */
export async function wantLabels(
  sql: Sql,
  repositoryId: RepositoryId,
  lane: Lane,
  wish: Extract<Outgoing, { kind: "labels" }>,
): Promise<Task[]> {
  const { labels, standing = [] } = wish;
  const known = await sql.query(
    "select 1 from drydock.outgoing where repository_id = $1 and kind = 'labels' and slot = $2",
    [repositoryId, slotOf(wish)],
  );
  const isNothing = labels.length === 0 && standing.length === 0 && known.length === 0;
  return isNothing ? [] : await wantOutgoing(sql, repositoryId, lane, [wish]);
}
