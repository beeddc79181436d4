import type { KnownFactsOfOpen } from "../jobs/ports.ts";
import type { EnvironmentFacts, PullRequestKey } from "../model/index.ts";
import type { Sql } from "./connection.ts";
import { encodeJson } from "./encode-json.ts";

/** Characters. What is larger is not kept, and nobody knows it then. */
const LARGEST = 1024 * 1024;

/** Keeps what a judgement was made over, in place of what was kept before. */
export async function keepEnvironmentFacts(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
  facts: EnvironmentFacts,
): Promise<void> {
  const json = encodeJson(facts);
  await sql.query("update drydock.pull_requests set facts = $3::jsonb where repository_id = $1 and number = $2", [
    ...[repositoryId, number, json.length > LARGEST ? null : json],
  ]);
}

/** See the port. */
export async function listEnvironmentFacts(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
  most: number,
): Promise<KnownFactsOfOpen> {
  const rows = await sql.query<{ facts: EnvironmentFacts }>(
    `select facts from drydock.pull_requests
     where repository_id = $1 and number <> $2 and is_open and facts is not null order by number desc limit $3`,
    [repositoryId, number, most],
  );
  const [counted] = await sql.query<{ count: number }>(
    "select count(*)::int as count from drydock.pull_requests where repository_id = $1 and number <> $2 and is_open",
    [repositoryId, number],
  );
  return { known: rows.map(({ facts }) => facts), more: (counted?.count ?? 0) - rows.length };
}
