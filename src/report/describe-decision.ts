import type { RuleResult } from "../model/index.ts";
import { count, listPhrase } from "./phrase.ts";

/** How a rule stands, as people read it. */
export const RULE_STATES: Readonly<Record<RuleResult["state"], string>> = {
  refused: "refused",
  unknown: "not known",
  waiting: "waiting",
  overridden: "overridden",
  passed: "holds",
};

/** In UTC, to the minute: `2027-01-31 18:00 UTC`. */
export function writeMoment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** What a change reaches, in a sentence; `quote` sets names apart from it. */
export function describeChanged(
  environments: readonly string[],
  isRuled: boolean,
  quote: (name: string) => string,
): string {
  if (environments.length > 0) {
    return `This changes ${count(environments.length, "environment")}: ${listPhrase(environments.map(quote))}.`;
  }
  return isRuled ? "This changes no environment." : "This changes no environment that the config has rules for.";
}
