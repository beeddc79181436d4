import type { StandingJudgement } from "../jobs/ports.ts";
import type { PullRequestKey, Verdict } from "../model/index.ts";
import { expandText } from "./compress-report.ts";
import type { Sql } from "./connection.ts";

/** The last judgement of a pull request, with its report where that is kept. */
export async function readStanding(
  sql: Sql,
  { repositoryId, number }: PullRequestKey,
): Promise<StandingJudgement | undefined> {
  const [row] = await sql.query<{ verdict: Verdict; json: Uint8Array | null }>(
    `select j.verdict, j.json from drydock.pull_requests p join drydock.judgements j on j.id = p.judgement_id
     where p.repository_id = $1 and p.number = $2`,
    [repositoryId, number],
  );
  return row === undefined ? undefined : { verdict: row.verdict, json: await expandText(row.json) };
}
