export { decideEnvironments } from "./decide-environments.ts";
export { digestContent, digestReport, sinceApproval } from "./content.ts";
export { weighOverrides, type WeighedOverrides } from "./weigh-overrides.ts";
export { listContributors } from "./list-contributors.ts";
export { LARGEST_CODE_OWNERS, readCodeOwners, type CodeOwners } from "./read-code-owners.ts";
export { findMembers, type ChangedContent } from "./find-members.ts";
export { isOfEnvironment, listChanges } from "./list-changes.ts";
export { findCounterpart, findStanding } from "./pair-apps.ts";
