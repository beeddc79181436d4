import { nameCommand, type Lane, type Task } from "../model/index.ts";

/** The schema that pg-boss keeps its tables in. */
export const QUEUE_SCHEMA = "drydock_queue";

/** Judgements share one queue, so that one pull request waits once and runs once whatever lane asks for it. */
export const QUEUES = ["judge", "publish", "command", "rejudge-base", "landing", "sweep", "tidy"] as const;
export type QueueName = (typeof QUEUES)[number];

/** What pg-boss stores with a task. */
export interface JobData {
  readonly task: Task;
  readonly lane: Lane | null;
  readonly installation: number;
  readonly repository: number;
  readonly turn: number;
  /** Attempts that failed under an earlier job of this task. */
  readonly failures: number;
}

export function queueOf(task: Task): QueueName {
  if (task.kind === "judge-group") return "judge";
  if (task.kind === "rejudge-account" || task.kind === "label-merge") return "rejudge-base";
  if (task.kind === "judge-push" || task.kind === "judge-merge") return "landing";
  return task.kind === "sweep-app" ? "sweep" : task.kind;
}

export function laneOf(task: Task): Lane | undefined {
  switch (task.kind) {
    case "judge":
      return task.lane;
    case "judge-group":
      return "groups";
    case "rejudge-base":
    case "rejudge-account":
    case "label-merge":
    case "judge-push":
    case "judge-merge":
    case "command":
    case "publish":
    case "sweep-app":
    case "sweep":
    case "tidy":
      return undefined;
    default:
      return task satisfies never;
  }
}

/** Tasks of one queue with equal keys are the same piece of work. */
export function keyOf(task: Task): string {
  switch (task.kind) {
    case "judge":
      return `${task.repositoryId}/${task.number}`;
    case "judge-group":
      return `${task.repositoryId}/${task.headSha}`;
    case "rejudge-base":
      return `${task.repositoryId}/${task.branch}`;
    case "command":
      return `${task.repositoryId}/${nameCommand(task)}`;
    case "judge-push":
      return `push ${task.repositoryId}/${task.branch}`;
    case "label-merge":
    case "judge-merge":
      return `merge ${task.repositoryId}/${task.number}`;
    case "rejudge-account":
      return `account ${task.installationId}`;
    case "publish":
    case "sweep":
      return `${task.installationId}`;
    case "sweep-app":
    case "tidy":
      return "all";
    default:
      return task satisfies never;
  }
}
