import { refuseCommand, type PlanCommand } from "./command.ts";

export const planHold: PlanCommand<"hold"> = () => Promise.resolve(refuseCommand("`hold` is not available yet."));
