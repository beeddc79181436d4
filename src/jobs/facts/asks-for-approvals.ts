import type { ApprovalRules, RuleSet } from "../../config/index.ts";
import type { EnvironmentChange } from "../../model/index.ts";

/** The approvals that rules ask for in the environments that a change alters, of those that ask for any. */
export function askedApprovals(
  changes: readonly EnvironmentChange[],
  { environments }: Pick<RuleSet, "environments">,
): readonly ApprovalRules[] {
  const changed = new Set(changes.map(({ environment }) => environment));
  return environments
    .filter(({ name }) => changed.has(name))
    .map(({ approvals }) => approvals)
    .filter(asksForApprovals);
}

export function asksForApprovals({ count, codeOwners, destructive }: ApprovalRules): boolean {
  return count > 0 || codeOwners || (destructive?.count ?? 0) > 0;
}
