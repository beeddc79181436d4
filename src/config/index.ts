export * from "./floor.ts";
export * from "./environment-rules.ts";
export * from "./glob.ts";
export * from "./nearest-name.ts";
export * from "./policy-floor.ts";
export * from "./policy.ts";
export * from "./print-section.ts";
export * from "./repository.ts";
export { repositorySchema } from "./repository-schema.ts";
