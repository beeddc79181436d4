/** When windows begin, in wall time of their zone (`ZoneClock`). */
export interface Schedule {
  /** Beginnings in [from, until), sorted. Work is bounded for a range of a month; throws when a rule exceeds it. */
  listBeginnings(from: number, until: number): readonly number[];
}

export type ScheduleReading =
  { readonly kind: "schedule"; readonly schedule: Schedule } | { readonly kind: "invalid"; readonly message: string };

/** Of one window; more would be a longer window that begins once. What bounds the work for one that comes from a file. */
export const MOST_BEGINNINGS_A_DAY = 24;
