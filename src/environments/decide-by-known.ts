import type { RuleSet } from "../config/index.ts";
import type { EnvironmentDecision, EnvironmentFacts, EnvironmentRule, RuleResult } from "../model/index.ts";
import { concludeDecision, judgeRules } from "./decide-environments.ts";

/** Facts beside the change itself, each with how it is called. */
const FACTS = {
  pullRequest: "who opened it, from where and how",
  contributors: "who wrote it",
  approvals: "approvals",
  people: "roles and teams",
  stops: "holds, locks and freezes",
  overrides: "overrides",
  promotions: "what stands elsewhere, and since when",
  owners: "code owners",
} as const;

export type FactName = keyof typeof FACTS;
export const FACT_NAMES = Object.keys(FACTS) as readonly FactName[];

/** Facts of which some are not known; in their place stands what lets the least pass. */
export interface KnownFacts {
  readonly facts: EnvironmentFacts;
  readonly unknown: ReadonlySet<FactName>;
}

/**
 * What each rule is decided by. Labels let windows pass and overrides let rules pass: without them less passes, so that
 * a rule is not left open for them. Teams that a rule of branches names are asked for by the rule itself.
 */
const NEEDS: Readonly<Record<EnvironmentRule, readonly FactName[]>> = {
  branches: ["pullRequest"],
  limits: [],
  "shared-changes": [],
  "direct-edits": ["pullRequest"],
  "promotion-order": ["promotions"],
  hold: ["stops"],
  lock: ["stops"],
  freeze: ["stops"],
  window: [],
  approvals: ["pullRequest", "contributors", "approvals", "people"],
  "code-owners": ["pullRequest", "contributors", "approvals", "people", "owners"],
};

/** As `decideEnvironments`, where not every fact is known: a rule that needs one of those is not known to hold. */
export function decideByKnown({ facts, unknown }: KnownFacts, rules: RuleSet): EnvironmentDecision {
  const judged = judgeRules(facts, rules).map((result) => leaveOpen(result, unknown));
  return concludeDecision([...judged, ...(unknown.has("stops") ? [UNKNOWN_STOPS] : [])], facts);
}

function leaveOpen(result: RuleResult, unknown: KnownFacts["unknown"]): RuleResult {
  const missing = NEEDS[result.rule].filter((name) => unknown.has(name));
  if (missing.length === 0 || result.state === "unknown") return result;
  // An override asks for roles and authors itself, but not who opened the pull request.
  if (result.state === "overridden" && !unknown.has("pullRequest")) return result;
  const names = missing.map((name) => FACTS[name]);
  const last = names.at(-1) ?? "";
  const list = names.length === 1 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
  return { ...result, state: "unknown", says: `${result.says}, but not known here: ${list}`, changesAt: undefined };
}

const UNKNOWN_STOPS: RuleResult = {
  ...{ rule: "hold", environment: undefined, state: "unknown", notes: [], changesAt: undefined },
  says: "Whether it is held, or anything is locked or frozen, is not known here",
  title: "whether it is held, locked or frozen",
  steps: ["The check on GitHub tells; for a trial, say it in the file of facts, as stops: [] where there is none."],
};
