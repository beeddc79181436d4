import { scrubTokens } from "../model/index.ts";

/** One line about why something failed, for a log: bounded, and without anything that looks like a secret. */
export function describeCause(cause: unknown): string {
  const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : "an unknown cause";
  return scrubTokens(text).replaceAll(/\s+/gu, " ").slice(0, 500);
}
