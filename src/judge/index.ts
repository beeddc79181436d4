export { decideOutcome, decidePolicyOutcome, type OutcomeFacts } from "./decide-outcome.ts";
export { identifyField } from "./identify-field.ts";
export { type FailedApp, judgeFailure } from "./judge-failure.ts";
export {
  type AppComparison,
  type AppFinding,
  type AppSide,
  type FindingMarks,
  judgeFindings,
  resourceKey,
} from "./judge-findings.ts";
