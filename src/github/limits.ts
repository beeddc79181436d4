import { LimitedFault, type Fault } from "../model/index.ts";
import { mapFailure } from "./map-failure.ts";
import type { Answer } from "./send-request.ts";

/** Whose limits they are: an installation, or the App itself. */
export type Caller = number | "app";

/**
 * What GitHub has said about waiting, by caller. While it asks to be left alone nothing more is sent for that caller:
 * going on can end in a ban. In memory alone: another replica learns it from its own first answer.
 */
export interface Limits {
  /** Throws a LimitedFault while GitHub asks this caller to wait. */
  check(caller: Caller): void;
  /** Undefined for a success (2xx); else the fault that the answer stands for. */
  settle(caller: Caller, route: string, answer: Answer): Fault | undefined;
}

interface Pause {
  readonly until: number;
  readonly inARow: number;
}

export function createLimits(now: () => number, clockDrift: () => number): Limits {
  const pauses = new Map<Caller, Pause>();
  return {
    check: (caller) => {
      const pause = pauses.get(caller);
      if (pause !== undefined && pause.until > now()) {
        throw new LimitedFault("GitHub asked to wait, and the wait is not over", pause.until);
      }
    },
    settle: (caller, route, answer) => {
      if (answer.status >= 200 && answer.status < 300) {
        // Answers that were under way when GitHub asked to wait do not end the wait.
        if ((pauses.get(caller)?.until ?? 0) <= now()) pauses.delete(caller);
        return undefined;
      }
      const inARow = (pauses.get(caller)?.inARow ?? 0) + 1;
      const fault = mapFailure(answer, { route, now: now(), drift: clockDrift(), limitedInARow: inARow });
      if (fault instanceof LimitedFault) pauses.set(caller, { until: fault.retryAt, inARow });
      return fault;
    },
  };
}
