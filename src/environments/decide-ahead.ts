import type { RuleSet } from "../config/index.ts";
import type { EnvironmentDecision, EnvironmentFacts, RuleResult } from "../model/index.ts";
import { decideEnvironments } from "./decide-environments.ts";

/**
 * How long before time alone closes an environment its checks say so: GitHub merges on what it was told last, and telling
 * every open pull request takes a while. Milliseconds.
 */
export const LEAD = 120_000;

/**
 * The decision that can be told now. One that lets a change in has to hold a little longer; what is about to keep it out
 * is told ahead, and what is about to let it in is not. `changesAt` is when it has to be told again.
 */
export function decideAhead(facts: EnvironmentFacts, rules: RuleSet): EnvironmentDecision {
  let decision = decideEnvironments(facts, rules);
  while (decision.state === "success" && decision.changesAt !== undefined) {
    const at = decision.changesAt;
    if (at > facts.now + LEAD) return { ...decision, changesAt: at - LEAD };
    const before = decision.results;
    decision = decideEnvironments({ ...facts, now: at }, rules);
    if (decision.state !== "success") return { ...decision, results: sayFrom(decision.results, before, at) };
  }
  return decision;
}

/** What keeps the change out from a moment on, with that moment. */
function sayFrom(results: readonly RuleResult[], before: readonly RuleResult[], at: number): readonly RuleResult[] {
  const held = new Set(before.map(nameResult));
  const moment = `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  return results.map((result) =>
    isKeeping(result) && held.has(nameResult(result))
      ? { ...result, notes: [...result.notes, `From ${moment} on; told ahead, because a merge takes a while.`] }
      : result,
  );
}

function isKeeping({ state }: RuleResult): boolean {
  return state !== "passed" && state !== "overridden";
}

function nameResult({ rule, environment }: RuleResult): string {
  return `${rule} ${environment ?? ""}`;
}
