import type { Report } from "../model/index.ts";

/**
 * Whether there is nothing to tell on the pull request: it passes, and no app that it touches differs or fails. Checks
 * are written all the same; comment, review comments and labels are not.
 */
export function isQuietReport({ outcome, apps }: Report): boolean {
  if (outcome.status !== "passed") return false;
  return apps.every(({ status, failure }) => status === "unchanged" || (status === "failed" && !failure?.isTouched));
}
