export { authorize, isMaintainer, type AskerFacts, type Authorization } from "./authorize.ts";
export { COMMANDS, type CommandName, type CommandRight, type CommandRow } from "./command-table.ts";
export { describeCommands } from "./describe-commands.ts";
export { mayHoldCommand, readCommands, type Command, type CommandReading } from "./read-commands.ts";
