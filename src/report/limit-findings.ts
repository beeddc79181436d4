import type { Report } from "../model/index.ts";
import { count } from "./phrase.ts";

/** What a report lists at most: some ten megabytes of JSON. Nobody reads more, and pages should open. */
const MOST_FINDINGS = 10_000;
/** A finding stands with each of its apps as well. */
const MOST_PLACES = 50_000;

/**
 * The report with as many findings as every format has room for, the most important ones, and a note that says how many
 * are left out. Its totals, titles and outcome stay those of all.
 */
export function limitFindings(report: Report): Report {
  let places = 0;
  const end = report.findings.findIndex(
    ({ apps }, index) => index >= MOST_FINDINGS || (places += apps.length) > MOST_PLACES,
  );
  if (end < 0) return report;
  const kept = report.findings.slice(0, Math.max(1, end));
  const left = report.findings.slice(kept.length);
  const fresh = left.filter(({ isNew }) => isNew).length;
  const ofThem = fresh === 0 ? "all of them known" : `${count(fresh, "new one")} among them`;
  const note = `${count(left.length, "finding")} of ${count(report.findings.length, "finding")} left out of this report, ${ofThem}: it lists the most important ones.`;
  return { ...report, findings: kept, notes: [note, ...report.notes] };
}
