export { createBaseline, readBaseline, writeBaseline, type Baseline, type BaselineEntry } from "./baseline.ts";
export { checkPolicyNames, type KnownRules } from "./check-policy-names.ts";
export { checkRuleConfig } from "./check-rule-config.ts";
export { claimsOf, judgeClaims, type ClaimedTree, type ResourceClaim } from "./claims.ts";
export { findEnd, findException, printException, readAnnotation, type ExceptionFacts } from "./exceptions.ts";
export { identifyMessage } from "./identify-message.ts";
export { findIn, judgeResources, toObject } from "./judge-resources.ts";
export { applyLevels, approversOf, holdOf, levelOfPolicy, levelOfRule, optionsOf } from "./levels.ts";
export {
  askOthers,
  isAnyKept,
  NO_PARTNERS,
  partnersOf,
  type KeptOffer,
  type Offerer,
  type Partners,
} from "./partners.ts";
export { listDestinations } from "./list-destinations.ts";
export { fromOrganizationRule, isOrganizationRule, toOrganizationRule } from "./organization-rules.ts";
export { isPodKind } from "./pod-templates.ts";
export type { BuiltInRule, Claim, ClaimRule, PolicyFacts, PolicyObject, RuleDescription, Wish } from "./rule.ts";
export { BUILT_IN_RULES } from "./rules/table.ts";
export type { Claimant } from "./same-cluster.ts";
