import { countFindings, isExcepted } from "../model/index.ts";
import type { AppId, AppReport, JudgedFinding, RegoRule, ResourceChange, Totals } from "../model/index.ts";

/** Most important apps first: broken by the change, with new errors, risky, changed, the quiet rest; then by id. */
export function byWeight(findings: readonly JudgedFinding[]): (a: AppReport, b: AppReport) => number {
  const withErrors = new Set(
    findings
      .filter((finding) => finding.isNew && finding.level === "error" && !isExcepted(finding))
      .flatMap(({ apps }) => apps),
  );
  const weigh = (app: AppReport): number => weighApp(app, withErrors);
  return (a, b) => weigh(b) - weigh(a) || (a.id < b.id ? -1 : 1);
}

function weighApp(app: AppReport, withErrors: ReadonlySet<AppId>): number {
  if (app.failure?.effect === "fails") return 7;
  if (app.failure?.effect === "not-checked") return 6;
  if (withErrors.has(app.id)) return 5;
  if (hasRisk(app, "high")) return 4;
  if (hasRisk(app, "medium")) return 3;
  if (app.status === "unchanged") return 0;
  return app.status === "failed" ? 1 : 2;
}

function hasRisk(app: AppReport, level: "high" | "medium"): boolean {
  return app.changes.some(({ risks }) => risks.some((risk) => risk.level === level));
}

export function countTotals(
  apps: readonly AppReport[],
  findings: readonly JudgedFinding[],
  allApps: number,
  touchedApps: number,
): Totals {
  const changes = apps.flatMap((app) => app.changes);
  const isReal = ({ action, noise, fields }: ResourceChange): boolean => action !== "changed" || noise < fields.length;
  const countAction = (action: ResourceChange["action"]): number =>
    changes.filter((change) => change.action === action && isReal(change)).length;
  return {
    apps: allApps,
    touchedApps,
    changedApps: apps.filter(({ status }) => status === "changed" || status === "added" || status === "removed").length,
    added: countAction("added"),
    removed: countAction("removed"),
    changed: countAction("changed"),
    noise: changes.reduce((sum, { noise }) => sum + noise, 0),
    ...countFindings(findings),
  };
}

/** The rules of policies that findings name, by id. */
export function listNamedPolicies(rules: readonly RegoRule[], findings: readonly JudgedFinding[]): readonly RegoRule[] {
  const named = new Set(findings.map(({ rule }) => rule));
  return rules.filter(({ id }) => named.has(id)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
