import { compareRules } from "../environments/index.ts";
import { describeRuleComparison } from "../publish/index.ts";
import type { CheckedPlace } from "./check-pull-request.ts";
import type { CheckedPullRequest } from "./ports.ts";
import type { JobServices } from "./services.ts";

/** Open pull requests over which rules are tried; the rest are counted. */
const MOST = 50;

/**
 * What the rules that a pull request brings would change for other open ones, in sentences: by the facts that each was
 * judged over last, so that GitHub is asked for nothing.
 */
export async function previewRules(
  { rules, broughtRules }: Pick<CheckedPullRequest, "rules" | "broughtRules">,
  { pullRequest }: Pick<CheckedPlace, "pullRequest">,
  { records, now }: Pick<JobServices, "records" | "now">,
): Promise<readonly string[]> {
  if (broughtRules === undefined || rules.problem !== undefined) return [];
  const { known, more } = await records.listEnvironmentFacts(pullRequest, MOST);
  const compared = compareRules(known, rules.set, broughtRules, now());
  return describeRuleComparison({ ...compared, looked: known.length, more });
}
