import type { JudgedFinding } from "../model/index.ts";

/** Findings of one rule that say the same; `finding` is the first of `all`. */
export interface RepeatedFinding {
  readonly finding: JudgedFinding;
  readonly all: readonly JudgedFinding[];
}

/** Up to this many times the same is said again: three places read better one by one. */
const REPEATED = 3;

/** Puts together what one rule says in more than three places; the rest stays alone. Order: by the first of each. */
export function groupFindings(findings: readonly JudgedFinding[]): RepeatedFinding[] {
  const groups = Map.groupBy(findings, (finding) => JSON.stringify([finding.rule, finding.message, finding.help]));
  const isFirst = new Set([...groups.values()].map((group) => group[0]));
  const grouped = [...groups.values()].filter((group) => group.length > REPEATED);
  const together = new Map(grouped.flatMap((group) => group.map((finding) => [finding, group] as const)));
  return findings.flatMap((finding) => {
    const all = together.get(finding);
    if (all === undefined) return [{ finding, all: [finding] }];
    return isFirst.has(finding) ? [{ finding, all }] : [];
  });
}
