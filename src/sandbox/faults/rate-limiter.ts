/** GitHub's limits, by its documentation: "Rate limits for the REST API". */
export interface Limits {
  readonly requestsPerHour: number;
  /** Reading costs one point, writing five. */
  readonly pointsPerMinute: number;
  readonly graphqlPointsPerMinute: number;
  readonly creationsPerMinute: number;
  readonly creationsPerHour: number;
  readonly concurrent: number;
  /** The status that an exceeded limit is answered with. */
  readonly status: 403 | 429;
  /** Whether a secondary limit says in `retry-after` how long to wait; GitHub does not always. */
  readonly saysRetryAfter: boolean;
}

export const GITHUB_LIMITS: Limits = {
  requestsPerHour: 5000,
  pointsPerMinute: 900,
  graphqlPointsPerMinute: 2000,
  creationsPerMinute: 80,
  creationsPerHour: 500,
  concurrent: 100,
  status: 403,
  saysRetryAfter: true,
};

/** What one request costs, and whom. */
export interface Cost {
  /** Whose limit it is: an installation, an App, a person or an address. */
  readonly caller: string;
  readonly isWrite: boolean;
  readonly isGraphql: boolean;
  /** Comments, reviews, issues, pull requests and the like. */
  readonly createsContent: boolean;
}

export interface LimitRefusal {
  readonly kind: "refused";
  readonly limit: "primary" | "secondary";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly message: string;
}

export type Admission =
  | {
      readonly kind: "admitted";
      /** To be called once, when the answer is known; gives the headers to send with it. 304 costs nothing. */
      readonly finish: (status: number) => Readonly<Record<string, string>>;
    }
  | LimitRefusal;

interface Window {
  /** Milliseconds since the epoch. */
  resetAt: number;
  used: number;
}

interface Account {
  readonly windows: Map<"core" | "graphql", Window>;
  /** Requests of the last hour, oldest first. */
  recent: { readonly at: number; readonly points: number; readonly isGraphql: boolean; readonly isCreation: boolean }[];
  running: number;
  /** Until when a secondary limit holds, whatever is asked. */
  blockedUntil: number;
}

export interface RateLimiter {
  readonly clock: () => number;
  /** May be replaced while it runs. */
  limits: Limits;
  readonly accounts: Map<string, Account>;
  /** Every refusal: a client that keeps to the limits has none. */
  readonly refusals: { readonly at: number; readonly caller: string; readonly limit: "primary" | "secondary" }[];
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export function createRateLimiter(clock: () => number, limits: Partial<Limits> = {}): RateLimiter {
  return { clock, limits: { ...GITHUB_LIMITS, ...limits }, accounts: new Map(), refusals: [] };
}

/** Decides whether a request may go on. An admitted one has to be finished. */
export function admitRequest(limiter: RateLimiter, cost: Cost): Admission {
  const at = limiter.clock();
  const account = accountOf(limiter, cost.caller);
  account.recent = account.recent.filter((request) => request.at > at - HOUR);
  const window = windowOf(account, cost, at);
  const limit = exceededLimit(limiter.limits, account, window, cost, at);
  if (limit !== undefined) return refuse(limiter, account, window, cost, limit);
  const points = cost.isWrite ? 5 : 1;
  account.recent.push({ at, points, isGraphql: cost.isGraphql, isCreation: cost.createsContent });
  account.running += 1;
  window.used += 1;
  return {
    kind: "admitted",
    finish: (status) => {
      account.running -= 1;
      if (status === 304) window.used -= 1;
      return limitHeaders(limiter.limits, window, cost);
    },
  };
}

/** Uses up what a caller has left of its hour. */
export function exhaustLimit(limiter: RateLimiter, caller: string, resetAt: number): void {
  accountOf(limiter, caller).windows.set("core", { resetAt, used: limiter.limits.requestsPerHour });
}

/** Lets every request of a caller meet a secondary limit until a moment (milliseconds since the epoch). */
export function blockCaller(limiter: RateLimiter, caller: string, until: number): void {
  accountOf(limiter, caller).blockedUntil = until;
}

function accountOf(limiter: RateLimiter, caller: string): Account {
  const known = limiter.accounts.get(caller);
  if (known !== undefined) return known;
  const account: Account = { windows: new Map(), recent: [], running: 0, blockedUntil: 0 };
  limiter.accounts.set(caller, account);
  return account;
}

function windowOf(account: Account, cost: Cost, at: number): Window {
  const resource = cost.isGraphql ? "graphql" : "core";
  const current = account.windows.get(resource);
  if (current !== undefined && current.resetAt > at) return current;
  const window = { resetAt: at + HOUR, used: 0 };
  account.windows.set(resource, window);
  return window;
}

function exceededLimit(
  limits: Limits,
  account: Account,
  window: Window,
  cost: Cost,
  at: number,
): LimitRefusal["limit"] | undefined {
  if (window.used >= limits.requestsPerHour) return "primary";
  const minute = account.recent.filter((request) => request.at > at - MINUTE);
  const points = minute
    .filter(({ isGraphql }) => isGraphql === cost.isGraphql)
    .reduce((sum, request) => sum + request.points, cost.isWrite ? 5 : 1);
  const most = cost.isGraphql ? limits.graphqlPointsPerMinute : limits.pointsPerMinute;
  const isCreation = (request: { readonly isCreation: boolean }): boolean => request.isCreation;
  const hasCreatedEnough =
    cost.createsContent &&
    (minute.filter(isCreation).length >= limits.creationsPerMinute ||
      account.recent.filter(isCreation).length >= limits.creationsPerHour);
  const isOver = account.blockedUntil > at || account.running >= limits.concurrent || points > most;
  return isOver || hasCreatedEnough ? "secondary" : undefined;
}

function refuse(
  limiter: RateLimiter,
  account: Account,
  window: Window,
  cost: Cost,
  limit: LimitRefusal["limit"],
): LimitRefusal {
  const at = limiter.clock();
  const { limits } = limiter;
  limiter.refusals.push({ at, caller: cost.caller, limit });
  const headers = limitHeaders(limits, window, cost);
  if (limit === "primary") {
    return {
      kind: "refused",
      limit,
      status: limits.status,
      headers,
      message: `API rate limit exceeded for ${cost.caller}.`,
    };
  }
  const seconds = Math.ceil(Math.max(account.blockedUntil - at, MINUTE) / SECOND);
  return {
    kind: "refused",
    limit,
    status: limits.status,
    headers: limits.saysRetryAfter ? { ...headers, "retry-after": String(seconds) } : headers,
    message:
      "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. " +
      "If you reach out to GitHub Support for help, please include the request ID.",
  };
}

function limitHeaders(limits: Limits, window: Window, cost: Cost): Readonly<Record<string, string>> {
  return {
    "x-ratelimit-limit": String(limits.requestsPerHour),
    "x-ratelimit-remaining": String(Math.max(0, limits.requestsPerHour - window.used)),
    "x-ratelimit-used": String(window.used),
    "x-ratelimit-reset": String(Math.ceil(window.resetAt / SECOND)),
    "x-ratelimit-resource": cost.isGraphql ? "graphql" : "core",
  };
}
