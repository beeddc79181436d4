import type { PolicyConfig, PolicyException, PolicyPreset, RuleConfig, RuleLevel } from "./policy.ts";
import {
  findRuleConfig,
  holdOfFloor,
  isBelow,
  levelOfPreset,
  namedLevel,
  raiseOption,
  type PolicyFloor,
} from "./policy-floor.ts";
import { raiseKey, type PresetsOfRules, type Raised, type Sides } from "./raise-key.ts";

/** From the fewest rules to the most: each has those of the one before it, as loud at least. */
const PRESETS: readonly PolicyPreset[] = ["none", "default", "baseline", "strict"];

/**
 * The section `policy` under the floor. What the floor says of rules is put beside what the repository says, and the
 * stricter of the two is asked for each rule and environment; the floor's exceptions hold everywhere.
 */
export function raisePolicy(sides: Sides): Raised<PolicyConfig> {
  const { own, floor, builtIn } = sides;
  const { policy } = own;
  const held: PolicyFloor = {
    file: floor.file,
    preset: floor.written.has("policy.preset") ? floor.policy.preset : "none",
    rules: floor.policy.rules,
  };
  const preset = raiseKey(sides, "policy.preset", (config) => config.policy.preset, laterPreset);
  const admission = raiseKey(
    sides,
    "policy.admission",
    (config) => config.policy.admission,
    (said, least) => said || least,
  );
  const ofFloor = floor.policy.exceptions.map((exception) => ({ ...exception, file: floor.file }));
  const exceptions = policy.exceptions.filter(({ file }) => file === undefined);
  return {
    value: {
      ...policy,
      preset: preset.value,
      admission: admission.value,
      // What may create a partner is known to whoever runs it. These rules warn at most.
      creators: [...new Set([...floor.policy.creators, ...policy.creators])],
      exceptions: [...ofFloor, ...exceptions],
      floor: held,
    },
    notes: [
      ...preset.notes,
      ...admission.notes,
      ...describeRules(policy, held, builtIn),
      ...describeExceptions(exceptions, held, builtIn),
      ...describeBaseline(sides),
    ],
  };
}

function laterPreset(own: PolicyPreset, floor: PolicyPreset): PolicyPreset {
  return PRESETS.indexOf(own) < PRESETS.indexOf(floor) ? floor : own;
}

function describeRules({ rules }: PolicyConfig, floor: PolicyFloor, builtIn: PresetsOfRules): readonly string[] {
  return [...rules].flatMap(([id, said]) => [
    ...describeLevels(id, said, floor, builtIn),
    ...describeOptions(id, said, floor, builtIn),
    ...describeApprovers(id, said, floor),
  ]);
}

function describeLevels(id: string, own: RuleConfig, floor: PolicyFloor, builtIn: PresetsOfRules): readonly string[] {
  const said = findRuleConfig(floor, id);
  const presets = builtIn.get(id);
  const least = (environment: string | undefined): RuleLevel =>
    namedLevel(said, environment) ?? (presets === undefined ? "off" : levelOfPreset(presets, floor.preset));
  const environments = [undefined, ...new Set([...own.environments.keys(), ...(said?.environments.keys() ?? [])])];
  const told = environments.flatMap((environment) => {
    const level = namedLevel(own, environment);
    if (level === undefined || !isBelow(level, least(environment))) return [];
    return [{ environment, level, least: least(environment) }];
  });
  // What is said without an environment is told once.
  const [first] = told;
  const isTold = (one: (typeof told)[number]): boolean =>
    one !== first &&
    first?.environment === undefined &&
    one.level === first?.level &&
    one.least === first.least &&
    !own.environments.has(one.environment ?? "");
  return told
    .filter((one) => !isTold(one))
    .map(({ environment, level, least: floorLevel }) => {
      const where = environment === undefined ? "" : ` in ${environment}`;
      return `policy.rules.${id}: ${level}${where} is below the organisation's floor (${floorLevel}); the floor counts`;
    });
}

function describeOptions(id: string, own: RuleConfig, floor: PolicyFloor, builtIn: PresetsOfRules): readonly string[] {
  const isHeld = holdOfFloor(floor, id, builtIn.get(id)) !== undefined;
  const options = findRuleConfig(floor, id)?.options;
  return [...own.options].flatMap(([name, values]) => {
    const raised = new Set(raiseOption(name, values, options?.get(name), isHeld));
    // More of what is required is no loss, and less of what may pass is told.
    const lost = values.filter((value) => !raised.has(value));
    const isShort = name === "required" && raised.size > new Set(values).size;
    if (lost.length === 0 && !isShort) return [];
    return [`policy.rules.${id}.${name}: this is looser than the organisation's floor; the floor counts`];
  });
}

function describeApprovers(id: string, { approvers }: RuleConfig, floor: PolicyFloor): readonly string[] {
  const least = findRuleConfig(floor, id)?.approvers;
  if (least === undefined || approvers === undefined || approvers === least) return [];
  return [`policy.rules.${id}.approvers: team ${least} of the organisation's floor approves, not ${approvers}`];
}

/** One note for each rule. */
function describeExceptions(
  exceptions: readonly PolicyException[],
  floor: PolicyFloor,
  builtIn: PresetsOfRules,
): readonly string[] {
  const rules = new Set(exceptions.map(({ rule }) => rule));
  return [...rules].flatMap((rule) => {
    const hold = holdOfFloor(floor, rule, builtIn.get(rule));
    if (hold === undefined) return [];
    return hold.approvers === undefined
      ? [`policy.exceptions: ${rule} is set by the organisation's floor; only the floor's exceptions from it count`]
      : [
          `policy.exceptions: ${rule} is set by the organisation's floor; each use needs an approval of team ${hold.approvers}`,
        ];
  });
}

function describeBaseline({ own, floor }: Sides): readonly string[] {
  const isSet = floor.policy.rules.size > 0 || floor.written.has("policy.preset");
  return [
    ...(floor.written.has("policy.baseline")
      ? ["policy.baseline: the organisation's floor is not taken here; a baseline belongs to one repository"]
      : []),
    ...(own.policy.baseline !== undefined && isSet
      ? [`policy.baseline: ${own.policy.baseline} does not cover rules that the organisation's floor sets`]
      : []),
  ];
}
