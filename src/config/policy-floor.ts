import type { PolicyConfig, PolicyPreset, RuleConfig, RuleLevel } from "./policy.ts";

/**
 * What the organisation says of rules. It stays beside what the repository says: which of the two is stricter is known
 * where a rule, its presets and its environment are.
 */
export interface PolicyFloor {
  /** Name of the file for people, such as `octo/.github: .github/drydock.yaml`. */
  readonly file: string;
  /** `none` where the floor does not write one. */
  readonly preset: PolicyPreset;
  readonly rules: PolicyConfig["rules"];
}

/** What presets make of a rule. */
export interface PresetLevels {
  readonly levels: Readonly<Record<Exclude<PolicyPreset, "none">, RuleLevel>>;
}

/** A rule that the organisation's floor sets. */
export interface RuleHold {
  /** The team that approves exceptions from it; undefined: the floor's own are the only ones. */
  readonly approvers: string | undefined;
}

const WEIGHT: Readonly<Record<RuleLevel, number>> = { off: 0, notice: 1, warning: 2, error: 3 };

export function isBelow(level: RuleLevel, other: RuleLevel): boolean {
  return WEIGHT[level] < WEIGHT[other];
}

export function stricterLevel(left: RuleLevel, right: RuleLevel): RuleLevel {
  return isBelow(left, right) ? right : left;
}

export function levelOfPreset({ levels }: PresetLevels, preset: PolicyPreset): RuleLevel {
  return preset === "none" ? "off" : levels[preset];
}

/** What the config says of a rule; of a policy in Rego also by its package: `rego/main` is all of `rego/main/deny`. */
export function findRuleConfig({ rules }: Pick<PolicyConfig, "rules">, id: string): RuleConfig | undefined {
  for (let name = id; ; name = name.slice(0, name.lastIndexOf("/"))) {
    const found = rules.get(name);
    if (found !== undefined || !name.includes("/")) return found;
  }
}

/** The level that is said of a rule by name; undefined where only a preset or the policy itself says one. */
export function namedLevel(rule: RuleConfig | undefined, environment: string | undefined): RuleLevel | undefined {
  return (environment === undefined ? undefined : rule?.environments.get(environment)) ?? rule?.level;
}

/**
 * Whether the floor sets a rule: it switches it on somewhere, by name or by its preset, or says who approves exceptions
 * from it. `builtIn` is what presets make of it; undefined for a policy of the repository.
 */
export function holdOfFloor(
  floor: PolicyFloor | undefined,
  id: string,
  builtIn: PresetLevels | undefined,
): RuleHold | undefined {
  if (floor === undefined) return undefined;
  const said = findRuleConfig(floor, id);
  const ofPreset = builtIn === undefined ? "off" : levelOfPreset(builtIn, floor.preset);
  const levels = [said?.level ?? ofPreset, ...(said?.environments.values() ?? [])];
  const isSet = said?.approvers !== undefined || levels.some((level) => level !== "off");
  return isSet ? { approvers: said?.approvers } : undefined;
}

/** Lists of which an item lets something pass. Of `allowed` an empty one lets everything. */
const PREFIX_OPTIONS: ReadonlySet<string> = new Set(["allowed", "exempt"]);

/**
 * One option of a rule under the floor. Undefined is an option that is not set. Prefixes: those that both let pass.
 * What is required: both. Any other: the floor's.
 */
export function raiseOption(
  name: string,
  own: readonly string[] | undefined,
  floor: readonly string[] | undefined,
  isHeld: boolean,
): readonly string[] | undefined {
  if (floor === undefined || (name === "allowed" && floor.length === 0)) {
    // Unset, these two are at their strictest, or at a default that only the rule knows.
    return isHeld && (name === "exempt" || name === "required") ? undefined : own;
  }
  if (own === undefined) return floor;
  if (name === "required") return [...new Set([...floor, ...own])];
  if (!PREFIX_OPTIONS.has(name)) return floor;
  const both = [...new Set([...own.filter(isBelowAny(floor)), ...floor.filter(isBelowAny(own))])];
  return name === "allowed" && both.length === 0 ? floor : both;
}

/** Whether a prefix of image names is one of these, or lies below one. */
function isBelowAny(prefixes: readonly string[]): (text: string) => boolean {
  const bare = (text: string): string => text.trim().replace(/\/+$/u, "");
  const bases = prefixes.map(bare).filter((prefix) => prefix !== "");
  return (text) => bases.some((base) => bare(text) === base || bare(text).startsWith(`${base}/`));
}
