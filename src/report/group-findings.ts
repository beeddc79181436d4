import type { JudgedFinding } from "../model/index.ts";
import type { DescribeRule, RuleDescription } from "./describe-rule.ts";

/** Findings of one rule that are told together; `finding` is the first of `all`. */
export interface RepeatedFinding {
  readonly finding: JudgedFinding;
  readonly all: readonly JudgedFinding[];
  /** What the rule is about. */
  readonly rule: RuleDescription;
  /** Whether they stand under the title of their rule, as those of policies do. */
  readonly isTitled: boolean;
  /** Whether they say different things: then each place says its own. */
  readonly isVaried: boolean;
}

/** Up to this many times the same is said again: three places read better one by one. */
const REPEATED = 3;

/**
 * Puts together what one rule says in more than three places; the rest stays alone. Rules of policies speak under their
 * title whatever they say of each place; other rules only where they say the same. Order: by the first of each.
 */
export function groupFindings(findings: readonly JudgedFinding[], describe: DescribeRule): RepeatedFinding[] {
  const groups = Map.groupBy(findings, nameGroup);
  const isFirst = new Set([...groups.values()].map((group) => group[0]));
  const grouped = [...groups.values()].filter((group) => group.length > REPEATED);
  const together = new Map(grouped.flatMap((group) => group.map((finding) => [finding, group] as const)));
  return findings.flatMap((finding) => {
    const rule = describe(finding.rule);
    const all = together.get(finding);
    if (all === undefined) return [{ finding, all: [finding], rule, isTitled: false, isVaried: false }];
    const isVaried = all.some(({ message }) => message !== finding.message);
    return isFirst.has(finding) ? [{ finding, all, rule, isTitled: isTitled(finding), isVaried }] : [];
  });
}

function nameGroup(finding: JudgedFinding): string {
  return JSON.stringify(isTitled(finding) ? [finding.rule] : [finding.rule, finding.message, finding.help]);
}

/** What is wrong with policies themselves differs from one to the next. */
function isTitled({ check, rule }: JudgedFinding): boolean {
  return check === "policy" && rule !== "policy-broken";
}

/** What to do about all of them, said once. */
export function helpOf({ finding, rule, isTitled: isOfPolicy }: RepeatedFinding): string | undefined {
  return finding.help ?? (isOfPolicy ? rule.fix : undefined);
}
