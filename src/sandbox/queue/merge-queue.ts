import type { MergeGroup, Ref } from "../world/entities.ts";
import type { WorldEvent } from "../world/events.ts";
import { setQueued } from "../world/pull-requests.ts";
import { insert, now, read, subscribe, type World } from "../world/store.ts";
import { advanceLine } from "./advance-line.ts";

const MINUTE = 60_000;

export interface QueueOptions {
  /** How long a group waits for its checks; GitHub takes 1 to 360 (default 60). */
  readonly minutes?: number;
  readonly method?: "merge" | "squash";
  /** How many groups are built at once (default 5). */
  readonly depth?: number;
  /** Told when the queue itself fails. */
  readonly report: (trouble: string) => void;
}

/** A pull request in a queue. */
export interface QueueEntry {
  readonly pullRequestId: number;
  readonly headSha: string;
  /** Who put it there, and is said to have merged it. */
  readonly actorId: number;
  group: MergeGroup | undefined;
  /** When the group was made, milliseconds since the epoch. */
  since: number;
}

/** The queue of one base branch, first come first. */
export interface QueueLine {
  readonly repositoryId: number;
  readonly baseRef: string;
  readonly entries: QueueEntry[];
}

/** The merge queues of this GitHub. */
export interface MergeQueues {
  readonly world: World;
  readonly options: Required<QueueOptions>;
  /** The account that the queue's own pushes are by. */
  readonly bot: Ref;
  readonly lines: Map<string, QueueLine>;
  /** Steps are taken one after another. */
  tail: Promise<void>;
}

/** Begins to watch for what moves queues, and for timeouts once a second. `stop` resolves after the last step. */
export function startMergeQueues(
  world: World,
  options: QueueOptions,
): { readonly queues: MergeQueues; readonly stop: () => Promise<void> } {
  const queues: MergeQueues = {
    world,
    options: { minutes: 60, method: "merge", depth: 5, ...options },
    bot: insert(world, "accounts", {
      type: "Bot",
      login: "github-merge-queue[bot]",
      createdAt: now(world),
      members: new Map(),
    }),
    lines: new Map(),
    tail: Promise.resolve(),
  };
  const unsubscribe = subscribe(world, (event) => follow(queues, event));
  const timer = setInterval(() => advanceAll(queues), 1000).unref();
  const stop = async (): Promise<void> => {
    unsubscribe();
    clearInterval(timer);
    await whenQueuesRest(queues);
  };
  return { queues, stop };
}

/** Puts a pull request at the end of its base's queue. Throws when it is closed, a draft, or in a queue already. */
export function enqueuePullRequest(queues: MergeQueues, actor: Ref, ref: Ref): void {
  const { world } = queues;
  const pullRequest = read(world, "pullRequests", ref);
  if (pullRequest.state !== "open" || pullRequest.isDraft || pullRequest.isQueued) {
    throw new Error("the pull request cannot be queued");
  }
  const { repositoryId, baseRef, headSha } = pullRequest;
  const key = `${repositoryId}/${baseRef}`;
  const line = queues.lines.get(key) ?? { repositoryId, baseRef, entries: [] };
  queues.lines.set(key, line);
  line.entries.push({ pullRequestId: ref.id, headSha, actorId: actor.id, group: undefined, since: 0 });
  setQueued(world, actor, ref, true);
  advance(queues, line);
}

/** Takes a pull request out, as a person does; does nothing when it is in no queue. */
export function dequeuePullRequest(queues: MergeQueues, actor: Ref, ref: Ref): void {
  if (read(queues.world, "pullRequests", ref).isQueued) setQueued(queues.world, actor, ref, false);
}

/** Resolves once every step that is due was taken. */
export async function whenQueuesRest(queues: MergeQueues): Promise<void> {
  for (let tail; tail !== queues.tail;) {
    tail = queues.tail;
    await tail;
  }
}

/** Milliseconds since the epoch at which a group made at `since` is out of time. */
export function deadlineOf(queues: MergeQueues, since: number): number {
  return since + queues.options.minutes * MINUTE;
}

/** Checks that end, bases that move, pull requests that change or leave. */
function follow(queues: MergeQueues, event: WorldEvent): void {
  const isNews =
    event.kind === "check_run" || event.kind === "status" || event.kind === "push" || event.kind === "pull_request";
  if (isNews) advanceAll(queues);
}

function advanceAll(queues: MergeQueues): void {
  for (const line of queues.lines.values()) if (line.entries.length > 0) advance(queues, line);
}

function advance(queues: MergeQueues, line: QueueLine): void {
  queues.tail = queues.tail.then(async () => {
    try {
      await advanceLine(queues, line);
    } catch (error) {
      queues.options.report(`merge queue of ${line.baseRef}: ${String(error)}`);
    }
  });
}
