import type { PlanCommand } from "./command.ts";
import { planStop } from "./set-stop.ts";

/** Stops every change of an environment until whoever locked it, or an admin, unlocks it. */
export const planLock: PlanCommand<"lock"> = ({ environment, reason }, place, services) =>
  planStop({ kind: "lock", environment, until: undefined, reason }, place, services);
