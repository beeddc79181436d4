import { describeCommands } from "../../commands/index.ts";
import { describeMissing } from "../permissions.ts";
import type { PlanCommand } from "./command.ts";

export const planHelp: PlanCommand<"help"> = (_args, { permissions, config }) => {
  const says = describeCommands(config.commands.shortForms, describeMissing(permissions));
  return Promise.resolve({ kind: "planned", carryOut: () => Promise.resolve({ says, intents: [] }) });
};
