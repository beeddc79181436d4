import type { PlanCommand } from "./command.ts";
import { planLift } from "./lift-stops.ts";
import { listOwnStops } from "./set-stop.ts";

/** Ends the freezes of an environment that commands set; those of the server and the organisation are theirs. */
export const planUnfreeze: PlanCommand<"unfreeze"> = async ({ environment }, place, services) => {
  const freezes = await listOwnStops("freeze", environment, place, services);
  return planLift(freezes, `No command has frozen \`${environment}\`.`, place, services);
};
