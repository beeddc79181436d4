import { AccessLostFault, Fault, LimitedFault, RefusedFault, scrubTokens, type AccessLoss } from "../model/index.ts";
import type { Answer } from "./send-request.ts";

export interface FailureFacts {
  readonly route: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Milliseconds that GitHub's clock is ahead of ours. */
  readonly drift: number;
  /** How often in a row GitHub has asked this caller to wait, this time included. */
  readonly limitedInARow: number;
}

/** Milliseconds: what GitHub asks for when it names no time, and the longest that is waited for one answer. */
const LEAST_WAIT = 60_000;
const LONGEST_GUESS = 30 * 60_000;
const LONGEST_WAIT = 6 * 3_600_000;

/**
 * What only the text of a 403 tells. Everything else is told by status and headers.
 *
 * | text | source |
 * |---|---|
 * | secondary rate limit | docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit |
 * | abuse detection | what GitHub Enterprise Server and older answers call the same (probot's and octokit's throttling plugins) |
 * | not accessible by integration | docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#resource-not-accessible |
 * | suspended | docs.github.com/en/apps/maintaining-github-apps/suspending-a-github-app-installation; "This installation has been suspended" |
 * | archived | "Repository was archived so is read-only.", octokit/rest.js and peter-evans/create-pull-request threads |
 * | locked | "Unable to create comment because issue is locked.", docs.github.com/en/rest/issues/comments |
 */
const TEXTS: readonly (readonly [RegExp, "limited" | "refused" | AccessLoss])[] = [
  [/secondary rate limit|abuse detection/iu, "limited"],
  [/\bsuspended\b/iu, "suspended"],
  [/\barchived\b/iu, "archived"],
  [/is locked/iu, "refused"],
  [/not accessible by integration/iu, "permission"],
];

/** A merge is refused with 405, and with 409 when the head is another one: neither is to be tried again blindly. */
export const MERGE_ROUTE = "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge";

/**
 * The fault that an answer which is no success stands for: one place for all of GitHub's ways to say no. A 401 is not
 * known here: it means one thing for a token and another for the App's key.
 */
export function mapFailure(answer: Answer, facts: FailureFacts): Fault {
  const { status } = answer;
  const said = wordsOf(answer);
  const message = `GitHub answered ${facts.route} with ${status}${said === "" ? "" : `: ${said}`}`;
  if (status === 429 || (status === 403 && isLimited(answer, said))) {
    return new LimitedFault(message, retryAt(answer, facts));
  }
  if (status === 403) return mapForbidden(answer, said, message);
  if (status === 404 || status === 410 || status === 451 || (status >= 300 && status < 400)) {
    return new AccessLostFault("not-found", message);
  }
  if (status === 422 || status === 400 || status === 413) return new RefusedFault(message);
  if (facts.route === MERGE_ROUTE && (status === 405 || status === 409)) return new RefusedFault(message);
  return new Fault(message, { isRetryable: status >= 500 || status === 408 || status === 409 || status === 425 });
}

function isLimited({ headers }: Answer, said: string): boolean {
  const isTold = headers["retry-after"] !== undefined || headers["x-ratelimit-remaining"] === "0";
  return isTold || meaningOf(said) === "limited";
}

function meaningOf(said: string): (typeof TEXTS)[number][1] | undefined {
  return TEXTS.find(([text]) => text.test(said))?.[1];
}

function mapForbidden(answer: Answer, said: string, message: string): Fault {
  const meaning = meaningOf(said) ?? "permission";
  if (meaning === "refused") return new RefusedFault(message);
  if (meaning !== "permission" && meaning !== "limited") return new AccessLostFault(meaning, message);
  const permission = namePermission(answer.headers["x-accepted-github-permissions"]);
  return new AccessLostFault("permission", message, permission === undefined ? {} : { permission });
}

/** `checks=write` or `issues=write; pull_requests=write`: alternatives, of which the first is named. */
function namePermission(header: string | undefined): string | undefined {
  return /^\s*([a-z_]{1,60})=/u.exec(header ?? "")?.[1];
}

/**
 * When to come back: GitHub's own word, `retry-after` before the reset of the limit, else a minute that doubles with
 * each time in a row. The reset is a moment of GitHub's clock.
 */
function retryAt({ headers }: Answer, { now, drift, limitedInARow }: FailureFacts): number {
  const seconds = Number(headers["retry-after"] ?? "x");
  const reset = Number(headers["x-ratelimit-reset"] ?? "x");
  const guess = Math.min(LEAST_WAIT * 2 ** Math.max(0, limitedInARow - 1), LONGEST_GUESS);
  let wait = guess;
  if (Number.isFinite(seconds)) wait = Math.max(seconds * 1000, 1000);
  else if (headers["x-ratelimit-remaining"] === "0" && Number.isFinite(reset)) {
    wait = Math.max(reset * 1000 - drift - now + 1000, 1000);
  }
  return now + Math.min(wait, LONGEST_WAIT);
}

/** GitHub's own short words about what is wrong, without anything secret, on one line. */
function wordsOf({ body }: Answer): string {
  if (typeof body !== "object" || body === null) return "";
  const parts = [textOf(body, "message")];
  const errors = "errors" in body && Array.isArray(body.errors) ? (body.errors as unknown[]).slice(0, 5) : [];
  for (const error of errors) {
    if (typeof error === "string") parts.push(error);
    else if (typeof error === "object" && error !== null) {
      parts.push(
        ["resource", "field", "code", "message"]
          .map((key) => textOf(error, key))
          .filter(Boolean)
          .join(" "),
      );
    }
  }
  const words = parts.filter((part) => part !== "").map((part) => part.slice(0, 200));
  return scrubTokens(
    words
      .join("; ")
      .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ")
      .trim(),
  ).slice(0, 500);
}

function textOf(value: object, key: string): string {
  const text: unknown = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  return typeof text === "string" ? text : "";
}
