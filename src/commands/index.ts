export {
  authorize,
  isMaintainer,
  listTeams,
  type AskerFacts,
  type Authorization,
  type Membership,
  type Requirement,
} from "./authorize.ts";
export { COMMANDS, type CommandBearing, type CommandRight, type CommandRow } from "./command-table.ts";
export { describeCommands, describeUse } from "./describe-commands.ts";
export { findEnvironmentProblem, findRequirement, type CommandConfig } from "./find-requirement.ts";
export { mayHoldCommand, readCommands, type CommandReading } from "./read-commands.ts";
export { findReasonProblem, readEnd } from "./read-arguments.ts";
