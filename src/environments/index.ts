export { decideEnvironments } from "./decide-environments.ts";
export { digestContent, sinceApproval } from "./content.ts";
export { listChanges } from "./list-changes.ts";
export { listContributors } from "./list-contributors.ts";
export { LARGEST_CODE_OWNERS, readCodeOwners, type CodeOwners } from "./read-code-owners.ts";
