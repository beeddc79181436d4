import type { RuleSet } from "../config/index.ts";
import type { EnvironmentFacts, RuleResult } from "../model/index.ts";

/** One rule: facts in, what it says out. Pure; results of environments come in the order of `facts.changes`. */
export type JudgeRule = (facts: EnvironmentFacts, rules: RuleSet) => readonly RuleResult[];
