import { refuseCommand, type PlanCommand } from "./command.ts";

export const planUnapprove: PlanCommand<"unapprove"> = () =>
  Promise.resolve(refuseCommand("`unapprove` is not available yet."));
