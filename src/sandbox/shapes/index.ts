export * from "./accounts.ts";
export * from "./checks.ts";
export * from "./commits.ts";
export * from "./conversations.ts";
export { nodeId, readNodeId, type Shape } from "./node-id.ts";
export * from "./pull-requests.ts";
export * from "./repositories.ts";
export * from "./statuses.ts";
