import { refuseCommand, type PlanCommand } from "./command.ts";

export const planUnfreeze: PlanCommand<"unfreeze"> = () =>
  Promise.resolve(refuseCommand("`unfreeze` is not available yet."));
