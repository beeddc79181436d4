/** The clocks of one time zone. Wall times are milliseconds as if they were UTC, so that days can be counted in them. */
export interface ZoneClock {
  readonly timeZone: string;
  toWall(instant: number): number;
  /** The first and the last moment that a wall time may mean: they differ where clocks are put forward or back. */
  toInstants(wall: number): { readonly earliest: number; readonly latest: number };
  /** `2026-12-01 08:00 CET`. */
  print(instant: number): string;
}

const DAY = 86_400_000;

/** Undefined for a name that is no time zone. */
export function openZoneClock(timeZone: string): ZoneClock | undefined {
  const format = openFormat("en-US", timeZone, WALL);
  if (format === undefined || !/^[A-Za-z]/.test(timeZone)) return undefined;
  const toWall = (instant: number): number => readWall(format, instant);
  const offsets = new Map<number, number>();
  /** Of moments that are asked for again and again: the ends of days. */
  const offsetAt = (instant: number): number => {
    const offset = offsets.get(instant) ?? toWall(instant) - instant;
    offsets.set(instant, offset);
    return offset;
  };
  const toInstants = (wall: number): { readonly earliest: number; readonly latest: number } => {
    const day = wall - (wall % DAY);
    // Far enough from it that no offset of the earth moves them beyond it, and near enough for one change between them.
    const candidates = [offsetAt(day - DAY), offsetAt(day + 2 * DAY)].map((offset) => wall - offset);
    const [first = wall, second = wall] = candidates;
    if (first === second) return { earliest: first, latest: first };
    const right = candidates.filter((instant) => toWall(instant) === wall);
    // A wall time that clocks jump over is as much the one before the jump as the one after it.
    const meant = right.length > 0 ? right : candidates;
    return { earliest: Math.min(...meant), latest: Math.max(...meant) };
  };
  const print = (instant: number): string => {
    const [date = "", time = ""] = new Date(toWall(instant)).toISOString().split("T");
    return `${date} ${time.slice(0, 5)} ${nameOffset(timeZone, instant)}`;
  };
  return { timeZone, toWall, toInstants, print };
}

const WALL: Intl.DateTimeFormatOptions = {
  ...{ calendar: "gregory", numberingSystem: "latn", hourCycle: "h23" },
  ...{ year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" },
};

function openFormat(
  locale: string,
  timeZone: string,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone });
  } catch {
    return undefined;
  }
}

function readWall(format: Intl.DateTimeFormat, instant: number): number {
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
}

/** English has names for offsets of its own countries alone, so two of them are asked: `EST`, `CET`, `UTC+5:30`. */
function nameOffset(timeZone: string, instant: number): string {
  const names = ["en-US", "en-GB"].flatMap((locale) => {
    const parts = openFormat(locale, timeZone, { timeZoneName: "short" })?.formatToParts(instant);
    return parts?.find(({ type }) => type === "timeZoneName")?.value ?? [];
  });
  return names.find((name) => !name.startsWith("GMT") || name === "GMT") ?? (names[0] ?? "").replace("GMT", "UTC");
}
