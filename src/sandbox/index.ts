export { startSandbox, type Sandbox, type SandboxOptions } from "./start-sandbox.ts";
export * from "./world/index.ts";
export { delayCommit, injectFault, blockCaller, exhaustLimit } from "./faults/index.ts";
export * from "./webhooks/index.ts";
export { dequeuePullRequest, enqueuePullRequest, whenQueuesRest, type MergeQueues } from "./queue/index.ts";
