import {
  findRuleConfig,
  holdOfFloor,
  isBelow,
  levelOfPreset,
  namedLevel,
  raiseOption,
  stricterLevel,
  type PolicyConfig,
  type RuleHold,
  type RuleLevel,
} from "../config/index.ts";
import type { Level } from "../model/index.ts";
import type { RuleDescription, RuleOptions } from "./rule.ts";

type LeveledRule = Pick<RuleDescription, "id" | "levels" | "most" | "since">;
/** What the config says of rules, and the organisation's floor with it. */
type RuleSayings = Pick<PolicyConfig, "rules" | "floor">;

/** The level of a built-in rule in an environment, never below the organisation's floor. */
export function levelOfRule(
  rule: LeveledRule,
  config: Pick<PolicyConfig, "preset" | "rules" | "floor">,
  environment: string | undefined,
): RuleLevel {
  const own = levelUnder(rule, config, environment);
  return config.floor === undefined ? own : stricterLevel(own, levelUnder(rule, config.floor, environment));
}

function levelUnder(
  rule: LeveledRule,
  config: Pick<PolicyConfig, "preset" | "rules">,
  environment: string | undefined,
): RuleLevel {
  const named = namedLevel(findRuleConfig(config, rule.id), environment);
  const level = named ?? capAt(levelOfPreset(rule, config.preset), isLate(rule.since) ? "notice" : undefined);
  return capAt(level, rule.most);
}

/** Whether a built-in rule is on in any environment. */
export function isEverOn(rule: LeveledRule, config: Pick<PolicyConfig, "preset" | "rules" | "floor">): boolean {
  const environments = [config, config.floor].flatMap((said) =>
    said === undefined ? [] : [...(findRuleConfig(said, rule.id)?.environments.keys() ?? [])],
  );
  return [undefined, ...environments].some((environment) => levelOfRule(rule, config, environment) !== "off");
}

/**
 * The level of what a policy of the repository says: `natural` is its own, which the config may change, not below what
 * the organisation's floor says of it.
 */
export function levelOfPolicy(
  id: string,
  natural: Level,
  config: RuleSayings,
  environment: string | undefined,
): RuleLevel {
  const own = namedLevel(findRuleConfig(config, id), environment) ?? natural;
  const least = config.floor && namedLevel(findRuleConfig(config.floor, id), environment);
  return least === undefined ? own : stricterLevel(own, least);
}

/** What levels of findings that are made elsewhere depend on beside the config. */
interface LevelFacts {
  readonly environment: string | undefined;
  /** Of what an assumed version removes, nothing is worse than it was found: the cluster may well be older. */
  readonly isVersionAssumed: boolean;
}

/**
 * Findings of rules that are judged elsewhere, as the config has them: it may change the level of a built-in rule, or
 * switch it off, and of nothing else (a schema error is one whatever is configured). What renders report of secrets
 * follows the preset too: they report it all, so that the config can change without rendering again.
 */
export function applyLevels<T extends { readonly rule: string; readonly level: Level }>(
  findings: readonly T[],
  rules: ReadonlyMap<string, LeveledRule>,
  config: Pick<PolicyConfig, "preset" | "rules" | "floor">,
  facts: LevelFacts,
): readonly T[] {
  return findings.flatMap((finding): T[] => {
    const rule = rules.get(finding.rule);
    if (rule === undefined) return [finding];
    const level = FOLLOWS_PRESET.has(rule.id)
      ? levelOfRule(rule, config, facts.environment)
      : levelOfJudged(rule, finding.level, config, facts);
    return level === "off" ? [] : [{ ...finding, level }];
  });
}

/** As the presets of the repository and of the floor have it, and never laxer than it was found. */
function levelOfJudged(
  rule: LeveledRule,
  found: Level,
  config: Pick<PolicyConfig, "preset" | "rules" | "floor">,
  { environment, isVersionAssumed }: LevelFacts,
): RuleLevel {
  const underPreset = (preset: PolicyConfig["preset"]): RuleLevel => {
    const level = levelOfPreset(rule, preset);
    return isVersionAssumed && level !== "off" ? found : level;
  };
  const own =
    namedLevel(findRuleConfig(config, rule.id), environment) ?? stricterLevel(found, underPreset(config.preset));
  const { floor } = config;
  if (floor === undefined) return own;
  const least = namedLevel(findRuleConfig(floor, rule.id), environment) ?? underPreset(floor.preset);
  return stricterLevel(own, least);
}

/** Rules that renders judge without knowing the config. Those of APIs are not among them: it depends on the version too. */
const FOLLOWS_PRESET: ReadonlySet<string> = new Set(["credential", "secret-plaintext", "high-entropy"]);

/** The options of a rule, as the repository gives them and the organisation's floor lets it. */
export function optionsOf(config: RuleSayings, rule: Pick<RuleDescription, "id" | "levels">): RuleOptions {
  const own = findRuleConfig(config, rule.id)?.options ?? new Map<string, readonly string[]>();
  if (config.floor === undefined) return own;
  const floor = findRuleConfig(config.floor, rule.id)?.options ?? new Map<string, readonly string[]>();
  const isHeld = holdOfFloor(config.floor, rule.id, rule) !== undefined;
  return new Map(
    [...new Set([...floor.keys(), ...own.keys()])].flatMap((name): readonly [string, readonly string[]][] => {
      const raised = raiseOption(name, own.get(name), floor.get(name), isHeld);
      return raised === undefined ? [] : [[name, raised]];
    }),
  );
}

/** The team that approves exceptions from a rule: the floor's, where it names one. */
export function approversOf({ floor, ...config }: RuleSayings, id: string): string | undefined {
  return (floor && findRuleConfig(floor, id)?.approvers) ?? findRuleConfig(config, id)?.approvers;
}

/** How the organisation's floor holds a rule; undefined where it leaves it to the repository. */
export function holdOf(
  { floor }: RuleSayings,
  id: string,
  rules: ReadonlyMap<string, Pick<RuleDescription, "levels">>,
): RuleHold | undefined {
  return holdOfFloor(floor, id, rules.get(id));
}

function capAt(level: RuleLevel, most: Level | undefined): RuleLevel {
  return most !== undefined && isBelow(most, level) ? most : level;
}

/**
 * Whether an upgrade within one major version brought the rule: who had the first version of it was not asked. Until
 * there is a 1.0.0 the first version is 0.1.0.
 */
function isLate(since: string): boolean {
  return !/^(?:\d+\.0\.0|0\.1\.0)$/u.test(since);
}
