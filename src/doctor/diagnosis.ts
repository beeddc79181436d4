/** `ok` and `advice` leave the exit status alone; a `problem` makes it 1. */
export type DiagnosisLevel = "ok" | "advice" | "problem";

export interface Diagnosis {
  /** Stands in docs/doctor.md as a heading. */
  readonly topic: Topic;
  readonly level: DiagnosisLevel;
  /** One plain sentence. */
  readonly sentence: string;
  /** What to do about it; undefined where nothing has to be done. */
  readonly remedy: string | undefined;
}

export const TOPICS = [
  "server",
  "database",
  "git",
  "clock",
  "app",
  "permissions",
  "events",
  "webhook",
  "deliveries",
  "pages",
  "installations",
  "gate",
  "bypass",
  "pull-request",
] as const;

export type Topic = (typeof TOPICS)[number];

export function ok(topic: Topic, sentence: string): Diagnosis {
  return { topic, level: "ok", sentence, remedy: undefined };
}

export function advice(topic: Topic, sentence: string, remedy: string): Diagnosis {
  return { topic, level: "advice", sentence, remedy };
}

export function problem(topic: Topic, sentence: string, remedy: string): Diagnosis {
  return { topic, level: "problem", sentence, remedy };
}

/** Where an App's owner changes it. */
export const APP_SETTINGS = "in the App's settings on GitHub";

/** Names shown of a long list. */
const SHOWN = 5;

/** `a`, `a and b`, `a, b, c, d, e and 7 more`. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN);
  const rest = names.length - shown.length;
  const parts = rest > 0 ? [...shown, `${rest} more`] : shown;
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1) ?? ""}`;
}

/** `1 task`, `2 tasks`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A time span in the unit that people would say it in. */
export function spanOf(seconds: number): string {
  if (seconds < 90) return countOf(Math.round(seconds), "second");
  if (seconds < 90 * 60) return countOf(Math.round(seconds / 60), "minute");
  if (seconds < 36 * 3600) return countOf(Math.round(seconds / 3600), "hour");
  return countOf(Math.round(seconds / 86_400), "day");
}
