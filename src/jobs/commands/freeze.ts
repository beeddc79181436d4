import { refuseCommand, type PlanCommand } from "./command.ts";
import { planStop } from "./set-stop.ts";

/** Milliseconds that a freeze lasts when its end is not said. */
const STANDARD = 24 * 3600_000;
const LONGEST = 366 * 24 * 3600_000;

/** Stops every change of an environment until a moment. */
export const planFreeze: PlanCommand<"freeze"> = async ({ environment, until: end, reason }, place, services) => {
  const now = services.now();
  const until = end?.kind === "at" ? end.moment : now + (end?.milliseconds ?? STANDARD);
  if (until <= now) return refuseCommand("that moment is over.");
  if (until > now + LONGEST) return refuseCommand("a freeze lasts at most a year.");
  return await planStop({ kind: "freeze", environment, until, reason }, place, services);
};
