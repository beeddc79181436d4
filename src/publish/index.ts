export { applyOverrides, type OverriddenReport } from "./apply-overrides.ts";
export { combineVerdicts, type FindPage } from "./combine-verdicts.ts";
export { couldNotCheck, waitsForMaintainer } from "./could-not-check.ts";
export { judgeReport, type JudgedCommits, type JudgedFacts } from "./judge-report.ts";
export { planPublication, type PublicationFacts } from "./plan-publication.ts";
export { abandonedChecks } from "./abandoned-checks.ts";
export { progressChecks } from "./progress-checks.ts";
export { writeAnswer } from "./write-answer.ts";
