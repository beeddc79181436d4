import { openCron } from "./cron-schedule.ts";
import type { WindowRule } from "./environment-rules.ts";
import { openRrule } from "./rrule-schedule.ts";
import type { Schedule, ScheduleReading } from "./schedule.ts";
import { openZoneClock, type ZoneClock } from "./zone-clock.ts";

/** One time that a window lasts: from `from`, up to but not including `until`. Epoch milliseconds. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** The times that a window lasts. */
export interface OpenWindow {
  /** The span that holds a moment; of several, the one that ends last. */
  findSpan(at: number): Span | undefined;
  /** Those that begin after `from` and not after `until`, sorted by their beginnings. For ranges of about a month. */
  listSpans(from: number, until: number): readonly Span[];
}

const DAY = 86_400_000;
/** No clocks have been put further than this. */
const SLACK = 2 * DAY;
const STEP = 30 * DAY;

export function openSchedule({ kind, text }: NonNullable<WindowRule["schedule"]>, timeZone: string): ScheduleReading {
  return kind === "cron" ? openCron(text) : openRrule(text, timeZone);
}

/**
 * The window of a rule. Its beginnings and ends are wall times of its zone; where clocks are put forward or back and
 * such a time is missing or there twice, the stricter counts: a deny window is longer, an allow window shorter.
 * Undefined for what no config holds: a schedule or a zone that cannot be read.
 */
export function openWindow(rule: WindowRule): OpenWindow | undefined {
  if (rule.fixed !== undefined) return openFixed(rule.fixed);
  const clock = openZoneClock(rule.timeZone);
  const reading = rule.schedule === undefined ? undefined : openSchedule(rule.schedule, rule.timeZone);
  if (clock === undefined || reading?.kind !== "schedule") return undefined;
  return openRecurring(rule, reading.schedule, clock);
}

function openFixed(span: Span): OpenWindow {
  return {
    findSpan: (at) => (holds(span, at) ? span : undefined),
    listSpans: (from, until) => (span.from > from && span.from <= until ? [span] : []),
  };
}

function openRecurring({ effect, duration }: WindowRule, schedule: Schedule, clock: ZoneClock): OpenWindow {
  const toSpan = (wall: number): Span => {
    const [begin, end] = [clock.toInstants(wall), clock.toInstants(wall + duration)];
    return effect === "deny"
      ? { from: begin.earliest, until: end.latest }
      : { from: begin.latest, until: end.earliest };
  };
  const list = (from: number, until: number): readonly Span[] =>
    schedule
      .listBeginnings(from, until)
      .map(toSpan)
      .filter((span) => span.from < span.until);
  return {
    findSpan: (at) => {
      const now = clock.toWall(at);
      // All last equally long, so that the last one to begin is the last one to end.
      for (let end = now + SLACK; end > now - duration - SLACK; end -= STEP) {
        const found = list(end - STEP, end).findLast((span) => holds(span, at));
        if (found !== undefined) return found;
      }
      return undefined;
    },
    listSpans: (from, until) =>
      list(clock.toWall(from) - SLACK, clock.toWall(until) + SLACK)
        .filter((span) => span.from > from && span.from <= until)
        .toSorted((left, right) => left.from - right.from),
  };
}

function holds({ from, until }: Span, at: number): boolean {
  return from <= at && at < until;
}
