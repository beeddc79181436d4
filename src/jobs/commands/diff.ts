import { refuseCommand, type PlanCommand } from "./command.ts";

export const planDiff: PlanCommand<"diff"> = () => Promise.resolve(refuseCommand("`diff` is not available yet."));
