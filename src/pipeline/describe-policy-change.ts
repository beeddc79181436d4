import {
  findRuleConfig,
  namedLevel,
  nameExcepted,
  printSection,
  type PolicyConfig,
  type PolicyException,
} from "../config/index.ts";
import { approversOf, BUILT_IN_RULES, levelOfRule, optionsOf, printException } from "../policy/index.ts";

/** Things of one sort that are named; the rest are counted. */
const NAMED = 5;

/** What one key of `policy` says of a change, as ends of "… would differ". */
type Describe = (before: PolicyConfig, after: PolicyConfig) => readonly string[];

/** A key that is added to the section and forgotten here does not compile. */
const KEYS: { readonly [K in keyof Required<PolicyConfig>]: Describe } = {
  preset: describePreset,
  rules: describeRules,
  rego: describeAs("rego"),
  admission: (before, after) =>
    before.admission === after.admission
      ? []
      : [`admission policies would be ${after.admission ? "judged by" : "left out"}`],
  creators: describeAs("creators"),
  exceptions: describeExceptions,
  baseline: (before, after) =>
    before.baseline === after.baseline
      ? []
      : [`the baseline would be ${after.baseline ?? "none"} instead of ${before.baseline ?? "none"}`],
  // The organisation's: no change of a repository edits it.
  floor: () => [],
};

/** What differs between two configs of policies, in words: rules, levels by environment, exceptions, teams. */
export function describePolicyChange(before: PolicyConfig, after: PolicyConfig): readonly string[] {
  return Object.values(KEYS).flatMap((describe) => describe(before, after));
}

function describeAs(key: "rego" | "creators"): Describe {
  return (before, after) =>
    printSection(before[key]) === printSection(after[key]) ? [] : [`"policy.${key}" would differ`];
}

function describePreset(before: PolicyConfig, after: PolicyConfig): readonly string[] {
  if (before.preset === after.preset) return [];
  const named = namesOf(before, after);
  const moved = [...BUILT_IN_RULES.values()].filter(
    (rule) => !named.includes(rule.id) && levelOfRule(rule, before, undefined) !== levelOfRule(rule, after, undefined),
  );
  const rules = moved.length === 1 ? "1 rule" : `${moved.length} rules`;
  return [`the preset would be ${after.preset} instead of ${before.preset} (another level for ${rules})`];
}

function namesOf(...configs: readonly PolicyConfig[]): readonly string[] {
  return [...new Set(configs.flatMap(({ rules }) => [...rules.keys()]))].sort();
}

function describeRules(before: PolicyConfig, after: PolicyConfig): readonly string[] {
  const names = namesOf(before, after);
  const levels = names.flatMap((id) => describeLevels(id, before, after));
  const others = names.flatMap((id) => [
    ...describeApprovers(id, before, after),
    ...(printOptions(id, before) === printOptions(id, after) ? [] : [`options of ${id} would differ`]),
  ]);
  return [...shorten(levels, "levels of rules"), ...shorten(others, "options and teams of rules")];
}

function describeLevels(id: string, before: PolicyConfig, after: PolicyConfig): readonly string[] {
  const said = [findRuleConfig(before, id), findRuleConfig(after, id)];
  const environments = new Set(said.flatMap((rule) => [...(rule?.environments.keys() ?? [])]));
  return [undefined, ...[...environments].sort()].flatMap((environment) => {
    const [from, to] = [levelIn(before, id, environment), levelIn(after, id, environment)];
    const where = environment === undefined ? "" : ` in ${environment}`;
    return from === to ? [] : [`${id} would be ${to}${where} instead of ${from}`];
  });
}

/** The level of a policy that the config does not name is for the policy to say. */
function levelIn(config: PolicyConfig, id: string, environment: string | undefined): string {
  const rule = BUILT_IN_RULES.get(id);
  if (rule !== undefined) return levelOfRule(rule, config, environment);
  return namedLevel(findRuleConfig(config, id), environment) ?? "as the policy says";
}

function describeApprovers(id: string, before: PolicyConfig, after: PolicyConfig): readonly string[] {
  const [from, to] = [approversOf(before, id), approversOf(after, id)];
  return from === to ? [] : [`exceptions from ${id} would be approved by ${nameTeam(to)} instead of ${nameTeam(from)}`];
}

function nameTeam(team: string | undefined): string {
  return team === undefined ? "no team" : `team ${team}`;
}

function printOptions(id: string, config: PolicyConfig): string {
  const rule = BUILT_IN_RULES.get(id);
  return printSection(
    rule === undefined ? (findRuleConfig(config, id)?.options ?? new Map()) : optionsOf(config, rule),
  );
}

function describeExceptions(before: PolicyConfig, after: PolicyConfig): readonly string[] {
  const missing = (from: PolicyConfig, other: PolicyConfig): readonly PolicyException[] => {
    const known = new Set(other.exceptions.map(printException));
    return from.exceptions.filter((exception) => !known.has(printException(exception)));
  };
  return [...listExceptions("added", missing(after, before)), ...listExceptions("gone", missing(before, after))];
}

function listExceptions(what: string, exceptions: readonly PolicyException[]): readonly string[] {
  if (exceptions.length === 0) return [];
  const names = exceptions.slice(0, NAMED).map((exception) => `${exception.rule} for ${nameExcepted(exception)}`);
  const more = exceptions.length > NAMED ? ` and ${exceptions.length - NAMED} more` : "";
  return [
    `${exceptions.length === 1 ? "1 exception" : `${exceptions.length} exceptions`} would be ${what} (${names.join(", ")}${more})`,
  ];
}

function shorten(parts: readonly string[], what: string): readonly string[] {
  return parts.length <= NAMED
    ? parts
    : [...parts.slice(0, NAMED), `${parts.length - NAMED} more ${what} would differ`];
}
