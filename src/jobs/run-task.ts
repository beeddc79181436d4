import { AccessLostFault, type Task } from "../model/index.ts";
import { answerCommand } from "./answer-command.ts";
import { giveUpGroup, judgeGroup } from "./judge-group.ts";
import { judgeMerge } from "./judge-merge.ts";
import { giveUpPullRequest, judgePullRequest } from "./judge-pull-request.ts";
import { labelMerge } from "./label-merge.ts";
import { giveUpPush, judgePush } from "./judge-push.ts";
import { settleLoss } from "./note-loss.ts";
import type { TaskQueue } from "./ports.ts";
import { publishOutgoing } from "./publish.ts";
import { rejudgeAccount } from "./rejudge-account.ts";
import { rejudgeBase } from "./rejudge-base.ts";
import type { JobServices } from "./services.ts";
import { sweepApp, sweepInstallation } from "./sweep.ts";

/** Does one piece of work. What it rejects with decides whether and when the queue tries again. */
export async function runTask(task: Task, services: JobServices, queue: Pick<TaskQueue, "add">): Promise<void> {
  try {
    await doTask(task, services, queue);
  } catch (fault) {
    throw await settleLoss(task, fault, services);
  }
}

async function doTask(task: Task, services: JobServices, queue: Pick<TaskQueue, "add">): Promise<void> {
  switch (task.kind) {
    case "judge":
      return judgePullRequest(task, services);
    case "judge-group":
      return judgeGroup(task.repositoryId, task.headSha, services);
    case "rejudge-base":
      return rejudgeBase(task.repositoryId, task.branch, services);
    case "rejudge-account":
      return rejudgeAccount(task.installationId, services);
    case "judge-push":
      return judgePush(task.repositoryId, task.branch, services);
    case "judge-merge":
      return judgeMerge(task, services);
    case "command":
      return answerCommand(
        task.repositoryId,
        { source: task.source ?? "comment", commentId: task.commentId },
        services,
      );
    case "label-merge":
      return labelMerge(task, services);
    case "publish":
      // Stored before this turn ends, and behind the installations that wait already.
      return (await publishOutgoing(task.installationId, services)) === "more" ? queue.add([task]) : undefined;
    case "sweep-app": {
      const installations = await sweepApp(services);
      return queue.add(installations.map((installationId) => ({ kind: "sweep", installationId })));
    }
    case "sweep":
      return sweepInstallation(task.installationId, services);
    case "tidy":
      return services.checker.forget(await services.records.tidy(services.settings.retentionDays));
    default:
      return task satisfies never;
  }
}

/**
 * What becomes of work that was tried as often as it may be, or that cannot be done. Only verdicts are owed to somebody;
 * the sweep repeats the rest. Where the App has no access any more there is nobody to tell (T53).
 */
export async function giveUpTask(task: Task, cause: unknown, services: JobServices): Promise<void> {
  const { log, records } = services;
  const reason = cause instanceof Error ? cause.message : "unknown";
  if (cause instanceof AccessLostFault && cause.loss !== "permission" && "repositoryId" in task) return;
  log.error({ task: task.kind, cause: reason }, "gave a task up");
  const told = describeForAuthor(cause);
  if (task.kind === "judge") await giveUpPullRequest(task, told, services);
  if (task.kind === "label-merge") await records.noteUnknownMerge(task, told);
  if (task.kind === "judge-push") await giveUpPush(task.repositoryId, task.branch, services);
  if (task.kind === "judge-group") await giveUpGroup(task.repositoryId, task.headSha, told, services);
}

/** A cause of Drydock's making or GitHub's is nothing for the author, and in the log. A permission somebody can grant. */
function describeForAuthor(cause: unknown): string {
  if (!(cause instanceof AccessLostFault)) return "Drydock failed on it several times";
  return cause.permission === undefined
    ? "the App lacks a permission here"
    : `the App lacks a permission here: ${cause.permission}`;
}
