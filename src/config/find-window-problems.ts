import { nearestName } from "./nearest-name.ts";
import { openSchedule } from "./open-window.ts";
import { zoneOfRrule } from "./rrule-schedule.ts";
import { openZoneClock } from "./zone-clock.ts";

interface WindowKeys {
  readonly cron?: string | undefined;
  readonly rrule?: string | undefined;
  readonly from?: number | undefined;
  readonly until?: number | undefined;
  readonly duration?: number | undefined;
  readonly timeZone?: string | undefined;
}

export interface WindowProblem {
  readonly key: keyof WindowKeys;
  readonly message: string;
}

/** A year, so that a beginning that still counts is never far. */
const LONGEST = 366 * 86_400_000;

/** What keeps a window from being one: its keys do not go together, or name a zone or a schedule that there is none of. */
export function findWindowProblems(window: WindowKeys): readonly WindowProblem[] {
  return [...findKeyProblems(window), ...findTimeProblems(window)];
}

function findKeyProblems({ cron, rrule, from, until, duration }: WindowKeys): readonly WindowProblem[] {
  const isFixed = from !== undefined || until !== undefined;
  const kinds = [cron !== undefined, rrule !== undefined, isFixed].filter(Boolean).length;
  if (kinds !== 1) {
    const key = kinds === 0 ? "cron" : cron !== undefined ? "cron" : "rrule";
    return [{ key, message: "a window has one of cron, rrule, or from and until" }];
  }
  if (!isFixed) {
    if (duration === undefined) return [{ key: "duration", message: "a schedule needs a duration" }];
    return duration > 0 && duration <= LONGEST ? [] : [{ key: "duration", message: "this has to be 1m to 366d" }];
  }
  if (duration !== undefined) return [{ key: "duration", message: "from and until say how long it lasts" }];
  if (from === undefined || until === undefined) {
    return [
      from === undefined
        ? { key: "from", message: "this key is missing" }
        : { key: "until", message: "this key is missing" },
    ];
  }
  return until > from ? [] : [{ key: "until", message: "it ends before it begins" }];
}

function findTimeProblems({ cron, rrule, timeZone }: WindowKeys): readonly WindowProblem[] {
  const zone = timeZone ?? zoneOfRrule(rrule ?? "") ?? "UTC";
  if (openZoneClock(zone) === undefined) {
    const nearest = nearestName(zone, Intl.supportedValuesOf("timeZone"));
    const hint = nearest === undefined ? "use an IANA name such as Europe/Berlin" : `did you mean ${nearest}?`;
    return [{ key: timeZone === undefined ? "rrule" : "timeZone", message: `this is no time zone; ${hint}` }];
  }
  const readings = [
    ...(cron === undefined
      ? []
      : [{ key: "cron", reading: openSchedule({ kind: "cron", text: cron }, zone) } as const]),
    ...(rrule === undefined
      ? []
      : [{ key: "rrule", reading: openSchedule({ kind: "rrule", text: rrule }, zone) } as const]),
  ];
  return readings.flatMap(({ key, reading }) =>
    reading.kind === "invalid" ? [{ key, message: reading.message }] : [],
  );
}
