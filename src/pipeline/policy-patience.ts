import type { PolicyPatience } from "./policy-ports.ts";

/** Gives each policy set so many seconds of calls in which something could not be judged, in all apps together. */
export function createPatience(seconds: number): PolicyPatience {
  const spent = new Map<string, number>();
  return {
    isOver: (set) => (spent.get(set) ?? 0) >= seconds * 1000,
    spend: (set, milliseconds) => void spent.set(set, (spent.get(set) ?? 0) + milliseconds),
  };
}
