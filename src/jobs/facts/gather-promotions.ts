import { createHash } from "node:crypto";
import type { EnvironmentRules, RuleSet } from "../../config/index.ts";
import { findCounterpart, findStanding, isOfEnvironment } from "../../environments/index.ts";
import type {
  AppId,
  EnvironmentChange,
  EnvironmentFacts,
  PromotedItem,
  PromotionFacts,
  TrackedApp,
  TrackedValue,
} from "../../model/index.ts";
import type { RuledPlace } from "../decide-environments.ts";
import { findOrganization } from "../find-organization.ts";
import type { KnownStanding, TrackedStanding } from "../ports.ts";
import type { JobServices } from "../services.ts";
import {
  arePromotedWhole,
  askOf,
  listWatched,
  observeStanding,
  recallStanding,
  type WatchedEnvironment,
} from "./observe-standing.ts";

type Trees = Extract<TrackedStanding, { kind: "trees" }>;

/**
 * What of each change stands in the environments before it, at the tips of their branches as they are now. Of a merge that
 * is over: what stood there when it landed, since afterwards its base has all that it brought.
 */
export async function gatherPromotions(
  changes: readonly EnvironmentChange[],
  rules: RuleSet,
  place: RuledPlace,
  services: JobServices,
): Promise<EnvironmentFacts["promotions"]> {
  const steps = listSteps(changes, rules);
  if (steps.length === 0) return [];
  const { repository, pullRequest } = place;
  const { baseRef } = pullRequest;
  const failAll = (problem: string): readonly PromotionFacts[] => steps.map((step) => fail(step, problem));
  const tip = place.isPast === true ? place.baseSha : await services.github.repository(repository).readBranch(baseRef);
  if (tip === undefined) return failAll(`the branch ${baseRef} is gone`);
  const own = await services.checker.readTracked({
    ...{ ...pullRequest, repository, baseSha: tip, isMerge: true, rulesSha: tip },
    organization: await findOrganization(repository, services),
    ask: () => askOfChange(steps, baseRef),
  });
  if (own.kind === "conflict") return failAll("the pull request does not merge");
  const seen = new Map<string, Promise<SeenEnvironment | string>>();
  const facts: PromotionFacts[] = [];
  for (const step of steps) {
    const { from } = step;
    const name = from?.rules.name ?? step.name;
    const looking = seen.get(name) ?? look(from, own, tip, place, services);
    seen.set(name, looking);
    const before = await looking;
    facts.push(typeof before === "string" ? fail(step, before) : promote(step, before, own, rules, baseRef));
  }
  return facts;
}

/** One environment of the change and one that it is promoted from. */
interface Step {
  readonly change: EnvironmentChange;
  readonly to: EnvironmentRules;
  readonly name: string;
  /** Undefined where the config has no such environment. */
  readonly from: WatchedEnvironment | undefined;
}

function listSteps(changes: readonly EnvironmentChange[], rules: RuleSet): readonly Step[] {
  const watched = listWatched(rules);
  return changes.flatMap((change) => {
    const to = rules.environments.find(({ name }) => name === change.environment);
    if (to === undefined) return [];
    return to.from.map((name) => ({ change, to, name, from: watched.find((one) => one.rules.name === name) }));
  });
}

function fail({ change, name }: Step, problem: string): PromotionFacts {
  return { environment: change.environment, from: name, items: [], problem };
}

/** Apps that change, and all those of the environments before them that are on the same branch. */
function askOfChange(steps: readonly Step[], baseRef: string): ReturnType<typeof askOf> {
  const changed = new Set(steps.flatMap(({ change }) => change.apps.map(({ id }) => id)));
  const before = steps.flatMap(({ from }) => (from !== undefined && isHere(from, baseRef) ? [from] : []));
  const asked = before.map((one) => askOf(one, baseRef));
  const fields = [...asked.flatMap((one) => one.fields), ...steps.flatMap(({ to }) => to.promotion.fields)];
  return {
    fields: [...new Set(fields)].sort(),
    isWhole: false,
    isWanted: (app) => changed.has(app.id) || asked.some((one) => one.isWanted(app)),
  };
}

/** One without a branch of its own is wherever its paths are. */
function isHere({ rules: { branch } }: WatchedEnvironment, baseRef: string): boolean {
  return branch === undefined || branch === baseRef;
}

interface SeenEnvironment {
  readonly watched: WatchedEnvironment;
  readonly branch: string;
  readonly apps: readonly TrackedApp[];
  readonly standing: KnownStanding;
}

/** What stands in an environment, or why that is not known, in a clause. */
async function look(
  watched: WatchedEnvironment | undefined,
  own: Trees,
  tip: string,
  { repository, pullRequest: { baseRef }, isPast = false }: RuledPlace,
  services: JobServices,
): Promise<SeenEnvironment | string> {
  if (watched === undefined) return "the config has no environment of this name";
  const { repositoryId } = repository;
  const branch = watched.rules.branch ?? baseRef;
  if (isHere(watched, baseRef)) {
    const apps = own.base.filter((app) => isOfEnvironment(watched.rules, app, branch));
    const seen = { repositoryId, branch, commit: tip, apps: own.base, files: [] };
    const standing = await (isPast ? recallStanding : observeStanding)(watched, seen, services);
    return { watched, branch, apps, standing };
  }
  const commit = await services.github.repository(repository).readBranch(branch);
  if (commit === undefined) return `the branch ${branch} is gone`;
  const there = await services.checker.readTracked({
    ...{ repository, baseRef: branch, baseSha: commit, headRef: branch, headSha: commit, isMerge: false },
    ...{ rulesSha: commit, organization: await findOrganization(repository, services), pin: pinOf(branch) },
    ask: () => askOf(watched, branch),
  });
  if (there.kind === "conflict") return "it does not merge";
  const seen = { repositoryId, branch, commit, apps: there.base, files: there.files };
  // Nobody knows of the branch as it is now that it was so when the merge landed: only the record says that.
  const standing = isPast
    ? await recallStanding(watched, { ...seen, apps: [] }, services)
    : await observeStanding(watched, seen, services);
  return { watched, branch, apps: there.base, standing };
}

/** Branches have names that no pin has. */
export function pinOf(branch: string): string {
  return `branch-${createHash("sha256").update(branch).digest("hex").slice(0, 16)}`;
}

function promote(
  step: Step,
  before: SeenEnvironment,
  own: Trees,
  { changes: { pairing } }: RuleSet,
  baseRef: string,
): PromotionFacts {
  const { change, to, name } = step;
  const result = { environment: change.environment, from: name, problem: undefined } as const;
  if (arePromotedWhole(to, before.watched.rules)) return { ...result, items: promoteFiles(step, before, own) };
  if (change.apps.length > 0 && before.apps.length === 0) return fail(step, `no app of it is on ${before.branch}`);
  const items: PromotedItem[] = [];
  for (const { id } of change.apps) {
    const app = own.head.find((one) => one.id === id);
    if (app === undefined) continue; // it goes
    if (app.values === undefined) return fail(step, `${id} cannot be rendered, so what enters is not known`);
    const counterpart = findCounterpart(app, to, before.watched.rules, pairing, before.apps);
    if (counterpart !== undefined && counterpart.values === undefined)
      return fail(step, `${counterpart.id} cannot be rendered`);
    const after = isHere(before.watched, baseRef) ? own.head.find((one) => one.id === counterpart?.id) : undefined;
    const base = own.base.find((one) => one.id === id);
    const entering = listEntering(app.values, base?.values ?? [], to);
    items.push(...entering.map((value) => toItem(id, value, { counterpart, after, before, to })));
  }
  return { ...result, items };
}

/** Tracked values that the environment does not have yet. */
function listEntering(
  after: readonly TrackedValue[],
  before: readonly TrackedValue[],
  { promotion: { track, fields } }: EnvironmentRules,
): readonly TrackedValue[] {
  const known = new Set(before.map(({ what, value }) => JSON.stringify([what, value])));
  const isTracked = ({ sort, what }: TrackedValue): boolean => {
    if (sort === "image") return track.includes("images");
    return sort === "chart" ? track.includes("charts") : fields.some((field) => what.endsWith(` ${field}`));
  };
  return after.filter((value) => isTracked(value) && !known.has(JSON.stringify([value.what, value.value])));
}

interface Pair {
  readonly counterpart: TrackedApp | undefined;
  /** The counterpart once this is merged. */
  readonly after: TrackedApp | undefined;
  readonly before: SeenEnvironment;
  readonly to: EnvironmentRules;
}

function toItem(app: AppId, value: TrackedValue, { counterpart, after, before, to }: Pair): PromotedItem {
  const from = before.watched.rules.name;
  const there = findStanding(value, to.name, from, counterpart?.values ?? []);
  const equal = there.find((one) => one.value === value.value);
  const seen = before.standing.values.find(
    (one) => one.app === counterpart?.id && one.what === equal?.what && one.value === equal.value,
  );
  const next = findStanding(value, to.name, from, after?.values ?? []);
  return {
    ...{ app, what: value.what, value: value.value, counterpart: counterpart?.id },
    stands: (equal ?? there[0])?.value,
    since: equal === undefined ? undefined : seen?.since,
    arrives: next.some((one) => one.value === value.value),
  };
}

/** Every changed file has to be on the branch before as it is here; one that may be edited has no counterpart there. */
function promoteFiles(
  { change, to }: Step,
  { branch, standing }: SeenEnvironment,
  own: Trees,
): readonly PromotedItem[] {
  const asked = new Set([...change.files.map(({ path }) => path), ...change.apps.flatMap(({ causes }) => causes)]);
  const known = new Map(standing.values.map((one) => [one.what, one] as const));
  const isIgnored = (path: string): boolean => !asked.has(path) && to.ignore.some((glob) => glob.matches(path));
  return own.changed.flatMap(({ path, value }) => {
    if (isIgnored(path)) return [];
    const what = `file ${path}`;
    const isFree = to.directEdits.except.some((glob) => glob.matches(path));
    const there = known.get(what);
    const stands = there?.value ?? "gone";
    const counterpart = isFree ? undefined : branch;
    const item = { app: to.branch ?? "", what, value, counterpart, stands, arrives: false };
    return [{ ...item, since: stands === value ? (there?.since ?? standing.changedAt) : undefined }];
  });
}
