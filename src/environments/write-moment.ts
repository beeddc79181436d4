const MINUTE = 60_000;

/** In UTC, to the minute in which it is over: `2027-01-31 18:00 UTC`. */
export function writeMoment(at: number): string {
  const text = new Date(Math.ceil(at / MINUTE) * MINUTE).toISOString();
  return `${text.slice(0, 16).replace("T", " ")} UTC`;
}
