export type { ApiLifecycle, ApiLifecycles, Scope, ScopeOf } from "./api-lifecycle.ts";
export { collectCrds, crdScope, joinCrds } from "./collect-crds.ts";
export { dropExplained } from "./drop-explained.ts";
export type { RuleFacts } from "./rule.ts";
export { isRemovedApi } from "./rules/api-versions.ts";
export { validateManifests } from "./validate-manifests.ts";
