import type { AppReport, Report } from "../model/index.ts";

/**
 * Whether there is nothing to tell on the pull request: it passes, and no app that it touches differs or fails. Checks
 * are written all the same; comment, review comments and labels are not.
 */
export function isQuietReport({ outcome, apps }: Report): boolean {
  return outcome.status === "passed" && !apps.some(isTouched);
}

/** Whether an app differs, or fails with inputs that the change touches. */
export function isTouched({ status, failure }: AppReport): boolean {
  return status !== "unchanged" && failure?.isTouched !== false;
}
