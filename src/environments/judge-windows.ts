import { openZoneClock, type EnvironmentRules, type RuleSet, type WindowRule } from "../config/index.ts";
import type { EnvironmentFacts, RuleResult } from "../model/index.ts";
import { isExcepted, readCalendar, type CalendarReading } from "./read-calendar.ts";
import { weighLabels } from "./weigh-labels.ts";

/** When changes of an environment may be merged, by its calendar. What is closed waits, and time opens it. */
export function judgeWindows(facts: EnvironmentFacts, { environments }: RuleSet): readonly RuleResult[] {
  return facts.changes.flatMap(({ environment }) => {
    const rules = environments.find(({ name }) => name === environment);
    return rules === undefined || rules.windows.length === 0 ? [] : [judge(rules, facts)];
  });
}

const LONGEST_TITLE = 45;

function judge(rules: EnvironmentRules, facts: EnvironmentFacts): RuleResult {
  const { name, windows } = rules;
  const { now } = facts;
  const { labels, remarks } = weighLabels(rules, facts);
  const result = { rule: "window", environment: name } as const;
  const calendar = read(windows, labels, now);
  if (calendar === undefined) {
    const says = "The calendar cannot be read, so it is not known whether changes may be merged now";
    return {
      ...{ ...result, state: "unknown", says, title: fit(name, "'s calendar cannot be read"), notes: [] },
      ...{ steps: ["Correct the windows in the configuration."], changesAt: undefined },
    };
  }
  const { isOpen, changesAt } = calendar;
  const notes = [...windows.flatMap((window) => describeException(window, labels, now)), ...remarks];
  if (isOpen) {
    return { ...result, state: "passed", says: sayOpen(calendar), title: "", steps: [], notes, changesAt };
  }
  return {
    ...{ ...result, state: "waiting", says: sayClosed(calendar), title: writeTitle(name, calendar), notes, changesAt },
    steps: listSteps(calendar),
  };
}

/** Undefined for a calendar that no config holds, and for one that takes more work than it may. */
function read(windows: readonly WindowRule[], labels: readonly string[], now: number): CalendarReading | undefined {
  try {
    return readCalendar(windows, labels, now);
  } catch {
    return undefined;
  }
}

function sayOpen({ until, by }: CalendarReading): string {
  if (until === undefined || by === undefined) return "Changes may be merged at any time";
  const why = by.effect === "deny" ? `, then "${by.name}" begins` : `, when "${by.name}" ends`;
  return `Changes may be merged until ${printTime(until, by)} (${by.timeZone})${why}`;
}

function sayClosed({ closing, until, by }: CalendarReading): string {
  const [first, ...others] = closing;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  const name = first === undefined ? "The calendar" : `"${first.name}"${more}`;
  const when =
    until === undefined || by === undefined ? "for more than a year" : `until ${printTime(until, by)} (${by.timeZone})`;
  const why = first?.reason === undefined ? "" : `: ${first.reason}`;
  return first?.effect === "allow"
    ? `Changes may be merged in ${name}, closed ${when}${why}`
    : `Frozen by ${name} ${when}${why}`;
}

function writeTitle(name: string, { closing, until, by }: CalendarReading): string {
  const state = closing[0]?.effect === "allow" ? "closed" : "frozen";
  return fit(
    name,
    until === undefined || by === undefined ? ` is ${state}` : ` is ${state} until ${printTime(until, by)}`,
  );
}

/** What is said of an environment, with as much of its name as the title has room for. */
function fit(name: string, says: string): string {
  const room = LONGEST_TITLE - says.length;
  return `${name.length > room ? `${name.slice(0, room - 1)}…` : name}${says}`;
}

function listSteps({ closing, until }: CalendarReading): readonly string[] {
  const labels = closing.map(({ exceptLabels }) => exceptLabels);
  const isExceptable = labels.length > 0 && labels.every((each) => each.length > 0);
  const named = [...new Set(labels.flatMap(([label]) => label ?? []))].join(" and ");
  return [
    ...(until === undefined ? [] : ["Wait: this check turns by itself."]),
    ...(isExceptable ? [`In an emergency, label the pull request ${named}.`] : []),
  ];
}

/** Told whenever a label lets a pull request pass, so that whoever approves it knows. */
function describeException(window: WindowRule, labels: readonly string[], now: number): readonly string[] {
  if (!isExcepted(window, labels) || read([window], [], now)?.isOpen === true) return [];
  return [`A label lets this pull request pass "${window.name}".`];
}

function printTime(at: number, { timeZone }: WindowRule): string {
  return openZoneClock(timeZone)?.print(at) ?? new Date(at).toISOString();
}
