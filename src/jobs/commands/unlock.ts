import { refuseCommand, type PlanCommand } from "./command.ts";

export const planUnlock: PlanCommand<"unlock"> = () => Promise.resolve(refuseCommand("`unlock` is not available yet."));
