import type { WrittenCheck } from "../model/index.ts";
import { CHECK_NAMES } from "../model/index.ts";

/**
 * How checks end that were in progress on a commit which is no pull request's head any more. Cancelled, and not neutral
 * or skipped: should the commit come back, nothing may be merged by it.
 */
export function abandonedChecks(): readonly WrittenCheck[] {
  return CHECK_NAMES.map((name) => ({
    name,
    state: "cancelled",
    title: "Not checked: no open pull request has this commit",
    summary:
      "Something newer was pushed, or the pull request was closed, before this commit was checked. Once a pull request has it again, it is checked anew.",
    text: "",
    annotations: [],
    page: undefined,
  }));
}
