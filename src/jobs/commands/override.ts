import { refuseCommand, type PlanCommand } from "./command.ts";

export const planOverride: PlanCommand<"override"> = () =>
  Promise.resolve(refuseCommand("`override` is not available yet."));
