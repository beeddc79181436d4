import { refuseCommand, type PlanCommand } from "./command.ts";

export const planUnhold: PlanCommand<"unhold"> = () => Promise.resolve(refuseCommand("`unhold` is not available yet."));
