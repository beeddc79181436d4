import type { PolicyConfig, PolicyPreset, RuleConfig, RuleLevel } from "../config/index.ts";
import type { Level } from "../model/index.ts";
import type { RuleDescription, RuleOptions } from "./rule.ts";

const WEIGHT: Readonly<Record<RuleLevel, number>> = { off: 0, notice: 1, warning: 2, error: 3 };

/** The level of a built-in rule in an environment. */
export function levelOfRule(
  rule: Pick<RuleDescription, "id" | "levels" | "most" | "since">,
  config: Pick<PolicyConfig, "preset" | "rules">,
  environment: string | undefined,
): RuleLevel {
  const named = namedLevel(findRuleConfig(config, rule.id), environment);
  const level = named ?? capAt(levelOfPreset(rule.levels, config.preset), isLate(rule.since) ? "notice" : undefined);
  return capAt(level, rule.most);
}

/** The level of what a policy of the repository says: `natural` is its own, which the config may change. */
export function levelOfPolicy(
  id: string,
  natural: Level,
  config: Pick<PolicyConfig, "rules">,
  environment: string | undefined,
): RuleLevel {
  return namedLevel(findRuleConfig(config, id), environment) ?? natural;
}

/**
 * Findings of rules that are judged elsewhere, as the config has them: it may change the level of a built-in rule, or
 * switch it off, and of nothing else (a schema error is one whatever is configured). What renders report of secrets
 * follows the preset too: they report it all, so that the config can change without rendering again.
 */
export function applyLevels<T extends { readonly rule: string; readonly level: Level }>(
  findings: readonly T[],
  rules: ReadonlyMap<string, Pick<RuleDescription, "id" | "levels" | "most" | "since">>,
  config: Pick<PolicyConfig, "preset" | "rules">,
  environment: string | undefined,
): readonly T[] {
  return findings.flatMap((finding): T[] => {
    const rule = rules.get(finding.rule);
    if (rule === undefined) return [finding];
    const said = FOLLOWS_PRESET.has(rule.id)
      ? levelOfRule(rule, config, environment)
      : namedLevel(findRuleConfig(config, rule.id), environment);
    if (said === "off") return [];
    return [said === undefined ? finding : { ...finding, level: said }];
  });
}

/** Rules that renders judge without knowing the config. The level of a removed API is not among them: it depends on whether the version is assumed. */
const FOLLOWS_PRESET: ReadonlySet<string> = new Set(["credential", "secret-plaintext", "high-entropy"]);

export function optionsOf(config: Pick<PolicyConfig, "rules">, id: string): RuleOptions {
  return findRuleConfig(config, id)?.options ?? new Map();
}

/** What the config says of a rule; of a policy in Rego also by its package: `rego/main` is all of `rego/main/deny`. */
export function findRuleConfig({ rules }: Pick<PolicyConfig, "rules">, id: string): RuleConfig | undefined {
  for (let name = id; ; name = name.slice(0, name.lastIndexOf("/"))) {
    const found = rules.get(name);
    if (found !== undefined || !name.includes("/")) return found;
  }
}

function namedLevel(rule: RuleConfig | undefined, environment: string | undefined): RuleLevel | undefined {
  return (environment === undefined ? undefined : rule?.environments.get(environment)) ?? rule?.level;
}

function levelOfPreset(levels: RuleDescription["levels"], preset: PolicyPreset): RuleLevel {
  return preset === "none" ? "off" : levels[preset];
}

function capAt(level: RuleLevel, most: Level | undefined): RuleLevel {
  return most !== undefined && WEIGHT[level] > WEIGHT[most] ? most : level;
}

/**
 * Whether an upgrade within one major version brought the rule: who had the first version of it was not asked. Until
 * there is a 1.0.0 the first version is 0.1.0.
 */
function isLate(since: string): boolean {
  return !/^(?:\d+\.0\.0|0\.1\.0)$/u.test(since);
}
