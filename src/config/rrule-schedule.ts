import { RRuleTemporal } from "rrule-temporal";
import { MOST_BEGINNINGS_A_DAY, type Schedule, type ScheduleReading } from "./schedule.ts";
import { openZoneClock } from "./zone-clock.ts";

/** Periods, or candidates in them, that are looked at for one answer. */
const MOST_STEPS = 4000;
const MOST_COUNTED = 100;

type IsValue = (text: string) => boolean;

const matching =
  (pattern: RegExp): IsValue =>
  (text) =>
    pattern.test(text);

/** A list of numbers from `min` to `max`; signed ones count from the end as well. */
const numbers =
  (min: number, max: number, isSigned = false): IsValue =>
  (text) =>
    text.split(",").every((item) => {
      const digits = isSigned ? item.replace(/^[+-]/, "") : item;
      return /^\d{1,3}$/.test(digits) && Number(digits) >= min && Number(digits) <= max;
    });

const WEEKDAY = "(?:MO|TU|WE|TH|FR|SA|SU)";
const NTH_WEEKDAY = `(?:[+-]?[1-9]\\d?)?${WEEKDAY}`;

/** What a rule may say. The library drops what it does not understand, which would be another rule. */
const PARTS: ReadonlyMap<string, IsValue> = new Map([
  ["FREQ", matching(/^(?:DAILY|WEEKLY|MONTHLY|YEARLY)$/)],
  ["INTERVAL", matching(/^[1-9]\d{0,2}$/)],
  ["COUNT", matching(/^[1-9]\d{0,2}$/)],
  ["UNTIL", matching(/^\d{8}(?:T\d{6}Z?)?$/)],
  ["WKST", matching(new RegExp(`^${WEEKDAY}$`))],
  ["BYMONTH", numbers(1, 12)],
  ["BYMONTHDAY", numbers(1, 31, true)],
  ["BYYEARDAY", numbers(1, 366, true)],
  ["BYWEEKNO", numbers(1, 53, true)],
  ["BYDAY", matching(new RegExp(`^${NTH_WEEKDAY}(?:,${NTH_WEEKDAY})*$`))],
  ["BYHOUR", numbers(0, 23)],
  ["BYMINUTE", numbers(0, 59)],
  ["BYSETPOS", numbers(1, 366, true)],
]);

const START = /^DTSTART(?:;VALUE=DATE)?(?:;TZID=([A-Za-z][\w+/-]{0,63}))?:(\d{8}(?:T\d{6})?)(Z?)$/;

/** The zone that a rule itself names in DTSTART; undefined where it names none. */
export function zoneOfRrule(text: string): string | undefined {
  const [, zone, , utc] = START.exec(text.trim().split(/\s+/)[0] ?? "") ?? [];
  return utc === "Z" ? "UTC" : zone;
}

/** `DTSTART;TZID=Europe/Berlin:20261201T080000 RRULE:FREQ=YEARLY`, as RFC 5545 has it. It begins daily at most. */
export function openRrule(text: string, timeZone: string): ScheduleReading {
  const [start = "", rule = "", ...rest] = text.trim().split(/\s+/);
  const [, , begin = ""] = START.exec(start) ?? [];
  if (begin === "" || !rule.startsWith("RRULE:") || rest.length > 0) {
    return invalid("this has to be DTSTART:20261201T080000 RRULE:FREQ=…, joined by a space, and nothing else");
  }
  const zone = zoneOfRrule(text);
  if (zone !== undefined && zone !== timeZone) return invalid(`DTSTART is in ${zone}, timeZone is ${timeZone}`);
  const parts = readParts(rule.slice("RRULE:".length));
  if (typeof parts === "string") return invalid(parts);
  const wall = readDateTime(begin, "T000000");
  const until = readUntil(parts.get("UNTIL"), timeZone);
  if (wall === undefined || until === "invalid") return invalid("there is no such day or time");
  if (wall < Date.UTC(1970) || wall > Date.UTC(2199)) return invalid("DTSTART has to be in 1970 to 2199");
  if (until !== undefined) parts.set("UNTIL", printDateTime(until));
  return openParts(parts, wall);
}

function invalid(message: string): ScheduleReading {
  return { kind: "invalid", message };
}

function readParts(text: string): Map<string, string> | string {
  const parts = new Map<string, string>();
  for (const part of text.split(";")) {
    const [, name = "", value = ""] = /^([A-Z]+)=(.+)$/.exec(part) ?? [];
    const isValue = PARTS.get(name);
    if (isValue === undefined) return `a part of the rule is not known here; known are ${[...PARTS.keys()].join(", ")}`;
    if (parts.has(name)) return `${name} is there twice`;
    if (!isValue(value)) return `${name} has a value that it cannot have here`;
    parts.set(name, value);
  }
  if (!parts.has("FREQ")) return "the rule needs FREQ: DAILY, WEEKLY, MONTHLY or YEARLY";
  if (Number(parts.get("COUNT") ?? 0) > MOST_COUNTED) return `COUNT may be ${MOST_COUNTED} at most; use UNTIL`;
  const timesOf = (name: string): number => parts.get(name)?.split(",").length ?? 1;
  if (timesOf("BYHOUR") * timesOf("BYMINUTE") > MOST_BEGINNINGS_A_DAY) {
    return `this begins more than ${MOST_BEGINNINGS_A_DAY} times a day; let it begin once and last longer`;
  }
  return parts;
}

/** Wall time of `20261201T080000`; undefined for a day or a time that no calendar has. */
function readDateTime(text: string, time: string): number | undefined {
  const full = text.length === 8 ? `${text}${time}` : text;
  const iso = full.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)$/, "$1-$2-$3T$4:$5:$6.000Z");
  const wall = Date.parse(iso);
  return !Number.isNaN(wall) && new Date(wall).toISOString() === iso ? wall : undefined;
}

function printDateTime(wall: number): string {
  return new Date(wall).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
}

/** RFC 5545 has UNTIL in UTC; as wall time of the zone here. A day is meant to its end. */
function readUntil(text: string | undefined, timeZone: string): number | undefined | "invalid" {
  if (text === undefined) return undefined;
  const time = readDateTime(text.replace("Z", ""), "T235959");
  if (time === undefined) return "invalid";
  return text.endsWith("Z") ? (openZoneClock(timeZone)?.toWall(time) ?? "invalid") : time;
}

/** Expanded as if in UTC: what clocks do to a beginning is for `ZoneClock` to say, for cron and rules alike. */
function openParts(parts: ReadonlyMap<string, string>, start: number): ScheduleReading {
  const rule = [...parts].map(([name, value]) => `${name}=${value}`).join(";");
  try {
    const rrule = new RRuleTemporal({
      rruleString: `DTSTART:${printDateTime(start)}\nRRULE:${rule}`,
      ...{ maxIterations: MOST_STEPS, maxCandidateEvaluations: MOST_STEPS, strict: true },
    });
    const first = rrule.next(new Date(start), true);
    if (first === null) return invalid("this never begins");
    return { kind: "schedule", schedule: parts.has("COUNT") ? listCounted(rrule) : listEndless(rrule) };
  } catch {
    return invalid("this never begins, begins too rarely to be found, or joins parts that RFC 5545 does not join");
  }
}

function listEndless(rrule: RRuleTemporal): Schedule {
  return {
    listBeginnings: (from, until) =>
      rrule
        .between(new Date(from), new Date(until), true)
        .map(({ epochMilliseconds }) => epochMilliseconds)
        .filter((at) => at < until),
  };
}

/** Counting begins at DTSTART each time, so all of them are listed once. */
function listCounted(rrule: RRuleTemporal): Schedule {
  let all: readonly number[] | undefined;
  return {
    listBeginnings: (from, until) => {
      all ??= rrule.all().map(({ epochMilliseconds }) => epochMilliseconds);
      return all.filter((at) => at >= from && at < until);
    },
  };
}
