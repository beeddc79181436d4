import { Cron } from "croner";
import { MOST_BEGINNINGS_A_DAY, type ScheduleReading } from "./schedule.ts";

/** Some moment from which a schedule that begins at all is seen to. */
const REFERENCE = Date.UTC(2000, 0, 1);
const DAY = 86_400_000;
const SECOND = 1000;

/** Cron in five fields: minute, hour, day, month, weekday. Days of the month and weekdays are united, as cron does. */
export function openCron(text: string): ScheduleReading {
  const fields = text.trim().split(/\s+/);
  // What croner also reads is left out: seconds, names such as @daily, and `?`, which is the time that it reads it at.
  if (fields.length !== 5 || fields.some((field) => !/^[\dA-Za-z*,/#-]+$/.test(field))) {
    return { kind: "invalid", message: "cron has five fields: minute, hour, day, month, weekday" };
  }
  const cron = parseCron(fields.join(" "));
  if (typeof cron === "string") return { kind: "invalid", message: cron };
  const first = cron.nextRun(new Date(REFERENCE - SECOND))?.getTime();
  if (first === undefined) return { kind: "invalid", message: "this never begins" };
  const listBeginnings = (from: number, until: number): readonly number[] => listRuns(cron, from, until);
  if (listBeginnings(first, first - (first % DAY) + DAY).length > MOST_BEGINNINGS_A_DAY) {
    const message = `this begins more than ${MOST_BEGINNINGS_A_DAY} times a day; let it begin once and last longer`;
    return { kind: "invalid", message };
  }
  return { kind: "schedule", schedule: { listBeginnings } };
}

function parseCron(pattern: string): Cron | string {
  try {
    return new Cron(pattern, { mode: "5-part", timezone: "UTC" });
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^CronPattern: /, "") : "it is not cron";
    return `this is not readable as cron: ${why}`;
  }
}

function listRuns(cron: Cron, from: number, until: number): readonly number[] {
  const runs: number[] = [];
  let at = from - SECOND;
  for (;;) {
    const next = cron.nextRun(new Date(at))?.getTime();
    if (next === undefined || next >= until) return runs;
    if (next >= from) runs.push(next);
    at = next;
  }
}
