import { refuseCommand, type PlanCommand } from "./command.ts";

export const planFreeze: PlanCommand<"freeze"> = () => Promise.resolve(refuseCommand("`freeze` is not available yet."));
