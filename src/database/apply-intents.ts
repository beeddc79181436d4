import type { Intent, JudgeReason, RepositoryRef, Task } from "../model/index.ts";
import type { Sql } from "./connection.ts";
import { encodeJson, encodeText } from "./encode-json.ts";
import { keepReview } from "./approvals.ts";
import { askForPeople } from "./ask-for-people.ts";
import { closePullRequest, dropGroup } from "./close.ts";
import { keepLabeler } from "./labelers.ts";
import { keepPusher } from "./pushers.ts";
import { forgetGuarded, keepPush } from "./pushes.ts";
import { meetInstallation, meetRepository, suspendInstallation } from "./meet.ts";

/** These say that somebody works on the pull request now: one from before the installation speaks from then on. */
const LOUD: ReadonlySet<JudgeReason> = new Set<JudgeReason>(["opened", "pushed", "asked"]);

/**
 * Applies what events mean, in their order, and gives the tasks that follow. Events come late, twice and in any order,
 * so nothing here trusts one about how things stand on GitHub: whoever does the task reads that.
 */
export async function applyIntents(sql: Sql, intents: readonly Intent[]): Promise<Task[]> {
  const tasks: Task[] = [];
  const met = new Set<number>();
  let run: JudgeIntent[] = [];
  const endRun = async () => {
    if (run.length > 0) tasks.push(...(await askForJudgements(sql, run)));
    run = [];
  };
  for (const intent of intents) {
    if (intent.kind !== "judge") await endRun();
    if ("repository" in intent && !met.has(intent.repository.repositoryId)) {
      tasks.push(...(await meetRepository(sql, intent.repository)));
      met.add(intent.repository.repositoryId);
    }
    if (intent.kind === "judge") run.push(intent);
    else tasks.push(...(await applyIntent(sql, intent)));
  }
  await endRun();
  return keepReachable(sql, tasks);
}

async function applyIntent(sql: Sql, intent: Exclude<Intent, JudgeIntent>): Promise<readonly Task[]> {
  switch (intent.kind) {
    case "judge-head":
      return askForHead(sql, intent.repository.repositoryId, intent.headSha);
    case "close":
      return applyClose(sql, intent);
    case "judge-group":
      return askForGroup(sql, intent);
    case "drop-group":
      await dropGroup(sql, intent.repository.repositoryId, intent.headSha);
      return [];
    case "people-moved":
      return askForPeople(sql, intent);
    case "review":
      await keepReview(sql, intent);
      return [];
    case "pushed":
      return applyPushed(sql, intent);
    case "labeled":
      await keepLabeler(sql, intent);
      return [];
    case "base-moved":
      return [
        ...(await askForBase(sql, intent.repository, encodeText(intent.branch))),
        ...(await keepPush(sql, intent)),
      ];
    case "rules-moved":
      await forgetGuarded(sql, intent.repository.installationId);
      return [{ kind: "rejudge-account", installationId: intent.repository.installationId }];
    case "command":
      return keepCommand(sql, intent);
    case "installed":
      return applyInstalled(sql, intent);
    case "uninstalled":
      await loseInstallation(sql, intent.installationId);
      return [];
    case "suspended":
      return suspendInstallation(sql, intent.installationId, intent.isSuspended);
    case "permissions-changed":
      return [{ kind: "sweep", installationId: intent.installationId }];
    case "repository-changed":
      return [{ kind: "sweep", installationId: intent.repository.installationId }];
    case "repositories-removed":
      await loseRepositories(sql, intent.installationId, intent.repositoryIds);
      return [];
    default:
      return intent satisfies never;
  }
}

/** Who pushed a head may come after it was judged. */
async function applyPushed(sql: Sql, intent: Extract<Intent, { kind: "pushed" }>): Promise<readonly Task[]> {
  const { repository, after: headSha, actor } = intent;
  const numbers = await keepPusher(sql, intent);
  const lane = actor.type === "User" ? "people" : "bots";
  const again = numbers.map((number) => ({ kind: "judge", repository, number, reason: "edited", lane }) as const);
  return again.length === 0
    ? []
    : askForJudgements(
        sql,
        again.map((judge) => ({ ...judge, headSha })),
      );
}

/** Whether it was let in is found out for one that was merged: also for one that nobody saw open. */
async function applyClose(
  sql: Sql,
  { repository: { repositoryId }, number, isMerged }: Extract<Intent, { kind: "close" }>,
): Promise<readonly Task[]> {
  const tasks = await closePullRequest(sql, { repositoryId, number });
  return isMerged ? [{ kind: "judge-merge", repositoryId, number }, ...tasks] : tasks;
}

type JudgeIntent = Extract<Intent, { kind: "judge" }>;

/** A burst of pushes comes as a run of these: one statement for all of them. */
async function askForJudgements(sql: Sql, intents: readonly JudgeIntent[]): Promise<Task[]> {
  const wishes = [...Map.groupBy(intents, ({ repository, number }) => `${repository.repositoryId}/${number}`).values()];
  const rows = wishes.map((same) => ({
    repository_id: same[0]?.repository.repositoryId,
    number: same[0]?.number,
    count: same.length,
    reasons: [...new Set(same.map(({ reason }) => reason))],
    lane: same.at(-1)?.lane,
    is_quiet: !same.some(({ reason }) => LOUD.has(reason)),
    head_sha: same.findLast(({ headSha }) => headSha !== undefined)?.headSha,
  }));
  await sql.query(
    `insert into drydock.pull_requests as p
       (repository_id, number, generation, reasons, lane, is_quiet, head_sha, waiting_since)
     select x.repository_id, x.number, x.count, x.reasons, x.lane, x.is_quiet, x.head_sha, now()
     from jsonb_to_recordset($1::jsonb) as x (repository_id bigint, number int, count int, reasons text[], lane text,
       is_quiet boolean, head_sha text)
     order by x.repository_id, x.number
     on conflict (repository_id, number) do update set
       generation = p.generation + excluded.generation,
       reasons = p.reasons || array(select r from unnest(excluded.reasons) r where not r = any(p.reasons)),
       lane = excluded.lane,
       is_quiet = p.is_quiet and excluded.is_quiet,
       head_sha = coalesce(excluded.head_sha, p.head_sha),
       waiting_since = coalesce(p.waiting_since, now()),
       updated_at = now()`,
    [encodeJson(rows)],
  );
  return intents.map(({ repository: { repositoryId }, number, lane }) => ({
    kind: "judge",
    repositoryId,
    number,
    lane,
  }));
}

/** A re-run button: everything that has this head. */
async function askForHead(sql: Sql, repositoryId: number, headSha: string): Promise<Task[]> {
  const pulls = await sql.query<{ number: number }>(
    `update drydock.pull_requests
     set generation = generation + 1, is_quiet = false, lane = 'people', waiting_since = coalesce(waiting_since, now()),
       reasons = case when 'asked' = any(reasons) then reasons else reasons || 'asked'::text end
     where repository_id = $1 and head_sha = $2 and is_open returning number`,
    [repositoryId, headSha],
  );
  const groups = await sql.query(
    `update drydock.merge_groups
     set generation = generation + 1, waiting_since = coalesce(waiting_since, now())
     where repository_id = $1 and head_sha = $2 and is_open returning 1`,
    [repositoryId, headSha],
  );
  return [
    ...groups.map((): Task => ({ kind: "judge-group", repositoryId, headSha })),
    ...pulls.map(({ number }): Task => ({ kind: "judge", repositoryId, number, lane: "people" })),
  ];
}

async function askForGroup(sql: Sql, { repository, group }: Extract<Intent, { kind: "judge-group" }>): Promise<Task[]> {
  await sql.query(
    `insert into drydock.merge_groups as g
       (repository_id, head_sha, head_ref, base_sha, base_ref, generation, waiting_since)
     values ($1, $2, $3, $4, $5, 1, now())
     on conflict (repository_id, head_sha) do update set
       generation = g.generation + 1, waiting_since = coalesce(g.waiting_since, now()), updated_at = now()`,
    [repository.repositoryId, group.headSha, encodeText(group.headRef), group.baseSha, encodeText(group.baseRef)],
  );
  return [{ kind: "judge-group", repositoryId: repository.repositoryId, headSha: group.headSha }];
}

/** The default branch says the rules. A push to another that nobody is based on, or promoted from, asks for nothing. */
async function askForBase(sql: Sql, { repositoryId }: RepositoryRef, branch: string): Promise<Task[]> {
  const asked = await sql.query(
    `select 1 from drydock.repositories where id = $1 and default_branch = $2
     union all
     (select 1 from drydock.pull_requests where repository_id = $1 and is_open and base_ref = $2 limit 1)
     union all
     (select 1 from drydock.standings where repository_id = $1 and branch = $2 limit 1)`,
    [repositoryId, branch],
  );
  return asked.length === 0 ? [] : [{ kind: "rejudge-base", repositoryId, branch }];
}

/**
 * A comment is a command once, as it was posted, for the head that had an answer of ours at that moment (T09, T14, T16):
 * it may come late, and something else may have been pushed since. GitHub tells the moment in whole seconds.
 */
async function keepCommand(sql: Sql, intent: Extract<Intent, { kind: "command" }>): Promise<Task[]> {
  const { repository, number, source = "comment", commentId, actor, text, postedAt } = intent;
  const { repositoryId } = repository;
  const kept = await sql.query<{ is_done: boolean }>(
    `insert into drydock.commands as c (repository_id, source, comment_id, number, actor, text, posted_at, head_sha)
     values ($1, $7, $2, $3, $4::jsonb, $5, $6::timestamptz,
       (select head_sha from drydock.judgements
        where repository_id = $1 and number = $3 and first_judged_at < $6::timestamptz + interval '1 second'
        order by id desc limit 1))
     on conflict (repository_id, source, comment_id) do update set received_at = c.received_at
     returning is_done`,
    [repositoryId, commentId, number, encodeJson(actor), encodeText(text), postedAt ?? null, source],
  );
  return kept[0]?.is_done === true ? [] : [{ kind: "command", repositoryId, source, commentId }];
}

async function applyInstalled(sql: Sql, intent: Extract<Intent, { kind: "installed" }>): Promise<Task[]> {
  const { installationId, account, repositories } = intent;
  await meetInstallation(sql, installationId, encodeText(account));
  await sql.query(
    "update drydock.installations set is_gone = false, created_at = coalesce(created_at, now()) where id = $1",
    [installationId],
  );
  for (const repository of repositories) {
    await meetRepository(sql, repository);
    await sql.query("update drydock.repositories set access_lost = null, installation_id = $2 where id = $1", [
      repository.repositoryId,
      repository.installationId,
    ]);
  }
  await noteAudit(sql, "installed", installationId);
  return [{ kind: "sweep", installationId }];
}

async function loseInstallation(sql: Sql, installationId: number): Promise<void> {
  await sql.query("update drydock.installations set is_gone = true, created_at = null where id = $1", [installationId]);
  await sql.query("update drydock.repositories set access_lost = 'uninstalled' where installation_id = $1", [
    installationId,
  ]);
  await noteAudit(sql, "uninstalled", installationId);
}

async function loseRepositories(sql: Sql, installationId: number, repositoryIds: readonly number[]): Promise<void> {
  await sql.query(
    "update drydock.repositories set access_lost = 'uninstalled' where installation_id = $1 and id = any($2::bigint[])",
    [installationId, repositoryIds],
  );
  await noteAudit(sql, "repositories-removed", installationId, { repositoryIds });
}

async function noteAudit(sql: Sql, what: string, installationId: number, detail: object = {}): Promise<void> {
  await sql.query("insert into drydock.audit (what, installation_id, detail) values ($1, $2, $3::jsonb)", [
    what,
    installationId,
    encodeJson(detail),
  ]);
}

/** Nothing is done for installations that are suspended or gone, nor in repositories without access. */
async function keepReachable(sql: Sql, tasks: readonly Task[]): Promise<Task[]> {
  const repositoryIds = tasks.flatMap((task) => ("repositoryId" in task ? [task.repositoryId] : []));
  const installationIds = tasks.flatMap((task) => ("installationId" in task ? [task.installationId] : []));
  const lost = await sql.query<{ repository_id: number | null; installation_id: number | null }>(
    `select r.id as repository_id, null::bigint as installation_id from drydock.repositories r
       left join drydock.installations i on i.id = r.installation_id
     where r.id = any($1::bigint[]) and (r.access_lost is not null or i.is_suspended or i.is_gone)
     union all
     select null, id from drydock.installations where id = any($2::bigint[]) and (is_suspended or is_gone)`,
    [repositoryIds, installationIds],
  );
  const lostRepositories = new Set(lost.map(({ repository_id: id }) => id));
  const lostInstallations = new Set(lost.map(({ installation_id: id }) => id));
  return tasks.filter((task) => {
    if ("repositoryId" in task) return !lostRepositories.has(task.repositoryId);
    if ("installationId" in task) return !lostInstallations.has(task.installationId);
    return true;
  });
}
