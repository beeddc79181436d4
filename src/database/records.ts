import type { Records } from "../jobs/ports.ts";
import type { Verdict } from "../model/index.ts";
import type { AddTasks } from "./add-tasks.ts";
import { applyIntents } from "./apply-intents.ts";
import { finishCommand, readCommand } from "./commands.ts";
import { compressReport } from "./compress-report.ts";
import { transact } from "./connection.ts";
import type { Backend, Transaction } from "./connection.ts";
import { encodeText } from "./encode-json.ts";
import {
  listInstallations,
  listRepositories,
  noteAccessLost,
  noteInstallation,
  noteRepositories,
  readRepository,
} from "./installations.ts";
import { keepApprovals, listApprovals, listApproved, readAsked } from "./exceptions.ts";
import { finishGroup, showGroupProgress, startGroup } from "./judge-group.ts";
import { finishJudgement, notePullRequest, showProgress, startJudgement } from "./judge-pull-request.ts";
import { keepDeliveries } from "./keep-deliveries.ts";
import { holdBack, markAttempt, markPublished, markRefused, nextOutgoing, postpone, takeWriteFor } from "./outgoing.ts";
import { compareOpen, unknownComments } from "./sweeping.ts";
import { tidy } from "./tidy.ts";
import { tendUnfinished } from "./unfinished-checks.ts";
import { pauseWrites } from "./write-budget.ts";

/** Each method is one transaction; the functions behind it know nothing of how it is begun. */
export function createRecords(backend: Backend, addTasks: AddTasks, now: () => number): Records {
  const once = <Result>(work: (transaction: Transaction) => Promise<Result>) => transact(backend, work);
  return {
    keepDeliveries: (deliveries) => keepDeliveries(backend, addTasks, deliveries),
    applyIntents: (intents) => once(async (sql) => addTasks(sql, await applyIntents(sql, intents))),
    ...createJudgementRecords(once, addTasks),
    ...createOutgoingRecords(once, addTasks),
    ...createSweepRecords(once, addTasks, now),
  };
}

type Once = <Result>(work: (transaction: Transaction) => Promise<Result>) => Promise<Result>;

type JudgementRecords = Pick<
  Records,
  | "startJudgement"
  | "notePullRequest"
  | "showProgress"
  | "finishJudgement"
  | "startGroup"
  | "showGroupProgress"
  | "finishGroup"
  | "listJudged"
  | "listOpen"
  | "release"
  | "readAsked"
  | "listApprovals"
  | "keepApprovals"
  | "listApproved"
>;

function createJudgementRecords(once: Once, addTasks: AddTasks): JudgementRecords {
  return {
    startJudgement: (key) => once((sql) => startJudgement(sql, key)),
    notePullRequest: (pullRequest, generation) =>
      once((sql) => notePullRequest(sql, addTasks, pullRequest, generation)),
    showProgress: (key, generation, checks) => once((sql) => showProgress(sql, addTasks, key, generation, checks)),
    finishJudgement: async (key, judged, combine) => {
      const report = await compressReport(judged.report);
      return once((sql) => finishJudgement(sql, addTasks, key, { ...judged, report }, combine));
    },
    readAsked: (key) => once((sql) => readAsked(sql, key)),
    listApprovals: (key) => once((sql) => listApprovals(sql, key)),
    keepApprovals: (key, approvals) => once((sql) => keepApprovals(sql, key, approvals)),
    listApproved: (repositoryId, baseRef) => once((sql) => listApproved(sql, repositoryId, baseRef)),
    startGroup: (repositoryId, headSha) => once((sql) => startGroup(sql, repositoryId, headSha)),
    showGroupProgress: (repositoryId, group, checks) =>
      once((sql) => showGroupProgress(sql, addTasks, repositoryId, group, checks)),
    finishGroup: async (repositoryId, group, judged, combine) => {
      const report = await compressReport(judged.report);
      return once((sql) => finishGroup(sql, addTasks, repositoryId, group, { ...judged, report }, combine));
    },
    listJudged: (repositoryId, baseRef) =>
      once(async (sql) => {
        const rows = await sql.query<{ number: number; verdict: Verdict; judged_at: Date }>(
          `select p.number, j.verdict, j.judged_at from drydock.pull_requests p
           join drydock.judgements j on j.id = p.judgement_id
           where p.repository_id = $1 and p.base_ref = $2 and p.is_open order by p.number`,
          [repositoryId, encodeText(baseRef)],
        );
        return rows.map(({ number, verdict, judged_at: judgedAt }) => ({
          repositoryId,
          number,
          verdict,
          judgedAt: judgedAt.toISOString(),
        }));
      }),
    listOpen: (repositoryId) =>
      once(async (sql) => {
        const rows = await sql.query<{ number: number }>(
          "select number from drydock.pull_requests where repository_id = $1 and is_open order by number",
          [repositoryId],
        );
        return rows.map(({ number }) => ({ repositoryId, number }));
      }),
    release: ({ repositoryId, number }, headSha) =>
      once(async (sql) => {
        await sql.query("update drydock.pull_requests set released_sha = $3 where repository_id = $1 and number = $2", [
          repositoryId,
          number,
          headSha,
        ]);
      }),
  };
}

type OutgoingRecords = Pick<
  Records,
  | "readCommand"
  | "finishCommand"
  | "nextOutgoing"
  | "takeWrite"
  | "holdBack"
  | "pauseWrites"
  | "markAttempt"
  | "markPublished"
  | "postpone"
  | "markRefused"
>;

function createOutgoingRecords(once: Once, addTasks: AddTasks): OutgoingRecords {
  return {
    readCommand: (repositoryId, commentId) => once((sql) => readCommand(sql, repositoryId, commentId)),
    finishCommand: (repositoryId, commentId, answers) =>
      once(async (sql) => addTasks(sql, await finishCommand(sql, repositoryId, commentId, answers))),
    nextOutgoing: (installationId, first) => once((sql) => nextOutgoing(sql, installationId, first)),
    takeWrite: (item, isContent, isBegun) => once((sql) => takeWriteFor(sql, item, isContent, isBegun)),
    holdBack: (item, until) => once((sql) => holdBack(sql, item, until)),
    pauseWrites: (installationId, until) => once((sql) => pauseWrites(sql, installationId, until)),
    markAttempt: (item, isBegun) => once((sql) => markAttempt(sql, item, isBegun)),
    markPublished: (item, published, isDone) => once((sql) => markPublished(sql, item, published, isDone)),
    postpone: (item, reason) => once((sql) => postpone(sql, item, reason)),
    markRefused: (item, reason) => once((sql) => markRefused(sql, item, reason)),
  };
}

type SweepRecords = Omit<Records, keyof JudgementRecords | keyof OutgoingRecords | "keepDeliveries" | "applyIntents">;

function createSweepRecords(once: Once, addTasks: AddTasks, now: () => number): SweepRecords {
  return {
    noteInstallation: (facts, repositories) =>
      once(async (sql) => addTasks(sql, await noteInstallation(sql, facts, repositories))),
    noteRepository: (facts) => once((sql) => noteRepositories(sql, [facts], false)),
    noteAccessLost: (repository, loss) => once((sql) => noteAccessLost(sql, repository, loss)),
    listInstallations: () => once(listInstallations),
    listRepositories: (installationId) => once((sql) => listRepositories(sql, installationId)),
    readRepository: (repositoryId) => once((sql) => readRepository(sql, repositoryId)),
    withoutVerdict: (repositoryId, open) =>
      once(async (sql) => {
        const { missed, tasks } = await compareOpen(sql, repositoryId, open, now());
        await addTasks(sql, tasks);
        return missed;
      }),
    tendUnfinished: (repositoryId, plan) =>
      once(async (sql) => addTasks(sql, await tendUnfinished(sql, repositoryId, plan))),
    unknownComments: (repositoryId, ids) => once((sql) => unknownComments(sql, repositoryId, ids)),
    readMark: (name) =>
      once(async (sql) => {
        const [row] = await sql.query<{ value: string }>("select value from drydock.marks where name = $1", [name]);
        return row?.value;
      }),
    writeMark: (name, value) =>
      once(async (sql) => {
        await sql.query(
          "insert into drydock.marks (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value",
          [name, value],
        );
      }),
    tidy: (retentionDays) => once((sql) => tidy(sql, retentionDays)),
  };
}
