export { decideEnvironments } from "./decide-environments.ts";
export { digestContent, sinceApproval } from "./content.ts";
export { listChanges } from "./list-changes.ts";
