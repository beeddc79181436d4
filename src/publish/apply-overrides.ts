import { decideOutcome, decidePolicyOutcome, type OutcomeFacts } from "../judge/index.ts";
import {
  countFindings,
  isExcepted,
  type AppReport,
  type CheckFamily,
  type GivenOverride,
  type JudgedFinding,
  type Outcome,
  type Report,
  type StandingOverride,
} from "../model/index.ts";
import type { OverrideScope } from "./scope-overrides.ts";

const EVERYTHING: OverrideScope = { hasFinding: () => true, hasFailure: () => true };

/** A report under overrides, and those without which it would say something else. */
export interface OverriddenReport {
  readonly report: Report;
  readonly used: readonly GivenOverride[];
}

/**
 * A report as it counts once those who may have overridden rules: new errors of these rules, and failures of these kinds
 * or of the check that is named, block no more and say who let them in and why. What keeps a check from passing beside
 * findings and failures stays, and a report of nothing, such as that of a merge conflict, is never changed.
 */
export function applyOverrides(
  report: Report,
  standing: readonly StandingOverride[],
  scope: OverrideScope = EVERYTHING,
): OverriddenReport {
  const { obstacles } = report;
  if (obstacles === undefined || standing.length === 0) return { report, used: [] };
  const used = new Set<StandingOverride>();
  const find = (...names: readonly string[]): StandingOverride | undefined => {
    const found = standing.find(({ rule }) => names.includes(rule));
    if (found !== undefined) used.add(found);
    return found;
  };
  const findings = report.findings.map((finding) => {
    const found = isBlocking(finding) && scope.hasFinding(finding) ? find(finding.rule) : undefined;
    return found === undefined ? finding : exceptFinding(finding, found);
  });
  const letIn = (check: CheckFamily) => (app: AppReport) => {
    const found =
      isFailing(app) && scope.hasFailure(app) ? find(app.failure?.kind ?? "", `drydock/${check}`) : undefined;
    return found === undefined ? app : exceptFailure(app, found);
  };
  const apps = report.apps.map(letIn("manifests"));
  const judged = report.apps.map(letIn("policy"));
  if (used.size === 0) return { report, used: [] };
  const touched = new Set(report.apps.flatMap((app) => (app.failure?.isTouched === false ? [] : [app.id])));
  const factsOf = (check: CheckFamily, seen: readonly AppReport[]): OutcomeFacts => {
    return { apps: seen, findings: findings.filter((finding) => finding.check === check), touched };
  };
  const outcomes = {
    manifests: blocked(decideOutcome(factsOf("manifests", apps)), obstacles.manifests),
    policy: blocked(decidePolicyOutcome(factsOf("policy", judged)), obstacles.policy),
  };
  return {
    report: {
      ...{ ...report, apps, findings, outcomes },
      outcome: blocked(decideOutcome({ apps, findings, touched }), obstacles.manifests ?? obstacles.policy),
      totals: { ...report.totals, ...countFindings(findings) },
      notes: [...report.notes, ...[...used].map(describe)],
    },
    used: [...used].flatMap(({ given }) => given),
  };
}

function isBlocking(finding: JudgedFinding): boolean {
  return finding.isNew && finding.level === "error" && !isExcepted(finding);
}

function isFailing({ failure }: AppReport): boolean {
  return failure !== undefined && failure.effect !== "passes";
}

function exceptFinding(finding: JudgedFinding, override: StandingOverride): JudgedFinding {
  const terms = { expires: undefined, approvers: undefined, place: undefined };
  return {
    ...finding,
    exception: { state: "used", reason: nameReasons(override), ...terms, overriddenBy: namePeople(override) },
  };
}

function exceptFailure(app: AppReport, override: StandingOverride): AppReport {
  const { failure } = app;
  if (failure === undefined) return app;
  const help = [failure.help, describe(override)].filter((text) => text !== undefined).join("\n");
  return { ...app, failure: { ...failure, effect: "passes", isAccepted: true, help } };
}

function blocked(said: Outcome, obstacle: Outcome | undefined): Outcome {
  return said.exitCode === 0 ? (obstacle ?? said) : said;
}

function describe(override: StandingOverride): string {
  return `${override.rule} is overridden by ${namePeople(override)}: ${nameReasons(override)}`;
}

function namePeople({ given }: StandingOverride): string {
  return [...new Set(given.map(({ actor }) => actor.login))].join(" and ");
}

function nameReasons({ given }: StandingOverride): string {
  return [...new Set(given.map(({ reason }) => reason))].join("; ");
}
