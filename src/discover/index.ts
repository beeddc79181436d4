export { analyzeFile } from "./analyze-file.ts";
export { assembleApps } from "./assemble-apps.ts";
export type { Discovery } from "./assemble-apps.ts";
export type { DiscoveryConfig } from "./discovery-config.ts";
export { FILE_FACTS_VERSION } from "./file-facts.ts";
export type * from "./file-facts.ts";
export { isExcluded } from "./is-excluded.ts";
export { mayMatter } from "./may-matter.ts";
export type { UnusedFile } from "./plain-apps.ts";
