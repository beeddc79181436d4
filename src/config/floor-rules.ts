import {
  describeApprovals,
  describeDirectEdits,
  describeLimits,
  describePatterns,
  describePromotion,
  listNames,
} from "./describe-rules.ts";
import { findCircular } from "./environment-order.ts";
import type {
  ApprovalRules,
  BranchRule,
  BypassRules,
  ChangeRules,
  DirectEditRules,
  EnvironmentRules,
  OverrideRules,
  PromotionRules,
  RuleSet,
  WindowRule,
} from "./environment-rules.ts";
import type { Glob } from "./glob.ts";
import { printSection } from "./print-section.ts";
import { floorsOwn, raiseKey, type Raised, type Sides } from "./raise-key.ts";

/**
 * The rules of environments under the floor: of an environment that both name, what is stricter of each key; those that
 * the floor alone names hold as it says. Windows and rules of branches of both have to let a change in.
 */
export function raiseRules(sides: Sides): Raised<RuleSet> {
  const { own, floor } = sides;
  const changes = raiseChanges(sides);
  const override = raiseOverride(sides);
  const bypasses = raiseBypasses(sides);
  const raised = floor.rules.environments.map((least) => {
    const said = own.rules.environments.find(({ name }) => name === least.name);
    return said === undefined
      ? { value: { ...least, windows: joinWindows([], least.windows, floor.file) }, notes: [] }
      : raiseEnvironment(sides, said, least);
  });
  const named = new Set(floor.rules.environments.map(({ name }) => name));
  const environments = [
    ...raised.map(({ value }) => value),
    ...own.rules.environments.filter(({ name }) => !named.has(name)),
  ];
  const order = dropCycles(environments, floor.rules);
  return {
    value: {
      environments: order.value,
      changes: changes.value,
      branches: joinBranches(own.rules.branches, floor.rules.branches),
      override: override.value,
      bypasses: bypasses.value,
      freeze: floor.freeze,
    },
    notes: [
      ...raised.flatMap(({ notes }) => notes),
      ...order.notes,
      ...changes.notes,
      ...override.notes,
      ...bypasses.notes,
    ],
  };
}

/** What stricter means, key by key of one environment. One that is added to the rules and forgotten here does not compile. */
function raiseEnvironment(sides: Sides, own: EnvironmentRules, floor: EnvironmentRules): Raised<EnvironmentRules> {
  const section = `environments.${own.name}`;
  const notes: string[] = [];
  const raise = <K extends keyof EnvironmentRules>(
    key: K,
    stricter: (own: EnvironmentRules[K], floor: EnvironmentRules[K]) => EnvironmentRules[K],
    describe?: (value: EnvironmentRules[K]) => string,
  ): EnvironmentRules[K] => {
    const written = key === "usesLocks" ? "locks" : key;
    const pick = (config: Sides["own"]): EnvironmentRules[K] => (config === sides.own ? own : floor)[key];
    const raised = raiseKey(sides, `${section}.${written}`, pick, stricter, describe);
    notes.push(...raised.notes);
    return raised.value;
  };
  const isWritten = (key: string): boolean => sides.floor.written.has(`${section}.${key}`);
  const promotion = raisePromotion(`${section}.promotion`, sides, own.promotion, floor);
  const value: EnvironmentRules = {
    ...{ line: own.line, name: own.name },
    paths: [...floor.paths, ...without(own.paths, floor.paths)],
    branch: raise("branch", floorsOwn),
    ignore: raise("ignore", commonGlobs, describePatterns),
    from: raise("from", (said, all) => [...new Set([...all, ...said])], listNames),
    promotion: promotion.value,
    sharedChanges: raise("sharedChanges", (said, most) => (most === "refuse" ? most : said)),
    directEdits: raise("directEdits", stricterEdits, describeDirectEdits),
    approvals: raise(
      "approvals",
      (said, least) => stricterApprovals(said, least, isWritten("approvals.excludeSuggestions")),
      describeApprovals,
    ),
    windows: joinWindows(own.windows, floor.windows, sides.floor.file),
    limits: raise(
      "limits",
      (said, most) => ({ apps: lower(said.apps, most.apps), resources: lower(said.resources, most.resources) }),
      describeLimits,
    ),
    usesLocks: raise("usesLocks", (said, most) => said || most),
  };
  return { value, notes: [...notes, ...promotion.notes] };
}

/** An order of the floor's tracks what it says, or by default everything: one that tracks nothing would be none. */
function raisePromotion(
  key: string,
  { own: { written }, floor }: Sides,
  own: PromotionRules,
  least: EnvironmentRules,
): Raised<PromotionRules> {
  const isOrdered = least.from.length > 0 || floor.written.has(`${key}.track`);
  const value = {
    track: isOrdered ? [...new Set([...least.promotion.track, ...own.track])] : own.track,
    fields: [...new Set([...least.promotion.fields, ...own.fields])],
    soak: Math.max(own.soak, least.promotion.soak),
  };
  const [said, raised] = [describePromotion(own), describePromotion(value)];
  if (!written.has(key) || said === raised) return { value, notes: [] };
  return { value, notes: [`${key}: ${said} is below the organisation's floor (${raised}); the floor counts`] };
}

function stricterEdits(own: DirectEditRules, floor: DirectEditRules): DirectEditRules {
  if (floor.isAllowed) return own;
  if (own.isAllowed) return floor;
  const bots = own.bots.filter((bot) => floor.bots.some((other) => other.toLowerCase() === bot.toLowerCase()));
  return { isAllowed: false, bots, except: commonGlobs(own.except, floor.except) };
}

/** Whoever the floor names approves; the repository may name fewer of them, with a team among them, and no others. */
function stricterApprovals(own: ApprovalRules, floor: ApprovalRules, saysSuggestions: boolean): ApprovalRules {
  const isNamed = floor.teams.length + floor.users.length > 0;
  const isPart = own.teams.length > 0 && isWithin(own.teams, floor.teams) && isWithin(own.users, floor.users);
  const { teams, users } = isNamed && !isPart ? floor : own;
  return {
    ...{ count: Math.max(own.count, floor.count), teams, users },
    codeOwners: own.codeOwners || floor.codeOwners,
    excludesSuggestions: own.excludesSuggestions || (saysSuggestions && floor.excludesSuggestions),
    destructive: stricterDestructive(own, floor, isNamed),
  };
}

/** The repository's teams for it would take the place of those that the floor names for everything. */
function stricterDestructive(
  { destructive: own }: ApprovalRules,
  { destructive: floor, teams }: ApprovalRules,
  isNamed: boolean,
): ApprovalRules["destructive"] {
  if (own === undefined && floor === undefined) return undefined;
  const count = Math.max(own?.count ?? 0, floor?.count ?? 0);
  const said = own?.teams ?? [];
  const named = floor?.teams ?? [];
  if (named.length > 0) return { count, teams: said.length > 0 && isWithin(said, named) ? said : named };
  return { count, teams: isNamed && !isWithin(said, teams) ? [] : said };
}

function isWithin(names: readonly string[], all: readonly string[]): boolean {
  const known = new Set(all.map((name) => name.toLowerCase()));
  return names.every((name) => known.has(name.toLowerCase()));
}

/** Every `deny` of both counts. Those that let in carry their file: one of each has to last. */
function joinWindows(own: readonly WindowRule[], floor: readonly WindowRule[], file: string): readonly WindowRule[] {
  return [...floor.map((window) => ({ ...window, file })), ...own.filter((window) => window.file === undefined)];
}

/** Each rule about a branch has to hold, so more rules are never looser. */
function joinBranches(own: readonly BranchRule[], floor: readonly BranchRule[]): readonly BranchRule[] {
  const known = new Set(floor.map(printSection));
  return [...floor, ...own.filter((rule) => !known.has(printSection(rule)))];
}

/** Where both orders together would go round, nothing could ever come in: there the floor's counts. */
function dropCycles(environments: readonly EnvironmentRules[], floor: RuleSet): Raised<readonly EnvironmentRules[]> {
  const circular = findCircular(new Map(environments.map(({ name, from }) => [name, from])));
  if (circular.size === 0) return { value: environments, notes: [] };
  const notes: string[] = [];
  const value = environments.map((environment) => {
    if (!circular.has(environment.name)) return environment;
    const from = floor.environments.find(({ name }) => name === environment.name)?.from ?? [];
    const own = environment.from.filter((earlier) => !from.includes(earlier));
    if (own.length > 0) {
      const key = `environments.${environment.name}.from`;
      notes.push(`${key}: ${listNames(own)} goes round with the organisation's floor; the floor counts`);
    }
    return { ...environment, from };
  });
  return { value, notes };
}

function raiseChanges(sides: Sides): Raised<ChangeRules> {
  const notes: string[] = [];
  const raise = <K extends keyof ChangeRules>(
    key: K,
    stricter: (own: ChangeRules[K], floor: ChangeRules[K]) => ChangeRules[K],
  ): ChangeRules[K] => {
    const raised = raiseKey(sides, `changes.${key}`, ({ rules }) => rules.changes[key], stricter);
    notes.push(...raised.notes);
    return raised.value;
  };
  const { changes } = sides.own.rules;
  const known = new Set(sides.floor.rules.changes.apart.map(printSection));
  const value = {
    pairing: raise("pairing", floorsOwn),
    environments: raise("environments", lower),
    apps: raise("apps", lower),
    resources: raise("resources", lower),
    apart: [...sides.floor.rules.changes.apart, ...changes.apart.filter((set) => !known.has(printSection(set)))],
  };
  return { value, notes };
}

/** Whoever the floor lets override may, unless the repository lets fewer of them. Nobody else may. */
function raiseOverride(sides: Sides): Raised<OverrideRules> {
  const { own } = sides;
  const isWritten = own.written.has("override.teams");
  const teams = raiseKey(
    sides,
    "override.teams",
    ({ rules }) => rules.override.teams,
    (said, all) => (isWritten && isWithin(said, all) ? said : all),
    (names) => listNames(names),
  );
  const breakGlass = raiseKey(
    sides,
    "override.breakGlass",
    ({ rules }) => rules.override.breakGlass,
    (said, most) => said && most,
  );
  return {
    value: { teams: teams.value, breakGlass: breakGlass.value },
    notes: [...teams.notes, ...breakGlass.notes],
  };
}

/** What the floor has said is said, and no more bots may push than the floor names. */
function raiseBypasses(sides: Sides): Raised<BypassRules> {
  const report = raiseKey(
    sides,
    "bypasses.report",
    ({ rules }) => rules.bypasses.isReported,
    (said, least) => said || least,
  );
  const bots = raiseKey(
    sides,
    "bypasses.bots",
    ({ rules }) => rules.bypasses.bots,
    (said, all) => said.filter((bot) => isWithin([bot], all)),
    (names) => listNames(names),
  );
  return { value: { isReported: report.value, bots: bots.value }, notes: [...report.notes, ...bots.notes] };
}

function lower(left: number | undefined, right: number | undefined): number | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return Math.min(left, right);
}

function commonGlobs(own: readonly Glob[], floor: readonly Glob[]): readonly Glob[] {
  const allowed = new Set(floor.map(({ pattern }) => pattern));
  return own.filter(({ pattern }) => allowed.has(pattern));
}

function without(globs: readonly Glob[], others: readonly Glob[]): readonly Glob[] {
  const known = new Set(others.map(({ pattern }) => pattern));
  return globs.filter(({ pattern }) => !known.has(pattern));
}
