import type { Delivery, Intent } from "../model/index.ts";
import type { AddTasks } from "./add-tasks.ts";
import { applyIntents } from "./apply-intents.ts";
import { transact } from "./connection.ts";
import type { Backend, Sql } from "./connection.ts";
import { encodeJson } from "./encode-json.ts";

/** Characters of a comment that are kept with its delivery; a command is kept whole, where it is carried out. */
const KEPT_TEXT = 200;

/** See the port. When it resolves, the deliveries are on the disk, so that GitHub may be told so. */
export async function keepDeliveries(
  backend: Backend,
  addTasks: AddTasks,
  deliveries: readonly Delivery[],
): Promise<void> {
  await transact(backend, async (transaction) => {
    const fresh = await insertDeliveries(transaction, deliveries);
    const intents = inOrder(fresh.flatMap((delivery) => delivery.intents));
    await addTasks(transaction, await applyIntents(transaction, intents));
  });
  await backend.flush();
}

/** Gives those whose id was not known (T49). */
async function insertDeliveries(sql: Sql, deliveries: readonly Delivery[]): Promise<Delivery[]> {
  const unique = new Map(deliveries.map((delivery) => [delivery.id, delivery]));
  const rows = [...unique.values()].map(({ id, event, action, installationId, intents, problem }) => ({
    id,
    event,
    action,
    installation_id: installationId,
    intents: intents.map(shorten),
    problem,
  }));
  const added = await sql.query<{ id: string }>(
    `insert into drydock.deliveries (id, event, action, installation_id, intents, problem)
     select x.id, x.event, x.action, x.installation_id, x.intents, x.problem
     from jsonb_to_recordset($1::jsonb) as x
       (id text, event text, action text, installation_id bigint, intents jsonb, problem text)
     order by x.id
     on conflict (id) do nothing returning id`,
    [encodeJson(rows)],
  );
  const fresh = new Set(added.map(({ id }) => id));
  return [...unique.values()].filter(({ id }) => fresh.has(id));
}

function shorten(intent: Intent): Intent {
  return intent.kind === "command" ? { ...intent, text: intent.text.slice(0, KEPT_TEXT) } : intent;
}

/** By repository, each one's in their order: two replicas that take rows in one order do not wait for each other. */
function inOrder(intents: readonly Intent[]): Intent[] {
  const repositoryOf = (intent: Intent) => ("repository" in intent ? intent.repository.repositoryId : 0);
  return intents.toSorted((a, b) => repositoryOf(a) - repositoryOf(b));
}
