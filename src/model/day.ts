/** A day of UTC as exceptions are written with it, `2027-01-31`. */
const DAY = /^\d{4}-\d{2}-\d{2}$/u;

/** The moment at which a day of UTC is over, in milliseconds since the epoch; undefined where there is no such day. */
export function endOfDay(day: string): number | undefined {
  const start = DAY.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  // `Date` takes the 31st of February for the 3rd of March.
  if (Number.isNaN(start) || !new Date(start).toISOString().startsWith(day)) return undefined;
  return start + 24 * 3600 * 1000;
}
