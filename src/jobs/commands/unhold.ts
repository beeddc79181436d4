import type { PlanCommand } from "./command.ts";
import { planLift } from "./lift-stops.ts";
import { listOwnStops } from "./set-stop.ts";

/** Lifts the hold of this pull request, whoever set it. */
export const planUnhold: PlanCommand<"unhold"> = async (_args, place, services) => {
  const holds = await listOwnStops("hold", undefined, place, services);
  return planLift(holds, "This pull request is not held.", place, services);
};
