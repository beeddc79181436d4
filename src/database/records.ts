import type {
  ApprovalRecords,
  BypassRecords,
  MergeRecords,
  PullRecords,
  Records,
  StandingRecords,
  StopRecords,
} from "../jobs/ports.ts";
import type { Verdict } from "../model/index.ts";
import type { AddTasks } from "./add-tasks.ts";
import { applyIntents } from "./apply-intents.ts";
import { bindWords, listWords, recordApproval, withdrawApprovals } from "./approvals.ts";
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
import { listEnvironmentFacts } from "./environment-facts.ts";
import { listContents } from "./judgements.ts";
import { keepDeliveries } from "./keep-deliveries.ts";
import { listLabelers } from "./labelers.ts";
import { keepOpening, readOpening } from "./openings.ts";
import { listPushes } from "./pushers.ts";
import { holdBack, markAttempt, markPublished, markRefused, nextOutgoing, postpone, takeWriteFor } from "./outgoing.ts";
import { readStanding } from "./read-standing.ts";
import { askForMerges, keepWeighed, readClosed } from "./weigh-merges.ts";
import { listTips, listUnweighed, setGuarded, weighPush } from "./pushes.ts";
import { compareOpen, unknownCommands } from "./sweeping.ts";
import { keepMerge, noteUnknownMerge, readMerge, wantMergedLabels } from "./merges.ts";
import { beginMerge, deferMerge, endMergeWish, keepMergeWish, readMergeWish, wantMerge } from "./merge-wishes.ts";
import { confirmUnlocked, listConfirmed } from "./confirmed-locks.ts";
import { keepOverride, listOverridden, listOverrides } from "./overrides.ts";
import { liftStops, listServerStops, listStops, remindOfLocks, setStop, type Changed } from "./stops.ts";
import { isWatched, keepSeen, noteSeen, readSeen } from "./standing.ts";
import { tidy } from "./tidy.ts";
import { tendUnfinished } from "./unfinished-checks.ts";
import { pauseWrites } from "./write-budget.ts";

/** Each method is one transaction; the functions behind it know nothing of how it is begun. */
export function createRecords(
  backend: Backend,
  addTasks: AddTasks,
  { now, writesASecond }: { readonly now: () => number; readonly writesASecond: number },
): Records {
  const once = <Result>(work: (transaction: Transaction) => Promise<Result>) => transact(backend, work);
  return {
    keepDeliveries: (deliveries) => keepDeliveries(backend, addTasks, deliveries),
    applyIntents: (intents) => once(async (sql) => addTasks(sql, await applyIntents(sql, intents))),
    ...createJudgementRecords(once, addTasks),
    ...createApprovalRecords(once),
    ...createOutgoingRecords(once, addTasks, writesASecond),
    ...createStopRecords(once, addTasks, now),
    ...createSweepRecords(once, addTasks, now),
    ...createStandingRecords(once),
    ...createMergeRecords(once, addTasks),
    ...createPullRecords(once),
    ...createBypassRecords(once, addTasks),
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
  | "listContents"
  | "listEnvironmentFacts"
  | "listOpen"
  | "release"
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
    listContents: (repositoryId, baseRef) => once((sql) => listContents(sql, repositoryId, baseRef)),
    listEnvironmentFacts: (but, most) => once((sql) => listEnvironmentFacts(sql, but, most)),
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

function createPullRecords(once: Once): PullRecords {
  return {
    listPushes: (pullRequest) => once((sql) => listPushes(sql, pullRequest)),
    listLabelers: (key) => once((sql) => listLabelers(sql, key)),
    keepOpening: (key, opening) => once((sql) => keepOpening(sql, key, opening)),
    readOpening: (key) => once((sql) => readOpening(sql, key)),
  };
}

function createApprovalRecords(once: Once): ApprovalRecords {
  return {
    readAsked: (key) => once((sql) => readAsked(sql, key)),
    listApprovals: (key) => once((sql) => listApprovals(sql, key)),
    keepApprovals: (key, approvals) => once((sql) => keepApprovals(sql, key, approvals)),
    listApproved: (repositoryId, baseRef) => once((sql) => listApproved(sql, repositoryId, baseRef)),
    recordApproval: (key, approval) => once((sql) => recordApproval(sql, key, approval)),
    withdrawApprovals: (key, actor) => once((sql) => withdrawApprovals(sql, key, actor)),
    listWords: (key) => once((sql) => listWords(sql, key)),
    bindWords: (key, words) => once((sql) => bindWords(sql, key, words)),
  };
}

function createStandingRecords(once: Once): StandingRecords {
  return {
    readSeen: (place) => once((sql) => readSeen(sql, place)),
    noteSeen: (place, state, values, now) => once((sql) => noteSeen(sql, place, state, values, now)),
    isWatched: (repositoryId, branch) => once((sql) => isWatched(sql, repositoryId, branch)),
    keepSeen: (repositoryId, environments) => once((sql) => keepSeen(sql, repositoryId, environments)),
    settleMark: (name, value) =>
      once(async (sql) => {
        await sql.query("insert into drydock.marks (name, value) values ($1, $2) on conflict do nothing", [
          name,
          value,
        ]);
        const [row] = await sql.query<{ value: string }>("select value from drydock.marks where name = $1", [name]);
        return row?.value ?? value;
      }),
  };
}

function createMergeRecords(once: Once, addTasks: AddTasks): MergeRecords {
  return {
    readMerge: (key) => once((sql) => readMerge(sql, key)),
    keepMerge: (key, merge) => once((sql) => keepMerge(sql, key, merge)),
    wantMergedLabels: (key, labels) => once(async (sql) => addTasks(sql, await wantMergedLabels(sql, key, labels))),
    noteUnknownMerge: (key, reason) => once((sql) => noteUnknownMerge(sql, key, reason)),
    keepMergeWish: (key, wish) => once((sql) => keepMergeWish(sql, key, wish)),
    readMergeWish: (key) => once((sql) => readMergeWish(sql, key)),
    endMergeWish: (key, end) =>
      once(async (sql) => {
        const { value, tasks } = await endMergeWish(sql, key, end);
        await addTasks(sql, tasks);
        return value;
      }),
    wantMerge: (key, merge, combine) => once(async (sql) => addTasks(sql, await wantMerge(sql, key, merge, combine))),
    beginMerge: (key, item, merge, now) => once((sql) => beginMerge(sql, key, item, merge, now)),
    deferMerge: (key, at) => once((sql) => deferMerge(sql, key, at)),
  };
}

function createBypassRecords(once: Once, addTasks: AddTasks): BypassRecords {
  return {
    listUnweighed: (repositoryId, branch) => once((sql) => listUnweighed(sql, repositoryId, branch)),
    listTips: (repositoryId) => once((sql) => listTips(sql, repositoryId)),
    setGuarded: (push, branches) => once((sql) => setGuarded(sql, push, branches)),
    weighPush: (push, found) => once(async (sql) => addTasks(sql, await weighPush(sql, push, found))),
    readClosed: (key, commit) => once((sql) => readClosed(sql, key, commit)),
    keepWeighed: (key, merge) => once(async (sql) => addTasks(sql, await keepWeighed(sql, key, merge))),
    askForMerges: (repositoryId, numbers) =>
      once(async (sql) => addTasks(sql, await askForMerges(sql, repositoryId, numbers))),
  };
}

type OutgoingRecords = Pick<
  Records,
  | "readStanding"
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

function createOutgoingRecords(once: Once, addTasks: AddTasks, writesASecond: number): OutgoingRecords {
  return {
    readStanding: (key) => once((sql) => readStanding(sql, key)),
    readCommand: (repositoryId, key) => once((sql) => readCommand(sql, repositoryId, key)),
    finishCommand: (repositoryId, key, answers) =>
      once(async (sql) => addTasks(sql, await finishCommand(sql, repositoryId, key, answers))),
    nextOutgoing: (installationId, first) => once((sql) => nextOutgoing(sql, installationId, first)),
    takeWrite: (item, isContent, isBegun = false) =>
      once((sql) => takeWriteFor(sql, item, { isContent, isBegun, writesASecond })),
    holdBack: (item, until) => once((sql) => holdBack(sql, item, until)),
    pauseWrites: (installationId, until) => once((sql) => pauseWrites(sql, installationId, until)),
    markAttempt: (item, isBegun) => once((sql) => markAttempt(sql, item, isBegun)),
    markPublished: (item, published, isDone) => once((sql) => markPublished(sql, item, published, isDone)),
    postpone: (item, reason) => once((sql) => postpone(sql, item, reason)),
    markRefused: (item, reason) => once((sql) => markRefused(sql, item, reason)),
  };
}

function createStopRecords(once: Once, addTasks: AddTasks, now: () => number): StopRecords {
  const change = <Value>(work: (sql: Transaction) => Promise<Changed<Value>>): Promise<Value> =>
    once(async (sql) => {
      const { value, tasks } = await work(sql);
      await addTasks(sql, tasks);
      return value;
    });
  return {
    setStop: (stop) => change((sql) => setStop(sql, stop)),
    liftStops: (lift) => change((sql) => liftStops(sql, lift)),
    listStops: (place) => once((sql) => listStops(sql, place, now())),
    listServerStops: () => once((sql) => listServerStops(sql, now())),
    remindOfLocks: (repositoryId, before, write) =>
      once(async (sql) => addTasks(sql, await remindOfLocks(sql, repositoryId, before, write))),
    listConfirmed: (repositoryId) => once((sql) => listConfirmed(sql, repositoryId)),
    confirmUnlocked: (repositoryId, environment, by) =>
      change((sql) => confirmUnlocked(sql, repositoryId, environment, by)),
    keepOverride: (key, override) => once((sql) => keepOverride(sql, key, override)),
    listOverridden: (repositoryId, baseRef) => once((sql) => listOverridden(sql, repositoryId, baseRef)),
    listOverrides: (key) => once((sql) => listOverrides(sql, key)),
  };
}

type SweepRecords = Omit<
  Records,
  | keyof JudgementRecords
  | keyof ApprovalRecords
  | keyof OutgoingRecords
  | keyof StopRecords
  | keyof StandingRecords
  | keyof MergeRecords
  | keyof PullRecords
  | keyof BypassRecords
  | "keepDeliveries"
  | "applyIntents"
>;

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
    unknownCommands: (repositoryId, keys) => once((sql) => unknownCommands(sql, repositoryId, keys)),
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
    tidy: (retentionDays) => once((sql) => tidy(sql, retentionDays, now())),
  };
}
