import { refuseCommand, type PlanCommand } from "./command.ts";

export const planLock: PlanCommand<"lock"> = () => Promise.resolve(refuseCommand("`lock` is not available yet."));
