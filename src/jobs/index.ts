export { describeLoss } from "./find-organization.ts";
export { giveUpTask, runTask } from "./run-task.ts";
export type { JobServices } from "./services.ts";
export { liftWhole, stopEverything, type WholeStop } from "./stop-everything.ts";
export { createStopDesk } from "./stop-account.ts";
