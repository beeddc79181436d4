import type { JudgedFinding } from "./finding.ts";
import type { Totals } from "./report.ts";

/** Whether an exception takes the finding, so that it does not count. */
export function isExcepted({ exception }: Pick<JudgedFinding, "exception">): boolean {
  return exception?.state === "used";
}

/** What a report counts of its findings. Those that an exception takes are counted apart, new or known. */
export function countFindings(
  findings: readonly Pick<JudgedFinding, "isNew" | "level" | "exception">[],
): Pick<Totals, "newErrors" | "newWarnings" | "newNotices" | "known" | "excepted"> {
  const standing = findings.filter((finding) => !isExcepted(finding));
  const countNew = (level: JudgedFinding["level"]): number =>
    standing.filter((finding) => finding.isNew && finding.level === level).length;
  return {
    newErrors: countNew("error"),
    newWarnings: countNew("warning"),
    newNotices: countNew("notice"),
    known: standing.filter(({ isNew }) => !isNew).length,
    excepted: findings.length - standing.length,
  };
}
