import type {
  FreezeRule,
  ApprovalRules,
  BranchRule,
  DirectEditRules,
  EnvironmentRules,
  PromotionRules,
  WindowRule,
} from "./environment-rules.ts";
import type { Glob } from "./glob.ts";

/** Things of one list that are named; the rest are counted. */
const NAMED = 3;

/** Rules in the words that notes and previews compare them by: short, and different where what they ask for differs. */
export function describeApprovals({ count, teams, users, destructive, ...rules }: ApprovalRules): string {
  const whose = listNames([...teams.map((team) => `team ${team}`), ...users], " or ");
  return [
    `${count}${whose === "nobody" ? "" : ` by ${whose}`}`,
    ...(rules.codeOwners ? ["with code owners"] : []),
    ...(rules.excludesSuggestions ? [] : ["of those who suggested too"]),
    ...(destructive === undefined ? [] : [`${destructive.count} where it is destructive${byTeams(destructive.teams)}`]),
  ].join(", ");
}

function byTeams(teams: readonly string[]): string {
  return teams.length === 0
    ? ""
    : ` by ${listNames(
        teams.map((team) => `team ${team}`),
        " or ",
      )}`;
}

export function describePromotion({ track, fields, soak }: PromotionRules): string {
  return `${listNames([...track, ...fields])}${soak === 0 ? "" : ` for ${printDuration(soak)}`}`;
}

export function describeDirectEdits({ isAllowed, bots, except }: DirectEditRules): string {
  if (isAllowed) return "allowed";
  const others = [...bots, ...except.map(({ pattern }) => pattern)];
  return others.length === 0 ? "refused" : `refused but for ${listNames(others)}`;
}

export function describeLimits({ apps, resources }: EnvironmentRules["limits"]): string {
  const parts = [
    ...(apps === undefined ? [] : [`${apps} apps`]),
    ...(resources === undefined ? [] : [`${resources} resources`]),
  ];
  return parts.length === 0 ? "none" : parts.join(", ");
}

/** What makes a window another one; its name and the words for people do not. */
export function describeWindow(window: WindowRule): string {
  const { effect, schedule, fixed, duration, timeZone, exceptLabels, reason } = window;
  const time =
    schedule === undefined
      ? `from ${printMoment(fixed?.from)} until ${printMoment(fixed?.until)}`
      : `${schedule.text} for ${printDuration(duration)} in ${timeZone}`;
  const except = exceptLabels.length === 0 ? "" : ` but for ${listNames(exceptLabels)}`;
  return `${effect} ${time}${except}${reason === undefined ? "" : `: ${reason}`}`;
}

/** The stop of everything. */
export function describeFreeze(freeze: FreezeRule | undefined): string {
  if (freeze === undefined) return "none";
  return `${freeze.reason}${freeze.until === undefined ? "" : ` until ${printMoment(freeze.until)}`}`;
}

export function describeBranchRule({ base, heads, teams, users, isForkAllowed }: BranchRule): string {
  const whose = [...teams.map((team) => `team ${team}`), ...users];
  const from = heads.length === 0 ? "" : ` from ${describePatterns(heads)}`;
  const by = whose.length === 0 ? "" : ` by ${listNames(whose, " or ")}`;
  return `into ${describePatterns(base)}${from}${by}${isForkAllowed ? "" : ", no forks"}`;
}

export function describePatterns(globs: readonly Glob[]): string {
  return globs.length === 0 ? "nothing" : listNames(globs.map(({ pattern }) => pattern));
}

export function listNames(names: readonly string[], joint = ", "): string {
  if (names.length === 0) return "nobody";
  return `${names.slice(0, NAMED).join(joint)}${names.length > NAMED ? ` and ${names.length - NAMED} more` : ""}`;
}

const UNITS = [
  ["w", 604_800_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
] as const;

/** As the config writes it: `24h`. */
export function printDuration(milliseconds: number): string {
  const [unit, length] = UNITS.find(([, each]) => milliseconds % each === 0) ?? ["m", 60_000];
  return `${milliseconds / length}${unit}`;
}

function printMoment(at = 0): string {
  return `${new Date(at).toISOString().slice(0, 16)}Z`;
}
