import {
  describeApprovals,
  describeBranchRule,
  describeDirectEdits,
  describeLimits,
  describePatterns,
  describePromotion,
  describeWindow,
  listNames,
  printSection,
  type ChangeRules,
  type EnvironmentRules,
  type RuleSet,
  type WindowRule,
} from "../config/index.ts";

/** Things of one sort that are named; the rest are counted. */
const NAMED = 5;

type Describe = (rules: EnvironmentRules) => string;

/** What is compared of an environment, and how it is called. One that is added to the rules and forgotten here does not compile. */
const KEYS: {
  readonly [K in Exclude<keyof EnvironmentRules, "line" | "name" | "paths" | "windows">]: readonly [
    name: string,
    Describe,
  ];
} = {
  branch: ["branch", ({ branch }) => branch ?? "none"],
  ignore: ["ignored files", ({ ignore }) => describePatterns(ignore)],
  from: ["environments before it", ({ from }) => (from.length === 0 ? "none" : listNames(from))],
  promotion: ["promotion", ({ promotion }) => describePromotion(promotion)],
  sharedChanges: ["changes through shared files", ({ sharedChanges }) => sharedChanges],
  directEdits: ["direct edits", ({ directEdits }) => describeDirectEdits(directEdits)],
  approvals: ["approvals", ({ approvals }) => describeApprovals(approvals)],
  limits: ["limits", ({ limits }) => describeLimits(limits)],
  usesLocks: ["locks", ({ usesLocks }) => (usesLocks ? "waited for" : "not waited for")],
};

/** What differs between two sets of rules, in words. Where environments are is told by what it does to apps. */
export function describeRuleChange(before: RuleSet, after: RuleSet): readonly string[] {
  const parts = [
    ...describeEnvironments(before.environments, after.environments),
    ...describeChanges(before.changes, after.changes),
    ...describeList(
      "rule of branches",
      before.branches.map(describeBranchRule),
      after.branches.map(describeBranchRule),
    ),
    ...describeOverride(before, after),
    ...describeBypasses(before, after),
  ];
  const more = parts.length - NAMED;
  return more <= 0 ? parts : [...parts.slice(0, NAMED), `${more} more ${more === 1 ? "rule" : "rules"} would differ`];
}

function describeEnvironments(
  before: readonly EnvironmentRules[],
  after: readonly EnvironmentRules[],
): readonly string[] {
  const gone = before.filter(({ name }) => after.every((other) => other.name !== name));
  return [
    ...gone.map(({ name }) => `${name} would be no environment, and have no rules`),
    ...after.flatMap((now) => {
      const then = before.find(({ name }) => name === now.name);
      return then === undefined ? [`${now.name} would be an environment`] : describeEnvironment(then, now);
    }),
  ];
}

function describeEnvironment(before: EnvironmentRules, after: EnvironmentRules): readonly string[] {
  const keys = Object.entries(KEYS) as [keyof typeof KEYS, (typeof KEYS)[keyof typeof KEYS]][];
  const told = keys.flatMap(([key, [title, describe]]) => {
    if (printSection(before[key]) === printSection(after[key])) return [];
    return [tell(`${title} for ${after.name}`, describe(before), describe(after))];
  });
  return [...told, ...describeWindows(after.name, before.windows, after.windows)];
}

/** Words may be the same where a long list differs in what they leave out. */
function tell(what: string, before: string, after: string): string {
  return before === after ? `${what} would differ` : `${what} would be ${after} instead of ${before}`;
}

function describeWindows(
  environment: string,
  before: readonly WindowRule[],
  after: readonly WindowRule[],
): readonly string[] {
  const print = (window: WindowRule): string => `${window.name} (${describeWindow(window)})`;
  return describeList(`window for ${environment}`, before.map(print), after.map(print));
}

function describeList(what: string, before: readonly string[], after: readonly string[]): readonly string[] {
  const [gone, added] = [missing(before, after), missing(after, before)];
  return [
    ...(gone.length === 0 ? [] : [`${what} would be gone: ${listNames(gone)}`]),
    ...(added.length === 0 ? [] : [`${what} would be added: ${listNames(added)}`]),
  ];
}

function missing(names: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others);
  return names.filter((name) => !known.has(name));
}

function describeChanges(before: ChangeRules, after: ChangeRules): readonly string[] {
  const keys = ["environments", "apps", "resources"] as const;
  return [
    ...keys.flatMap((key) => {
      const [then, now] = [before[key], after[key]];
      if (then === now) return [];
      const noun = now === 1 ? key.slice(0, -1) : key;
      return [`a pull request could change ${now ?? "any number of"} ${noun} instead of ${then ?? "any number of"}`];
    }),
    ...(before.pairing === after.pairing
      ? []
      : [tell("pairing of apps", before.pairing ?? "by name", after.pairing ?? "by name")]),
    ...describeList(
      "set of environments that change apart",
      before.apart.map((set) => set.join(" and ")),
      after.apart.map((set) => set.join(" and ")),
    ),
  ];
}

function describeOverride({ override: before }: RuleSet, { override: after }: RuleSet): readonly string[] {
  return [
    ...(printSection(before.teams) === printSection(after.teams)
      ? []
      : [tell("teams that may override", listNames(before.teams), listNames(after.teams))]),
    ...(before.breakGlass === after.breakGlass
      ? []
      : [`an author ${after.breakGlass ? "could" : "could not"} override alone`]),
  ];
}

function describeBypasses({ bypasses: before }: RuleSet, { bypasses: after }: RuleSet): readonly string[] {
  return [
    ...(before.isReported === after.isReported
      ? []
      : [`pushes and merges past the rules would ${after.isReported ? "be told" : "not be told"}`]),
    ...describeList("bot that may push", before.bots, after.bots),
  ];
}
