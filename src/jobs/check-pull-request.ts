import type { GivenOverride, PullRequest, PullRequestFacts } from "../model/index.ts";
import { applyOverrides } from "../publish/index.ts";
import { findApproved, type ApprovalPlace, type ApprovedException } from "./approve-exceptions.ts";
import { checkWithApprovals } from "./check-with-approvals.ts";
import { judgeEnvironments, type DecidedEnvironments } from "./decide-environments.ts";
import { findOrganization } from "./find-organization.ts";
import { findRulesTip } from "./find-rules-tip.ts";
import type { CheckedPullRequest } from "./ports.ts";
import { previewRules } from "./preview-rules.ts";
import type { JobServices } from "./services.ts";

/** A pull request as GitHub has it now, and the tip of its base branch. */
export interface CheckedPlace extends Omit<ApprovalPlace, "pullRequest"> {
  readonly pullRequest: PullRequest;
  readonly baseSha: string;
  /** Asked about a moment that is over. */
  readonly isPast?: boolean | undefined;
}

/** Everything that a verdict on a pull request is made of; its report has what was overridden set apart. */
export interface JudgedPullRequest extends CheckedPullRequest {
  readonly approved: readonly ApprovedException[];
  readonly decided: DecidedEnvironments;
  /** No fact about people, stops or standings is older, in milliseconds since the epoch. */
  readonly factsAt: number;
  /** What the rules that it brings would change for others, in sentences. */
  readonly rulePreview: readonly string[];
  /** Overrides without which something would have kept it out, in any of the checks. */
  readonly used: readonly GivenOverride[];
}

/** Checks what a pull request would deploy, and asks the rules of environments; writes nothing to GitHub. */
export async function checkPullRequest(place: CheckedPlace, services: JobServices): Promise<JudgedPullRequest> {
  const { repository, pullRequest, baseSha } = place;
  const api = services.github.repository(repository);
  const isDefault = pullRequest.baseRef === repository.defaultBranch;
  const { checked, approved, askedAt } = await checkWithApprovals(
    {
      ...{ ...pullRequest, repository, baseSha, isMerge: true, pullRequest: policyFacts(pullRequest) },
      organization: await findOrganization(repository, services),
      rulesSha: isDefault ? baseSha : await findRulesTip(repository, api),
    },
    (asked) => findApproved(asked, place, services),
    services,
  );
  const decided = await judgeEnvironments(checked.report, checked.rules, { ...place, build: checked.build }, services);
  const overridden = applyOverrides(checked.report, decided.overrides);
  const rulePreview = await previewRules(checked, place, services);
  const report = { ...overridden.report, notes: [...overridden.report.notes, ...rulePreview] };
  return {
    ...checked,
    report,
    rulePreview,
    approved,
    decided,
    factsAt: askedAt,
    used: listUsed(decided, overridden.used),
  };
}

/** What policies may look at. Labels come in no order of their own. */
function policyFacts({ number, author, labels, baseRef }: PullRequest): PullRequestFacts {
  return { number, author: author?.login ?? "ghost", labels: labels.toSorted(), baseRef };
}

function listUsed(
  { decision, overrides }: DecidedEnvironments,
  used: readonly GivenOverride[],
): readonly GivenOverride[] {
  const rules = new Set<string>(decision.results.flatMap(({ state, rule }) => (state === "overridden" ? [rule] : [])));
  const ofRules = overrides.filter(({ rule }) => rules.has(rule));
  return [...new Set([...ofRules.flatMap(({ given }) => given), ...used])];
}
