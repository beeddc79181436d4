import type { PlanCommand } from "./command.ts";
import { planStop } from "./set-stop.ts";

/** Keeps this pull request from being merged until somebody lifts it. */
export const planHold: PlanCommand<"hold"> = ({ reason }, place, services) =>
  planStop({ kind: "hold", environment: undefined, until: undefined, reason }, place, services);
