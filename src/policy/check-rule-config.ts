import { quoteName } from "../model/index.ts";
import { nearestName, type RuleConfig } from "../config/index.ts";
import type { BuiltInRule } from "./rule.ts";

/** What the config says of rules and cannot mean. */
export interface RuleConfigProblem {
  readonly line: number;
  readonly message: string;
}

/** Rules of policies, whose ids are known once these are read. */
const OF_POLICIES = /^(?:crd-rule|(?:rego|vap|kyverno)(?:\/.+)?)$/u;

/**
 * Rules, options and words of options that do not exist: a misspelt one would leave a rule as it was without a word.
 */
export function checkRuleConfig(
  rules: ReadonlyMap<string, RuleConfig>,
  builtIn: ReadonlyMap<string, BuiltInRule>,
): readonly RuleConfigProblem[] {
  return [...rules].flatMap(([id, { line, options }]) => {
    const rule = builtIn.get(id);
    if (rule === undefined) {
      if (OF_POLICIES.test(id)) return [];
      return [{ line, message: `There is no rule ${quoteName(id)}.${hint(id, [...builtIn.keys()])}` }];
    }
    return [...options].flatMap(([name, values]) => checkOption(rule, name, values, line));
  });
}

function checkOption(
  { id, options = [], optionValues }: BuiltInRule,
  name: string,
  values: readonly string[],
  line: number,
): readonly RuleConfigProblem[] {
  if (!options.includes(name)) {
    return [{ line, message: `Rule ${quoteName(id)} has no option ${quoteName(name)}.${hint(name, options)}` }];
  }
  return values
    .filter((value) => optionValues?.includes(value) === false)
    .map((value) => ({
      line,
      message: `Option ${quoteName(name)} of rule ${quoteName(id)} cannot hold ${quoteName(value)}. It takes ${(optionValues ?? []).join(", ")}.`,
    }));
}

function hint(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  if (nearest !== undefined) return ` Did you mean ${nearest}?`;
  return known.length > 0 && known.length < 6 ? ` It has ${known.join(", ")}.` : "";
}
