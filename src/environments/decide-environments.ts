import type { RuleSet } from "../config/index.ts";
import type { EnvironmentDecision, EnvironmentFacts, RuleResult } from "../model/index.ts";
import { applyOverrides } from "./apply-overrides.ts";
import { judgeApprovals } from "./judge-approvals.ts";
import { judgeBranches } from "./judge-branches.ts";
import { judgeCodeOwners } from "./judge-code-owners.ts";
import { judgeDirectEdits } from "./judge-direct-edits.ts";
import { judgeLimits } from "./judge-limits.ts";
import { judgePromotionOrder } from "./judge-promotion-order.ts";
import { judgeSharedChanges } from "./judge-shared-changes.ts";
import { judgeStops } from "./judge-stops.ts";
import { judgeWindows } from "./judge-windows.ts";
import { whenToAsk } from "./when-to-ask.ts";
import type { JudgeRule } from "./rule.ts";

/** In the order in which they are told when several keep a change out. */
const RULES: readonly JudgeRule[] = [
  judgeBranches,
  judgeLimits,
  judgeSharedChanges,
  judgeDirectEdits,
  judgePromotionOrder,
  judgeStops,
  judgeWindows,
  judgeApprovals,
  judgeCodeOwners,
];

/** What keeps a change out most comes first: what its author has to change, then what nobody knows, then what waits. */
const STATES = [
  "refused",
  "unknown",
  "waiting",
  "overridden",
  "passed",
] as const satisfies readonly RuleResult["state"][];

/**
 * Who may change what, when: the decision over one pull request. Pure: the same facts and rules give the same answer,
 * and `changesAt` is the first moment at which time alone may give another. What is not known never passes.
 */
export function decideEnvironments(facts: EnvironmentFacts, rules: RuleSet): EnvironmentDecision {
  return concludeDecision(judgeRules(facts, rules), facts);
}

/** What each rule says, with overrides. */
export function judgeRules(facts: EnvironmentFacts, rules: RuleSet): readonly RuleResult[] {
  return applyOverrides(
    RULES.flatMap((judge) => judge(facts, rules)),
    facts,
    rules,
  );
}

/** The decision that these results make: the worst of them. */
export function concludeDecision(results: readonly RuleResult[], facts: EnvironmentFacts): EnvironmentDecision {
  const sorted = results.toSorted((left, right) => STATES.indexOf(left.state) - STATES.indexOf(right.state));
  const environments = facts.changes.map(({ environment }) => environment);
  const moments = [...results.map(({ changesAt }) => changesAt), whenToAsk(results, facts)];
  const ends = moments.filter((at) => at !== undefined).filter((at) => at > facts.now);
  return {
    state: stateOf(sorted),
    title: writeTitle(sorted, environments),
    environments,
    results: sorted,
    changesAt: ends.length === 0 ? undefined : Math.min(...ends),
  };
}

function stateOf([worst]: readonly RuleResult[]): EnvironmentDecision["state"] {
  const state = worst?.state;
  switch (state) {
    case "refused":
      return "failure";
    case "unknown":
    case "waiting":
      return "in_progress";
    case "overridden":
    case "passed":
    case undefined:
      return "success";
    default:
      return state satisfies never;
  }
}

function writeTitle([worst, ...others]: readonly RuleResult[], environments: readonly string[]): string {
  if (worst === undefined || worst.state === "passed") {
    return environments.length === 0 ? "No environment changes" : `Every rule of ${nameAll(environments)} holds`;
  }
  const more = others.filter(({ state }) => state === worst.state).length;
  const rest = more === 0 ? "" : ` and ${more} more`;
  const title = worst.state === "refused" || worst.state === "overridden" ? worst.title : `Waiting: ${worst.title}`;
  return title.length + rest.length <= LONGEST_TITLE ? `${title}${rest}` : title;
}

/** GitHub shows more, but not beside the name of a check. */
const LONGEST_TITLE = 60;

/** Many names say less than their number in a title. */
function nameAll(environments: readonly string[]): string {
  return environments.length > 2 ? `${environments.length} environments` : environments.join(" and ");
}
