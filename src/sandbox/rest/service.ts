import type { RateLimiter } from "../faults/index.ts";
import type { Handlers } from "../http/call.ts";
import { nameCaller } from "../http/serve-api.ts";

/** What GitHub says of itself: its limits, and its version on GitHub Enterprise Server. */
export function serviceHandlers(limiter: RateLimiter, enterpriseVersion: string | undefined): Handlers {
  return {
    "rate-limit/get": (call) => {
      const caller = nameCaller(call.caller);
      const core = readLimit(limiter, caller, "core");
      const search = { ...core, limit: 30, used: 0, remaining: 30 };
      const resources = { core, search, graphql: readLimit(limiter, caller, "graphql") };
      return { status: 200, body: { resources, rate: core } };
    },
    "meta/get": () => ({
      status: 200,
      body: {
        verifiable_password_authentication: false,
        ...(enterpriseVersion === undefined ? {} : { installed_version: enterpriseVersion }),
      },
    }),
  };
}

const HOUR = 3_600_000;

function readLimit(limiter: RateLimiter, caller: string, resource: "core" | "graphql") {
  const at = limiter.clock();
  const window = limiter.accounts.get(caller)?.windows.get(resource);
  const isCurrent = window !== undefined && window.resetAt > at;
  const limit = limiter.limits.requestsPerHour;
  const used = isCurrent ? window.used : 0;
  const resetAt = isCurrent ? window.resetAt : at + HOUR;
  return { limit, used, remaining: Math.max(0, limit - used), reset: Math.ceil(resetAt / 1000) };
}
