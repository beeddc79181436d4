export { planCommands, type AskedPlace, type PlannedCommands } from "./plan-commands.ts";
