export { describeLoss } from "./find-organization.ts";
export { giveUpTask, runTask } from "./run-task.ts";
export type { JobServices } from "./services.ts";
