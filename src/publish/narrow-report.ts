import type { CheckFamily, Report } from "../model/index.ts";
import { countFindings } from "../model/index.ts";

/** What a report says for one check: its findings and its outcome, with the counts that follow from them. */
export function narrowReport(report: Report, check: CheckFamily): Report {
  const findings = report.findings.filter((finding) => finding.check === check);
  const totals = { ...report.totals, ...countFindings(findings) };
  return {
    ...report,
    findings,
    totals,
    outcome: report.outcomes[check],
    decision: { needs: [], changesAt: undefined },
  };
}
