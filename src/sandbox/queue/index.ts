export {
  dequeuePullRequest,
  enqueuePullRequest,
  startMergeQueues,
  whenQueuesRest,
  type MergeQueues,
  type QueueOptions,
} from "./merge-queue.ts";
