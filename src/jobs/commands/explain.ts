import { refuseCommand, type PlanCommand } from "./command.ts";

export const planExplain: PlanCommand<"explain"> = () =>
  Promise.resolve(refuseCommand("`explain` is not available yet."));
