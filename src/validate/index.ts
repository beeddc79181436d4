export type { ApiLifecycle, ApiLifecycles, Scope, ScopeOf } from "./api-lifecycle.ts";
export { collectCrds, crdScope } from "./collect-crds.ts";
