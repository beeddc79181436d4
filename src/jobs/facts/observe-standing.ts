import { createHash } from "node:crypto";
import type { EnvironmentRules, RuleSet } from "../../config/index.ts";
import { isOfEnvironment } from "../../environments/index.ts";
import type { StandingPlace, StandingValue, TrackedApp, TrackedFile, TrackedValue } from "../../model/index.ts";
import type { KnownStanding, TrackedQuestion } from "../ports.ts";
import { SAME_MOMENT } from "../same-moment.ts";
import type { JobServices } from "../services.ts";

/** An environment that others are promoted from, and what they ask of it. */
export interface WatchedEnvironment {
  readonly rules: EnvironmentRules;
  /** All fields that environments after it track, sorted. */
  readonly fields: readonly string[];
  /** Whether one of them takes whole files: both are branches. */
  readonly isWhole: boolean;
}

/** Every environment that another names in `from`. */
export function listWatched({ environments }: RuleSet): readonly WatchedEnvironment[] {
  return environments.flatMap((rules) => {
    const next = environments.filter(({ from }) => from.includes(rules.name));
    if (next.length === 0) return [];
    const fields = [...new Set(next.flatMap(({ promotion }) => promotion.fields))].sort();
    return [{ rules, fields, isWhole: next.some((one) => arePromotedWhole(one, rules)) }];
  });
}

/** Between two branches whole files are promoted; elsewhere what is rendered. */
export function arePromotedWhole(to: EnvironmentRules, from: EnvironmentRules): boolean {
  return to.branch !== undefined && from.branch !== undefined && to.branch !== from.branch;
}

/** What has to be read of a branch to tell what stands in an environment on it. */
export function askOf({ rules, fields, isWhole }: WatchedEnvironment, branch: string): TrackedQuestion {
  return { fields, isWhole, isWanted: (app) => isOfEnvironment(rules, app, branch) };
}

/** One look at a branch. */
export interface SeenBranch {
  readonly repositoryId: number;
  readonly branch: string;
  readonly commit: string;
  readonly apps: readonly TrackedApp[];
  readonly files: readonly TrackedFile[];
}

/**
 * Notes what stands in an environment at a commit that is the tip of its branch, and gives since when, by our own record:
 * what was not there at the last look has stood there since now, whatever git says (T25).
 */
export async function observeStanding(
  { rules, fields, isWhole }: WatchedEnvironment,
  { repositoryId, branch, commit, apps, files }: SeenBranch,
  { records, now }: JobServices,
): Promise<KnownStanding> {
  const place: StandingPlace = { repositoryId, branch, environment: rules.name };
  const asked = [commit, branch, rules.branch ?? "", ...rules.paths.map(({ pattern }) => pattern), "", ...fields];
  const state = createHash("sha256")
    .update(JSON.stringify([asked, isWhole]))
    .digest("hex");
  const known = await records.readSeen(place);
  if (known?.state === state) return known;
  const own = apps.filter((app) => isOfEnvironment(rules, app, branch));
  const values = [
    ...own.flatMap((app) => listTracked(app, fields)),
    ...(isWhole ? files : []).map(({ path, value }) => ({ app: "", what: `file ${path}`, value })),
  ];
  await records.noteSeen(place, state, values, now());
  return (await records.readSeen(place)) ?? { state, values: [], changedAt: now() };
}

/**
 * What stood in an environment at `now`, a moment that is over: what our record has since then or before, and what these
 * apps show, which were on the branch then. Nothing is noted: the branch may have moved since, and what came after stood
 * there no sooner for our looking back.
 */
export async function recallStanding(
  { rules, fields }: WatchedEnvironment,
  { repositoryId, branch, apps }: Pick<SeenBranch, "repositoryId" | "branch" | "apps">,
  { records, now }: JobServices,
): Promise<KnownStanding> {
  const at = now();
  const known = await records.readSeen({ repositoryId, branch, environment: rules.name });
  const recorded = (known?.values ?? []).filter(({ since }) => since <= at + SAME_MOMENT);
  const own = apps.filter((app) => isOfEnvironment(rules, app, branch));
  const shown = own.flatMap((app) => listTracked(app, fields)).map((value) => ({ ...value, since: at }));
  const values = [...recorded.map((value) => ({ ...value, since: Math.min(value.since, at) })), ...shown];
  return { state: known?.state ?? "", values, changedAt: known?.changedAt ?? at };
}

/** What was read beside that is for others. */
function listTracked(
  { id, values = [] }: TrackedApp,
  fields: readonly string[],
): readonly Omit<StandingValue, "since">[] {
  const isOwn = ({ sort, what }: TrackedValue): boolean =>
    sort !== "field" || fields.some((field) => what.endsWith(` ${field}`));
  return values.filter(isOwn).map(({ what, value }) => ({ app: id, what, value }));
}
